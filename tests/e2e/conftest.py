"""End to end: the real daemon with its real connectors; only the far sides are ours."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from crowd import Crowd
from desks import Desk
from stores import *  # noqa: F403

from triage.demo.mail import MailServers, mail_servers
from triage.demo.telegram_api import TelegramApi

PASSWORD = "correct horse"


@dataclass
class PlayedDesk(Desk):
    """A desk whose customers and servers live in the process of the test."""

    crowd: Crowd

    @property
    def mail(self) -> MailServers:
        return self.crowd.mail

    @property
    def telegram(self) -> TelegramApi:
        return self.crowd.telegram

    def channels(self, **other: Any) -> str:
        """Return the tables of a mail account and a bot that work, but for what is given."""
        told = {
            "imap": self.mail.imap_port, "smtp": self.mail.smtp_port, "ca_file": self.mail.ca_file,
            "telegram": self.telegram.url, "password": "password", "token": "token",
        }  # fmt: skip
        return CHANNELS.format(**(told | other))


@pytest.fixture
async def desk(tmp_path) -> AsyncIterator[PlayedDesk]:
    """A desk with a mail account and a bot, its store made; nothing runs yet."""
    telegram = TelegramApi()
    (tmp_path / "key").write_text("the key of the case numbers in this test")
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "token").write_text(telegram.token)
    async with mail_servers(tmp_path, "support@wallet.example", PASSWORD) as mail:
        await telegram.start()
        made = PlayedDesk(tmp_path, tmp_path / "triage.toml", Crowd(mail, telegram, random.Random(1)))
        made.config.write_text(HEAD.format(store=f"sqlite:///{tmp_path}/triage.db") + made.channels())
        try:
            yield made
        finally:
            await telegram.stop()


HEAD = """
[desk]
name = "Example Wallet"
key = {{ file = "key" }}
trusted_authserv = ["mx.wallet.example"]
answer_unauthenticated = false
[store]
url = "{store}"
[models]
processes = 0
"""

CHANNELS = """
[channels.mail]
kind = "email"
address = "support@wallet.example"
password = {{ file = "{password}" }}
imap = {{ host = "127.0.0.1", port = {imap}, ca_file = "{ca_file}" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, tls = "starttls", ca_file = "{ca_file}" }}
start = "all"
poll = 2
[channels.telegram]
kind = "telegram"
token = {{ file = "{token}" }}
base_url = "{telegram}"
poll_seconds = 5
"""
