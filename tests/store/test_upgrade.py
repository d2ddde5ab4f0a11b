"""Making and upgrading the tables, and copying the store while it is in use."""

import os
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from builders import NOW
from sqlalchemy import insert, inspect, text
from sqlalchemy.engine import URL
from stores import PostgresServer

from triage.case import Role
from triage.errors import ConfigError, StoreDown, StoreOutdated
from triage.store import Store, engine, tables, tally, tokens, upgrade
from triage.store.upgrade import backup, configuration
from triage.store.versions import all_versions, check_version


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)", "CREATE DATABASE empty")
    return server.url("empty")


def test_the_migrations_make_exactly_the_tables_that_the_code_defines(store: Store) -> None:
    with store.begin() as tx:
        command.check(configuration(tx))


def test_an_empty_database_is_outdated_until_it_is_upgraded(empty: str) -> None:
    store = Store(empty)
    with pytest.raises(StoreOutdated, match="triage upgrade"):
        check_version(store)
    upgrade.upgrade(store)
    check_version(store)
    upgrade.upgrade(store)
    check_version(store)
    store.close()


def _impatient(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a PostgreSQL store that gives no statement and no lock more than a second."""
    monkeypatch.setattr(engine, "LONGEST_WAIT", 1)
    monkeypatch.setattr(upgrade, "LONGEST_WAIT", 1)
    return Store(store.url.render_as_string(hide_password=False))


def test_changing_a_big_table_may_take_longer_than_a_statement_of_every_day(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(config: Config, _: str) -> None:
        config.attributes["connection"].execute(text("SELECT pg_sleep(1.5)"))

    impatient = _impatient(postgres_store, monkeypatch)
    monkeypatch.setattr(upgrade.command, "upgrade", slow)
    upgrade.upgrade(impatient)
    impatient.close()


def test_an_upgrade_does_not_wait_for_ever_for_who_uses_the_tables(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = _impatient(postgres_store, monkeypatch)
    with postgres_store.begin() as tx:
        tx.execute(text("LOCK TABLE alembic_version"))
        with pytest.raises(StoreDown, match="lock"):
            upgrade.upgrade(impatient)
    impatient.close()


def test_tokens_of_before_have_no_more_than_their_users_role(empty: str) -> None:
    store = Store(empty)
    with store.begin() as tx:
        command.upgrade(configuration(tx), "0022")
        for user, role in ((1, 0), (2, 1), (3, 3)):
            name = f"user {user}"
            new = {"id": user, "name": name, "role": role, "password": "", "language": "", "disabled": False}
            tx.execute(insert(tables.users).values(new | {"created_at": NOW}))
            token = {"hash": bytes([user]), "user_id": user, "name": "x", "scope": 2, "created_at": NOW}
            tx.execute(insert(tables.tokens).values(token))
    upgrade.upgrade(store)
    with store.read() as tx:
        assert {(one.user, one.scope) for one in tokens.all(tx)} == {
            ("user 1", Role.READ_ONLY), ("user 2", Role.AGENT), ("user 3", Role.LEAD)
        }  # fmt: skip
    store.close()


def test_two_upgrades_at_the_same_time_are_one(empty: str) -> None:
    failed: list[BaseException] = []
    together = threading.Barrier(2)

    def run(store: Store) -> None:
        together.wait()
        try:
            upgrade.upgrade(store)
            check_version(store)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    stores = [Store(empty), Store(empty)]
    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert not failed


def test_an_upgrade_that_fails_half_way_leaves_nothing_behind(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.operations import Operations

    made, create = [], Operations.create_table

    def fifth_fails(self: Operations, *args: object, **options: object) -> object:
        made.append(args[0])
        if len(made) == 5:
            raise OSError("the power went out")
        return create(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Operations, "create_table", fifth_fails)
    store = Store(empty)
    with pytest.raises(OSError, match="power"):
        upgrade.upgrade(store)
    with store.read() as tx:
        assert inspect(tx).get_table_names() == []
    monkeypatch.undo()
    upgrade.upgrade(store)
    check_version(store)
    store.close()


def test_a_store_of_a_newer_version_is_not_touched(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreOutdated, match=r"newer version \(9999\)"):
        check_version(store)
    with pytest.raises(StoreOutdated, match="newer version"):
        upgrade.upgrade(store)
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = ''"))
    with pytest.raises(StoreOutdated, match="triage upgrade"):
        check_version(store)


def test_a_backup_made_while_a_writer_is_at_work_is_whole(sqlite_store: Store, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            sqlite_store.run(lambda tx: tally.add(tx, {"x": 1, "y": 1}))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup(sqlite_store, tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        copy = Store(f"sqlite:///{tmp_path}/{number}.db")
        check_version(copy)
        with copy.read() as tx:
            assert tx.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            figures = tally.all_of(tx)
        assert figures.get("x") == figures.get("y")
        copy.close()
        assert (tmp_path / f"{number}.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("folder", ["a#b", "a%20b", "a?b", "我们 的"])
def test_a_backup_is_made_of_the_store_that_is_meant_wherever_it_lies(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    store = Store(URL.create("sqlite", database=str(place / "triage.db")).render_as_string())
    upgrade.upgrade(store)
    with store.begin() as tx:
        tally.add(tx, {"kept": 7})
    backup(store, place / "copy.db")
    store.close()
    with closing(sqlite3.connect(place / "copy.db")) as copy:
        assert copy.execute("SELECT value FROM counters WHERE name = 'kept'").fetchone() == (7,)


def test_a_dump_of_postgresql_can_be_restored(
    postgres_store: Store, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    postgres_store.run(lambda tx: tally.add(tx, {"x": 1}))
    target = tmp_path / "triage.dump"
    target.write_text("the backup of yesterday")
    backup(postgres_store, target)
    assert target.stat().st_mode & 0o777 == 0o600
    postgres_server.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)", "CREATE DATABASE restored")
    address = f"host={postgres_server.folder} user=postgres dbname=restored"
    program = Path(upgrade._pg_dump()).with_name("pg_restore")
    subprocess.run([program, "--no-owner", f"--dbname={address}", target], check=True)
    copy = Store(postgres_server.url("restored"))
    check_version(copy)
    with copy.read() as tx:
        assert tally.all_of(tx) == {"x": 1}
    copy.close()


def test_a_backup_that_cannot_be_made_says_why_and_keeps_the_one_before(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        backup(store, tmp_path / "no" / "such" / "folder")
    (tmp_path / "folder" / "in the way").mkdir(parents=True)
    with pytest.raises(ConfigError, match="no backup was made"):
        backup(store, tmp_path / "folder")
    assert not list(tmp_path.glob("*.part"))


def test_without_pg_dump_the_operator_is_told_what_to_install(
    postgres_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "find_spec", lambda name: None)
    monkeypatch.setattr(upgrade, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="apt install postgresql-client"):
        backup(postgres_store, tmp_path / "x.dump")


def test_an_old_pg_dump_says_so_in_one_line(
    postgres_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'aborting because of server version mismatch' >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setattr(upgrade, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ConfigError, match="version mismatch"):
        backup(postgres_store, tmp_path / "x.dump")
    assert not (tmp_path / "x.dump").exists()


def test_the_versions_are_those_of_the_migrations(sqlite_store: Store) -> None:
    with sqlite_store.begin() as tx:
        script = ScriptDirectory.from_config(configuration(tx))
    assert all_versions() == tuple(one.revision for one in script.walk_revisions())[::-1]
