"""A Dovecot of our own, for as long as a test needs it: IMAP, IMAPS, OAuth2, local delivery."""

import contextlib
import grp
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs

from mailservers import (
    DOMAIN,
    HOST,
    PASSWORD,
    SEARCH,
    Certificates,
    answers,
    descendants,
    free_port,
    give,
    tester,
    until,
)


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
        self.account = tester()
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
                [str(shutil.which("dovecot", path=SEARCH)), "-F", "-c", str(self.folder / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                **(who if os.geteuid() == 0 else {}),  # type: ignore[arg-type]
            )
        until(lambda: answers(self.imap_port, b"* OK"), lambda: f"Dovecot does not start: {self._log()}")

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is None:
            return
        for pid in [self._process.pid, *descendants(self._process.pid)]:  # the master first: it starts others anew
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
            give(maildir / "tmp" / name, self.account)
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
        give(uidlist, self.account)

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
            give(path, account)


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
