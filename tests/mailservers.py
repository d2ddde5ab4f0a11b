"""What throwaway real mail servers on loopback share: `dovecot` and `postfix`, from Debian's packages.

    with Dovecot() as dovecot, Postfix(dovecot) as postfix:
        user = dovecot.user()
        dovecot.deliver(user, b"Subject: hello\r\n\r\nhi")

Every certificate is signed by a new authority (`ca_file`). They write into a folder of their own: nothing outside is
touched but the account TESTER, under which Dovecot runs when the tests run as root. Only processes started here are
ever ended.
"""

import contextlib
import getpass
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import trustme

HOST = "localhost"
DOMAIN = "example.com"
TESTER = "triagetest"
PASSWORD = 'pä ss"wö\\rd'
PATIENCE = 20.0
_PROGRAMS = {"dovecot": "dovecot-imapd", "postfix": "postfix"}
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def missing(*programs: str) -> str | None:
    """Return what must be installed or granted before the named servers can run ("dovecot", "postfix"), or None."""
    for program in programs or _PROGRAMS:
        if shutil.which(program, path=SEARCH) is None:
            return f"Debian package {_PROGRAMS[program]}"
        if program == "postfix" and os.geteuid() != 0:
            return "root, which Postfix needs to start"
    return None


def needs(*programs: str) -> None:
    """Skip the test that asks, naming what is missing; with CI=true leaving anything out is a failure."""
    import pytest  # the benchmarks use these servers without it

    why = missing(*programs)
    if why is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"left out for want of {why}")
    pytest.skip(f"needs {why}")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Certificates:
    """An authority of our own and a certificate for this host, as files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        self.ca_file, self.cert, self.key = folder / "ca.pem", folder / "server.pem", folder / "server.key"
        issued = authority.issue_cert(HOST, "127.0.0.1")
        authority.cert_pem.write_to_path(str(self.ca_file))
        issued.private_key_pem.write_to_path(str(self.key))
        for number, part in enumerate(issued.cert_chain_pems):
            part.write_to_path(str(self.cert), append=number > 0)


def tester() -> pwd.struct_passwd:
    """Return the account that Dovecot runs under: ours, or TESTER when we are root, made if there is none."""
    if os.geteuid() != 0:
        return pwd.getpwnam(getpass.getuser())
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(TESTER)
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", TESTER], check=False)
    return pwd.getpwnam(TESTER)  # a second worker of the tests may have been first


def give(path: Path, account: pwd.struct_passwd) -> None:
    if os.geteuid() == 0:
        os.chown(path, account.pw_uid, account.pw_gid)


def descendants(pid: int) -> list[int]:
    """Return the processes that `pid` started, and those that they started."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may end while we look
            parents[int(stat.parent.name)] = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
    found = [pid]
    for above in found:
        found += [child for child, parent in parents.items() if parent == above]
    return found[:0:-1]


def answers(port: int, greeting: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as found:
            return found.recv(100).startswith(greeting)
    except OSError:
        return False


def until(condition: Callable[[], bool], why: Callable[[], str]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError(why())
        time.sleep(0.02)
