"""Making and upgrading the tables, and copying them."""

from pathlib import Path

import pytest
from alembic import command

from triage.errors import StoreOutdated
from triage.store import Store
from triage.store.upgrade import check_version, configuration, upgrade


def test_the_migrations_make_exactly_the_tables_that_the_code_defines(store: Store) -> None:
    with store.begin() as tx:
        command.check(configuration(tx))


def test_an_empty_database_is_outdated_until_it_is_upgraded(tmp_path: Path) -> None:
    fresh = Store(f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(StoreOutdated, match="triage upgrade"):
        check_version(fresh)
    upgrade(fresh)
    check_version(fresh)
    fresh.close()
