"""SQLite's log is copied into its file beside the writers, not by one of them.

By itself SQLite lets the commit that fills the log copy all of it: thousands of pages all over the file, and one
message in a hundred waited for that. Here a thread of its own does it while others write. Only the rest, what was
written meanwhile, is copied while no one writes, so that the log begins anew instead of growing.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import StoreDown

EVERY = 2.0
"""Seconds from one copy to the next, while there are writers."""

WORTH_IT = 4 * 2**20
"""Bytes of log from which on it is copied; a smaller one is left to whoever closes the file."""


class Checkpoints:
    """The copying of one file's log; its thread lives only as long as there is something to copy."""

    def __init__(self, path: Path, engine: Engine, alone: Callable[[], AbstractContextManager[None]]) -> None:
        """Take the file, what opens it, and what keeps the writers of this process out meanwhile."""
        self._log = Path(f"{path}-wal")
        self._engine = engine
        self._alone = alone
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._not_before = 0.0

    def written(self) -> None:
        """Say that something was written: it is copied soon, by somebody else."""
        with self._guard:
            if self._thread is not None or time.monotonic() < self._not_before or self._size() < WORTH_IT:
                return
            self._thread = threading.Thread(target=self._copy, name="checkpoint", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Wait for a copy that is under way."""
        if (thread := self._thread) is not None:
            thread.join()

    def _size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _copy(self) -> None:
        """Copy what is there, then the rest. Never raises: what hinders it is told to a writer, by its commit."""
        with suppress(SQLAlchemyError, StoreDown):
            self._pass()
            with self._alone():
                self._pass()
        with self._guard:
            self._thread, self._not_before = None, time.monotonic() + EVERY

    def _pass(self) -> None:
        with self._engine.connect() as plain:
            plain.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
