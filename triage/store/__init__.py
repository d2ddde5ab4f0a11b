"""The store: the only package that speaks SQL. Values come in and go out; rows never leave it.

`Store.begin` opens one write transaction, `Store.read` a short reading one; the modules beside this one
(`inbox`, `people`, `cases`, `lists`, `outbox`, ...) are functions of such a transaction, named by their question.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from triage.errors import StoreDown
from triage.store import engine
from triage.store.checkpoints import Checkpoints
from triage.store.engine import LONGEST_WAIT, WRITES, Conflict

Tx = Connection
"""A transaction; every function of this package takes one first."""

TRIES = 5
"""How often `Store.run` tries a piece of work that another transaction got in the way of."""

T = TypeVar("T")

_writers: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""One lock for each SQLite file: its own waiting is unfair, and starved a writer for seconds."""


class Store:
    """One database, SQLite or PostgreSQL; safe to use from several threads.

    Attributes:
        dialect: "sqlite" or "postgresql".
        url: The address, parsed; it shows no password when printed.
    """

    def __init__(self, url: str) -> None:
        """Take the address; nothing is opened yet. Raises `ConfigError` for one that cannot be used."""
        self.url = engine.parse(url)
        self.dialect = self.url.get_backend_name()

    @cached_property
    def engine(self) -> Engine:
        """Return SQLAlchemy's engine: for migrations and tests, not for callers."""
        return engine.connect(self.url)

    @cached_property
    def _checkpoints(self) -> Checkpoints | None:
        """Return what copies SQLite's log; PostgreSQL has a process for that."""
        path = Path(str(self.url.database))
        return Checkpoints(path, self.engine, self._alone) if self.dialect == "sqlite" else None

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """Open one write transaction: it commits on exit, an exception undoes all of it.

        It must not be opened inside another one. Raises `StoreDown` when the database is gone, its disk is full, or
        it is held by another writer for too long.
        """
        with self._alone(), _ours(), self.engine.connect().execution_options(**WRITES) as tx, tx.begin():
            yield tx
        if self._checkpoints is not None:
            self._checkpoints.written()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """Open one transaction that only reads; keep it short, SQLite's log grows as long as it lives."""
        options = {"postgresql_readonly": True}
        with _ours(), self.engine.connect().execution_options(**options) as tx, tx.begin():
            yield tx

    def run(self, work: Callable[[Tx], T]) -> T:
        """Do `work` in a write transaction, again if another one got in the way; it must have no other effect."""
        for left in reversed(range(TRIES)):
            try:
                with self.begin() as tx:
                    return work(tx)
            except Conflict:
                if not left:
                    raise
        raise AssertionError

    def forget_old_versions(self) -> None:
        """Let go of what the database keeps of rows as they were: SQLite's log, PostgreSQL's dead rows.

        Never raises: a reader may be in the way, and whatever is left goes with the next checkpoint or vacuum.
        """
        with suppress(StoreDown), self._alone(), _ours(), self.engine.connect() as plain:
            for statement in engine.FORGETTING[self.dialect]:
                plain.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(statement)

    def close(self) -> None:
        """Let go of every connection."""
        if self._checkpoints is not None:
            self._checkpoints.close()
        self.engine.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread write at a time on SQLite, which has one writer anyway; PostgreSQL needs no help."""
        if self.dialect != "sqlite":
            yield
            return
        lock = _writers[str(self.url.database)]
        if not lock.acquire(timeout=LONGEST_WAIT):
            raise StoreDown(f"the store was held by another writer for {LONGEST_WAIT} s")
        try:
            yield
        finally:
            lock.release()


@contextmanager
def _ours() -> Iterator[None]:
    """Turn the errors of the database into ours, where they leave this package."""
    try:
        yield
    except DBAPIError as error:
        known = engine.meaning(error)
        if known is None:
            raise
        raise known from error
    except NoConnectionFree:
        raise StoreDown("the store has no connection free") from None
