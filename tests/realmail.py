"""Customers with mailboxes on a real server: they write by Postfix, and find our answer in Dovecot's Maildir."""

import asyncio
import smtplib
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import formatdate, make_msgid
from pathlib import Path

from desks import Desk
from dovecot import Dovecot
from mailservers import HOST, PASSWORD
from postfix import Postfix


@dataclass(frozen=True)
class Answer:
    """What a customer found in her mailbox, and how many seconds after "250 queued"."""

    mail: Message
    seconds: float


@dataclass
class Street:
    """A desk and its customers at one provider."""

    dovecot: Dovecot
    postfix: Postfix
    desk: Desk
    address: str

    @classmethod
    def build(cls, folder: Path, dovecot: Dovecot, postfix: Postfix) -> "Street":
        """Write the configuration of a desk that has an account there."""
        user = dovecot.user()
        address = dovecot.address(user)
        (folder / "key").write_text("the key of the case numbers in this test")
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        config = folder / "triage.toml"
        facts = {"address": address, "user": user, "imap": dovecot.imaps_port, "smtp": postfix.smtp_port}
        config.write_text(_CONFIG.format(host=HOST, ca_file=dovecot.ca_file, **facts), encoding="utf-8")
        return cls(dovecot, postfix, Desk(folder, config), address)

    async def ask(self, text: str, seconds: float = 30.0) -> Answer:
        """Let a customer who never wrote before send a mail, and return the answer she gets."""
        customer = self.dovecot.user()
        queued = await asyncio.to_thread(self._send, self.dovecot.address(customer), text)
        inbox = self.dovecot.maildir(customer) / "new"
        while not (found := list(inbox.iterdir())):
            if time.monotonic() - queued > seconds:
                raise TimeoutError(f"no answer for {customer} within {seconds:.0f} s")
            await asyncio.sleep(0.002)
        took = time.monotonic() - queued
        return Answer(message_from_bytes(found[0].read_bytes()), took)

    def _send(self, customer: str, text: str) -> float:
        """Hand a mail over and return the moment at which the server had said "250 queued"."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = customer, self.address, text[:40]
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="mail.example")
        mail.set_content(text)
        with smtplib.SMTP(HOST, self.postfix.smtp_port, timeout=20) as smtp:
            smtp.send_message(mail)
            return time.monotonic()


_CONFIG = """
[desk]
name = "Example Wallet"
key = {{ file = "key" }}
[store]
url = "sqlite:///triage.db"
[limits]
per_minute_total = 1000
[channels.mail]
kind = "email"
address = "{address}"
user = "{user}"
password = {{ file = "password" }}
imap = {{ host = "{host}", port = {imap}, ca_file = "{ca_file}" }}
smtp = {{ host = "{host}", port = {smtp}, tls = "starttls", ca_file = "{ca_file}" }}
start = "all"
"""
