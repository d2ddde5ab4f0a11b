"""Transactions, and what a database's trouble is called here."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from builders import NOW
from sqlalchemy import text
from stores import PostgresServer

from triage.errors import ConfigError, StoreDown, StoreOutdated, TriageError
from triage.store import Store, Tx, earlier, health, inbox, tally
from triage.store.engine import LONGEST_WAIT


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense", "not an address"),
        ("mysql://x/y", "mysql is not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_what_to_do(url: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        Store(url)


def test_a_folder_that_is_not_there_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"x/y\.db cannot be written"), Store(f"sqlite:///{tmp_path}/x/y.db").read():
        pass


def test_what_customers_wrote_is_readable_only_for_its_owner(sqlite_store: Store, tmp_path: Path) -> None:
    fresh = Store(f"sqlite:///{tmp_path}/fresh.db")
    with fresh.begin() as tx:
        tx.execute(text("CREATE TABLE x (y)"))
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("fresh.db*")} == {0o600}
    fresh.close()


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in f"{Store('postgresql://ada:hunter2@db.example.org/triage').url}"


def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    def write(tx: Tx) -> None:
        health.report(tx, "mail", "up", "", NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.run(write)
    with store.read() as tx:
        assert health.all(tx) == []


def test_two_writers_lose_nothing(store: Store) -> None:
    def add() -> None:
        for _ in range(20):
            store.run(lambda tx: tally.add(tx, {"x": 1, "y": 1}))

    writers = [threading.Thread(target=add) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.read() as tx:
        assert tally.all_of(tx) == {"x": 40, "y": 40}


def test_a_reader_sees_the_last_commit_while_a_writer_is_at_work(store: Store) -> None:
    with store.begin() as tx:
        tally.add(tx, {"x": 1})
        with store.read() as other:
            assert tally.all_of(other) == {}
    with store.read() as other:
        assert tally.all_of(other) == {"x": 1}


def test_work_that_another_transaction_got_in_the_way_of_is_done_again(postgres_store: Store) -> None:
    store, tries = postgres_store, []
    store.run(lambda tx: tally.add(tx, {"x": 0, "y": 0}))
    both, through = threading.Barrier(2), threading.Event()

    def crosswise(first: str, second: str) -> None:
        def work(tx: Tx) -> None:
            tries.append(first)
            if len(tries) > 2:  # or it could get in the way again, before the other one goes on
                through.wait(10)
            tally.add(tx, {first: 1})
            if len(tries) <= 2:
                both.wait()
            tally.add(tx, {second: 1})

        store.run(work)
        through.set()

    threads = [threading.Thread(target=crosswise, args=names) for names in (("x", "y"), ("y", "x"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    with store.read() as tx:
        assert tally.all_of(tx) == {"x": 2, "y": 2}


def test_a_full_disk_is_a_store_that_is_down_and_what_was_committed_stays(sqlite_store: Store) -> None:
    store = sqlite_store
    with store.begin() as tx:
        tally.add(tx, {"x": 1})
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()

    def write(tx: Tx) -> None:
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        for i in range(1000):
            health.report(tx, f"channel {i}", "down", "x" * 3000, NOW)

    with pytest.raises(StoreDown, match="full"):
        store.run(write)
    with store.read() as tx:
        assert tally.all_of(tx) == {"x": 1}
        assert tx.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_a_file_that_is_no_database_is_a_store_that_is_down(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(StoreDown, match="not a database"), Store(f"sqlite:///{tmp_path}/x.db").read():
        pass


def test_a_store_held_by_another_process_is_down_after_a_while(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.store.engine.LONGEST_WAIT", 0)
    other = sqlite3.connect(str(sqlite_store.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreDown, match="locked"), sqlite_store.begin():
        pass
    other.execute("ROLLBACK")
    with sqlite_store.begin():
        pass
    other.close()


def test_a_store_without_tables_is_outdated(tmp_path: Path, postgres_server: PostgresServer) -> None:
    for url in (f"sqlite:///{tmp_path}/new.db", postgres_server.url("postgres")):
        empty = Store(url)
        with pytest.raises(StoreOutdated, match="triage upgrade"), empty.read() as tx:
            inbox.backlog(tx)
        empty.close()


def test_a_mistake_in_our_own_sql_is_not_called_a_store_that_is_down(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)syntax") as caught, store.read() as tx:
        tx.execute(text("SELEKT 1"))
    assert not isinstance(caught.value, StoreDown)


@pytest.mark.parametrize("value", ["a\0b", "\ud800", 2**70])
def test_a_value_that_no_store_takes_is_not_called_a_store_that_is_down(postgres_store: Store, value: object) -> None:
    with pytest.raises(Exception) as caught, postgres_store.read() as tx:  # noqa: PT011 - each has its own
        tx.execute(text("SELECT CAST(:value AS bigint)" if value == 2**70 else "SELECT :value || ''"), {"value": value})
    assert not isinstance(caught.value, TriageError)


def test_a_server_that_is_not_there_is_a_store_that_is_down(tmp_path: Path) -> None:
    with pytest.raises(StoreDown, match="does not answer"), Store(f"postgresql://x@/x?host={tmp_path}").read():
        pass


def test_a_question_to_a_server_that_vanished_is_given_up_as_one_that_is_not_answered(postgres_store: Store) -> None:
    """Keepalives tell who waits; what was sent and never acknowledged is sent again for 15 minutes without this."""
    with postgres_store.read() as tx:
        connection = tx.connection.dbapi_connection
        assert connection is not None
        assert connection.info.get_parameters()["tcp_user_timeout"] == str(1000 * LONGEST_WAIT)


def test_a_connection_that_the_server_ended_is_made_anew(
    postgres_store: Store, postgres_server: PostgresServer
) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'triage'"

    def write(tx: Tx) -> None:
        postgres_server.execute(end)
        tally.add(tx, {"x": 1})

    with pytest.raises(StoreDown):
        postgres_store.run(write)
    postgres_store.run(lambda tx: tally.add(tx, {"x": 1}))
    postgres_server.execute(end)
    postgres_store.run(lambda tx: tally.add(tx, {"x": 1}))
    with postgres_store.read() as tx:
        assert tally.all_of(tx) == {"x": 2}


def test_reading_on_postgresql_cannot_write_by_mistake(postgres_store: Store) -> None:
    with pytest.raises(Exception, match="read-only"), postgres_store.read() as tx:
        tally.add(tx, {"x": 1})


def test_a_copied_file_is_a_whole_store(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.run(lambda tx: tally.add(tx, {"x": 1}))
    sqlite_store.close()
    shutil.copy(str(sqlite_store.url.database), tmp_path / "copy.db")
    copy = Store(f"sqlite:///{tmp_path}/copy.db")
    with copy.read() as tx:
        assert tally.all_of(tx) == {"x": 1}
    copy.close()


def test_a_transaction_that_overwrites_what_it_frees_leaves_the_next_one_as_it_was(sqlite_store: Store) -> None:
    asked = text("PRAGMA secure_delete")
    with sqlite_store.begin() as tx:
        usual = tx.execute(asked).scalar_one()
        earlier.overwriting(tx)
        assert tx.execute(asked).scalar_one() == 1 != usual
    with sqlite_store.begin() as tx:
        assert tx.execute(asked).scalar_one() == usual
