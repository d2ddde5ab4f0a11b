"""Connections to the two databases: how they are opened, and what their errors mean to us."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from triage.errors import ConfigError, StoreDown, StoreOutdated, TriageError

LONGEST_WAIT = 30
"""Seconds that a statement or a lock may take before the store counts as down."""

WRITES = {"triage_writes": True}
"""The execution option that marks a write transaction."""

_OVERWRITES = "triage_overwrites"
"""Noted with a connection whose last writer asked for more than `secure_delete=FAST` (`overwriting`)."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=FAST",  # what is replaced or deleted is overwritten where its page is written anyway
    "cache_size=-16000",  # 16 MB a connection; the default of 2 MB reads the same index pages again and again
    "wal_autocheckpoint=16000",  # pages: `checkpoints` copies long before; a commit does it only if nobody else can
    "journal_size_limit=67108864",
)
FORGETTING = {
    "sqlite": ("PRAGMA wal_checkpoint(TRUNCATE)",),
    "postgresql": ("VACUUM inbox, messages, cases, outbox",),
}
"""What makes each database let go of rows as they were, outside a transaction."""

_CONFLICTS = {"40001", "40P01"}  # serialization failure, deadlock
_OUTDATED = {"42P01", "42703"}  # no such table, no such column
# Connection, resources (disk full), operator, system, read-only standby, a lock that is not given.
_DOWN = ("08", "53", "57", "58", "25006", "55P03")


class Conflict(StoreDown):
    """Two transactions got into each other's way. `Store.run` tries again at once."""


def parse(url: str) -> URL:
    """Return the store's address with its driver; raises `ConfigError` for what is neither of the two databases."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("[store] url is not an address: use sqlite:////path/triage.db or postgresql://...") from None
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise ConfigError(f"[store] url: {parsed.drivername} is not supported: use sqlite or postgresql")
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigError("[store] url: SQLite needs a file that outlives the process: sqlite:////path/triage.db")
    return parsed


def connect(url: URL) -> Engine:
    """Return the engine for a parsed address; the first connection is made when it is first used."""
    try:
        return _sqlite(url) if url.drivername == "sqlite" else _postgresql(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f"[store] url cannot be used: {error}") from None


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, unless there is one: it will hold what customers wrote."""
    if path.exists():
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": LONGEST_WAIT})
    event.listen(engine, "do_connect", lambda *_: make_private(Path(str(url.database))))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ARG001
    """Leave transactions to us, and make a commit durable: WAL alone would sync only at checkpoints."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Begin at once what will write: a transaction that reads first and writes later is refused, not delayed."""
    writes = connection.get_execution_options().get("triage_writes")
    if writes and connection.info.pop(_OVERWRITES, False):
        connection.exec_driver_sql("PRAGMA secure_delete=FAST")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def overwriting(connection: Connection) -> None:
    """Let a write transaction overwrite whatever it deletes, pages that it frees included; SQLite alone needs it."""
    if connection.dialect.name == "sqlite":
        connection.info[_OVERWRITES] = True
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _postgresql(url: URL) -> Engine:
    options = f"-c timezone=UTC -c statement_timeout={LONGEST_WAIT}s -c idle_in_transaction_session_timeout=300s"
    quick = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
    quick["tcp_user_timeout"] = 1000 * LONGEST_WAIT  # milliseconds; keepalives see nothing of what was sent in vain
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"application_name": "triage", "options": options, **quick} | dict(url.query),
    )


def meaning(error: DBAPIError) -> TriageError | None:
    """Return what a database error means to us, or None when it is a fault of our own code.

    This is the one place where "the disk is full" and "the server is gone" become `StoreDown`.
    """
    cause = error.orig
    line = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    if isinstance(cause, sqlite3.Error):
        return _meaning_sqlite(cause, line)
    state = getattr(cause, "sqlstate", None)
    if state in _CONFLICTS:
        return Conflict(f"the store is busy: {line}")
    if state in _OUTDATED:
        return StoreOutdated(f"{line}: run `triage upgrade`")
    # Without a state it is the driver who says so: of a connection that is gone, or of a value it will not send.
    unconnected = state is None and isinstance(error, (OperationalError, InterfaceError))
    if error.connection_invalidated or unconnected or (state or "").startswith(_DOWN):
        return StoreDown(f"the store does not answer: {line}")
    return None


def _meaning_sqlite(cause: sqlite3.Error, line: str) -> TriageError | None:
    if line.startswith(("no such table", "no such column")):
        return StoreOutdated(f"{line}: run `triage upgrade`")
    code = getattr(cause, "sqlite_errorcode", None)
    ours = isinstance(cause, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError))
    if ours or code in {None, sqlite3.SQLITE_ERROR}:
        return None
    return StoreDown(f"the store does not answer: {line}")
