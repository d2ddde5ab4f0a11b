"""A Postfix of our own, for as long as a test needs it."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from dovecot import Dovecot
from mailservers import DOMAIN, HOST, SEARCH, answers, free_port, until


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
        until(lambda: answers(self.smtp_port, b"220"), lambda: f"Postfix does not start: {self._log()}")
        return self

    def __exit__(self, *_: object) -> None:
        self._postfix("abort")
        until(lambda: not answers(self.smtp_port, b""), lambda: "Postfix does not end")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postfix(self, command: str) -> None:
        words = [str(shutil.which("postfix", path=SEARCH)), "-c", str(self.folder / "etc"), command]
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
