"""Throwaway real mail servers on loopback: Dovecot and Postfix from Debian's packages, in a folder of their own.

    with Dovecot() as dovecot, Postfix(dovecot) as postfix:
        user = dovecot.user()
        dovecot.deliver(user, b"Subject: hello\r\n\r\nhi")

Every certificate is signed by a new authority (`ca_file`). Nothing outside the folder is touched but the account
TESTER, under which Dovecot runs when the tests run as root. Only processes started here are ever ended.
"""

import contextlib
import getpass
import grp
import itertools
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs

import trustme

HOST = "localhost"
DOMAIN = "example.com"
TESTER = "triagetest"
PASSWORD = 'pä ss"wö\\rd'
_PATIENCE = 20.0
_PROGRAMS = {"dovecot": "dovecot-imapd", "postfix": "postfix"}
_SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def missing(*programs: str) -> str | None:
    """Return what must be installed or granted before the named servers can run ("dovecot", "postfix"), or None."""
    for program in programs or _PROGRAMS:
        if shutil.which(program, path=_SEARCH) is None:
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


class Dovecot:
    """IMAP with STARTTLS and IMAPS; PLAIN, LOGIN and XOAUTH2; a Maildir for each of `users`.

    Attributes:
        imap_port: With STARTTLS.
        imaps_port: TLS from the start.
        tokens: Access tokens that XOAUTH2 takes, and whose they are.
    """

    host = HOST
    password = PASSWORD

    def __init__(self, users: int = 100) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="triage-dovecot-"))
        self.folder.chmod(0o755)
        self.users = [f"user{n}" for n in range(users)]
        self._unused = iter(self.users)
        self._count = itertools.count()
        self.account = _tester()
        self.imap_port, self.imaps_port = free_port(), free_port()
        self.tokens: dict[str, str] = {}
        self.certificates = Certificates(self.folder / "tls")
        self.ca_file = self.certificates.ca_file
        self._introspection = _Introspection(self.tokens)
        self._process: subprocess.Popen[bytes] | None = None
        self._configure()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._introspection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server, or start it again after `kill`, and return once it answers."""
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)
        who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        with (self.folder / "stderr.txt").open("wb") as stderr:
            self._process = subprocess.Popen(
                [str(shutil.which("dovecot", path=_SEARCH)), "-F", "-c", str(self.folder / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                **(who if os.geteuid() == 0 else {}),  # type: ignore[arg-type]
            )
        _until(lambda: _answers(self.imap_port, b"* OK"), lambda: f"Dovecot does not start: {self._log()}")

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is None:
            return
        for pid in [self._process.pid, *_descendants(self._process.pid)]:  # the master first: it starts others anew
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def user(self) -> str:
        """Return the name of an account that nobody used yet; its password is `password`."""
        return next(self._unused)

    def address(self, user: str) -> str:
        return f"{user}@{DOMAIN}"

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        return self.folder / "mail" / user / ("" if folder == "INBOX" else f".{folder}")

    def deliver(self, user: str, raw: bytes) -> None:
        """Put a mail into an inbox, as a delivery agent does."""
        self.deliver_many(user, [raw])

    def deliver_many(self, user: str, mails: list[bytes]) -> None:
        maildir = self.maildir(user)
        for raw in mails:
            number = next(self._count)
            name = f"{int(time.time()):010d}.M{number:09d}.test"
            (maildir / "tmp" / name).write_bytes(raw)
            _give(maildir / "tmp" / name, self.account)
            (maildir / "tmp" / name).rename(maildir / "new" / name)

    def stored(self, user: str, folder: str = "INBOX") -> list[tuple[str, bytes]]:
        """Return (flags, bytes) of the mails in a folder, oldest first."""
        place = self.maildir(user, folder)
        files = [p for sub in ("cur", "new") if (place / sub).is_dir() for p in (place / sub).iterdir()]
        return [(p.name.partition(":2,")[2], p.read_bytes()) for p in sorted(files, key=lambda p: p.name)]

    def renumber(self, user: str) -> None:
        """Give the mails of an inbox other UIDs under another UIDVALIDITY, as after a restored backup."""
        place = self.maildir(user)
        uidlist = place / "dovecot-uidlist"
        validity = int(uidlist.read_text().split()[1].lstrip("V")) + 1000
        for left in place.glob("dovecot*"):
            left.unlink()
        uidlist.write_text(f"3 V{validity} N1\n")
        _give(uidlist, self.account)

    def _log(self) -> str:
        logs = [self.folder / "stderr.txt", self.folder / "dovecot.log"]
        return " ".join(p.read_text(errors="replace")[-1500:] for p in logs if p.exists())

    def _configure(self) -> None:
        folder, account = self.folder, self.account
        for user in self.users:
            for sub in ("new", "cur", "tmp"):
                (folder / "mail" / user / sub).mkdir(parents=True)
        (folder / "run").mkdir()
        (folder / "users").write_text("".join(f"{user}:{PASSWORD}\n" for user in self.users), encoding="utf-8")
        (folder / "oauth2.conf").write_text(
            "introspection_mode = post\n"
            f"introspection_url = http://127.0.0.1:{self._introspection.port}/introspect\n"
            "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        (folder / "dovecot.conf").write_text(
            _DOVECOT.format(
                folder=folder,
                user=account.pw_name,
                group=grp.getgrgid(account.pw_gid).gr_name,
                imap=self.imap_port,
                imaps=self.imaps_port,
                cert=self.certificates.cert,
                key=self.certificates.key,
            )
        )
        for path in [folder, *folder.rglob("*")]:
            _give(path, account)


class Postfix:
    """SMTP with STARTTLS and AUTH; takes mail for `USER@example.com` into Dovecot's Maildirs, throws away any other."""

    host = HOST

    def __init__(self, dovecot: Dovecot) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="triage-postfix-"))
        self.folder.chmod(0o755)
        self.dovecot, self.ca_file = dovecot, dovecot.ca_file
        self.smtp_port = free_port()
        self._configure()

    def __enter__(self) -> Self:
        self._postfix("start")
        _until(lambda: _answers(self.smtp_port, b"220"), lambda: f"Postfix does not start: {self._log()}")
        return self

    def __exit__(self, *_: object) -> None:
        self._postfix("abort")
        _until(lambda: not _answers(self.smtp_port, b""), lambda: "Postfix does not end")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postfix(self, command: str) -> None:
        words = [str(shutil.which("postfix", path=_SEARCH)), "-c", str(self.folder / "etc"), command]
        subprocess.run(words, check=command == "start", capture_output=True, timeout=60)

    def _log(self) -> str:
        log = self.folder / "mail.log"
        return log.read_text(errors="replace")[-1500:] if log.exists() else ""

    def _configure(self) -> None:
        etc, dovecot = self.folder / "etc", self.dovecot
        for name in ("etc", "spool", "data"):
            (self.folder / name).mkdir()
        for name in Path("/etc/postfix").glob("*"):
            if name.name.startswith(("postfix-files", "dynamicmaps")):
                copy = shutil.copytree if name.is_dir() else shutil.copy
                copy(name, etc / name.name)  # type: ignore[operator]
        shutil.chown(self.folder / "data", "postfix")
        (etc / "boxes").write_text("".join(f"{user}@{DOMAIN} {user}/\n" for user in dovecot.users))
        (etc / "main.cf").write_text(
            _POSTFIX_MAIN.format(
                folder=self.folder,
                cert=dovecot.certificates.cert,
                key=dovecot.certificates.key,
                dovecot=dovecot.folder,
                uid=dovecot.account.pw_uid,
                gid=dovecot.account.pw_gid,
                domain=DOMAIN,
            )
        )
        (etc / "master.cf").write_text(_POSTFIX_MASTER.format(port=self.smtp_port))


class _Introspection:
    """Tells Dovecot whose an access token is."""

    def __init__(self, tokens: dict[str, str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
                user = tokens.get(form.get("token", [""])[0])
                body = json.dumps({"active": user is not None, "username": user or ""}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _tester() -> pwd.struct_passwd:
    """Return the account that Dovecot runs under: ours, or TESTER when we are root, made if there is none."""
    if os.geteuid() != 0:
        return pwd.getpwnam(getpass.getuser())
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(TESTER)
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", TESTER], check=False)
    return pwd.getpwnam(TESTER)  # a second worker of the tests may have been first


def _give(path: Path, account: pwd.struct_passwd) -> None:
    if os.geteuid() == 0:
        os.chown(path, account.pw_uid, account.pw_gid)


def _descendants(pid: int) -> list[int]:
    """Return the processes that `pid` started, and those that they started."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may end while we look
            parents[int(stat.parent.name)] = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
    found = [pid]
    for above in found:
        found += [child for child, parent in parents.items() if parent == above]
    return found[:0:-1]


def _answers(port: int, greeting: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as found:
            return found.recv(100).startswith(greeting)
    except OSError:
        return False


def _until(condition: Callable[[], bool], why: Callable[[], str]) -> None:
    ends = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError(why())
        time.sleep(0.02)


_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0 secs
auth_username_format = %Ln
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
imap_idle_notify_interval = 2 mins
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
  # No waiting after a wrong password: tests give many.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  unix_listener auth-smtp {{
    mode = 0666
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 100
}}
"""

_POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = desk.{domain}
mydestination =
alias_maps =
local_recipient_maps =
smtputf8_enable = yes
mynetworks = 127.0.0.0/8
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot}/run/auth-smtp
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{folder}/etc/boxes
virtual_mailbox_base = {dovecot}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
default_transport = discard
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
message_size_limit = 5242880
"""

_POSTFIX_MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
