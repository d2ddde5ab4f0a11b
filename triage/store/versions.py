"""Whether the tables are those of this version: every command asks, so it must cost nothing."""

from functools import cache
from pathlib import Path

from sqlalchemy import text

from triage.errors import StoreOutdated
from triage.store import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def check_version(store: Store) -> None:
    """Return if the tables are of this version; raises `StoreOutdated` otherwise."""
    with store.read() as tx:
        found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found and found not in all_versions():
        raise StoreOutdated(f"the store is of a newer version ({found}): install the Triage that made it, or newer")
    if found != all_versions()[-1]:
        raise StoreOutdated(
            f"the store is of version {found or 0}, this Triage needs {all_versions()[-1]}: `triage upgrade`"
        )


@cache
def all_versions() -> tuple[str, ...]:
    """Return every version there ever was, oldest first: a migration's file begins with its own."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))
