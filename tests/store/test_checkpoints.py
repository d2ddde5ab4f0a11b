"""SQLite's log is copied into its file by a thread of its own, while others write."""

import shutil
from pathlib import Path

from sqlalchemy import text

from triage.store import Store, checkpoints

LARGE = "x" * 100_000


def write(store: Store, rows: int) -> None:
    with store.begin() as tx:
        tx.execute(text("INSERT INTO big (y) VALUES (:y)"), [{"y": LARGE}] * rows)


def rows_without_the_log(path: Path, copy: Path) -> int:
    """Return how many rows the file alone holds."""
    shutil.copy(path, copy)
    alone = Store(f"sqlite:///{copy}")
    with alone.read() as tx:
        rows = tx.execute(text("SELECT count(*) FROM big")).scalar_one()
    alone.close()
    return int(rows)


def a_file(tmp_path: Path) -> tuple[Store, Path]:
    path = tmp_path / "big.db"
    store = Store(f"sqlite:///{path}")
    with store.begin() as tx:
        tx.execute(text("CREATE TABLE big (y)"))
    with store.read() as tx:
        tx.exec_driver_sql("SELECT 1")
    return store, path


def test_a_long_log_is_copied_without_a_commit_that_does_it(tmp_path: Path) -> None:
    store, path = a_file(tmp_path)
    write(store, 2 * checkpoints.WORTH_IT // len(LARGE))
    assert store._checkpoints is not None
    store._checkpoints.close()
    assert rows_without_the_log(path, tmp_path / "copy.db") == 2 * checkpoints.WORTH_IT // len(LARGE)
    store.close()


def test_the_log_begins_anew_once_it_was_copied(tmp_path: Path) -> None:
    store, path = a_file(tmp_path)
    assert store._checkpoints is not None
    for _ in range(4):
        store._checkpoints._not_before = 0.0
        write(store, 2 * checkpoints.WORTH_IT // len(LARGE))
        store._checkpoints.close()
    assert Path(f"{path}-wal").stat().st_size < 3 * checkpoints.WORTH_IT
    store.close()


def test_a_short_log_starts_no_thread(tmp_path: Path) -> None:
    store, _ = a_file(tmp_path)
    write(store, 1)
    assert store._checkpoints is not None
    assert store._checkpoints._thread is None
    store.close()


def test_a_reader_keeps_no_copy_from_being_made_and_no_writer_waiting(tmp_path: Path) -> None:
    store, path = a_file(tmp_path)
    with store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM big")).scalar_one() == 0
        write(store, 2 * checkpoints.WORTH_IT // len(LARGE))
        assert store._checkpoints is not None
        store._checkpoints.close()
        write(store, 1)
        assert tx.execute(text("SELECT count(*) FROM big")).scalar_one() == 0
    store.close()
    assert rows_without_the_log(path, tmp_path / "copy.db") == 2 * checkpoints.WORTH_IT // len(LARGE) + 1
