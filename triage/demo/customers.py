"""Everybody who writes to the desk in the demonstration: sends what the script says, and reads what comes back."""

import asyncio
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Any, TypeVar

from triage.demo.day import Said
from triage.demo.mail import HOST, MailServers, plain_header
from triage.demo.telegram_api import TelegramApi
from triage.demo.x_api import XApi
from triage.rules import case_number

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds somebody waits for the acknowledgement that she answers or quotes."""

LANGUAGES = {"chen": "zh-hans", "wei": "zh-hans", "ivan": "ru", "nour": "ar", "ayse": "tr", "hugo": "es", "maria": "es"}
"""What Telegram knows of these people's language."""


@dataclass(slots=True)
class Customers:
    """The people of the script, each with one address on every channel.

    Attributes:
        sent: How many messages went out to the desk.
        waited_in_vain: Who never got the acknowledgement she meant to answer.
    """

    mail: MailServers
    telegram: TelegramApi
    x: XApi
    sent: int = 0
    waited_in_vain: list[str] = field(default_factory=list)
    _ids: dict[str, int] = field(default_factory=dict)

    async def say(self, said: Said) -> None:
        """Send one thing over its channel; wait first for our acknowledgement if it answers or quotes one."""
        text = said.text
        if said.quotes_number:
            text = f"{text} {await self._number(said.by)}"
        match said.over:
            case "mail":
                await self._write_mail(said, text)
            case "telegram":
                await self._chat(said, text)
            case "x":
                await self._post_publicly(said, text)
            case "dm":
                self.x.message(text, sender=self.x_id(said.by))
        self.sent += 1

    def address(self, name: str) -> str:
        """Return a person's mail address."""
        return f"{name}@mail.example"

    def telegram_id(self, name: str) -> int:
        """Return a person's Telegram id, which is also the id of her private chat."""
        return 500_000 + self._ids.setdefault(name, len(self._ids))

    def x_id(self, name: str) -> str:
        """Return a person's id on X."""
        return str(900_000 + self._ids.setdefault(name, len(self._ids)))

    async def _write_mail(self, said: Said, text: str) -> None:
        mail = EmailMessage()
        own = dict(said.headers)
        mail["From"] = own.pop("From", formataddr((said.by.title(), self.address(said.by))))
        mail["To"] = self.mail.address
        mail["Subject"] = said.subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain="mail.example")
        if said.answers:
            await self._answer(mail, said)
        mail.set_content(text)
        for name, value in own.items():
            if name == "Content-Type":
                mail.replace_header(name, value)
            else:
                mail[name] = value
        await asyncio.to_thread(self._hand_in, mail)

    async def _answer(self, mail: EmailMessage, said: Said) -> None:
        address = self.address(said.by)
        got = await self._wait(said.by, lambda: [m for to, m in self.mail.received if to == address])
        if got is not None:
            mail.replace_header("Subject", f"Re: {plain_header(got, 'Subject')}")
            mail["In-Reply-To"] = got["Message-ID"]
            mail["References"] = got["Message-ID"]

    def _hand_in(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(HOST, self.mail.smtp_port, timeout=PATIENCE) as smtp:
            smtp.send_message(mail, from_addr="" if "mailer-daemon" in str(mail["From"]).casefold() else None)

    async def _chat(self, said: Said, text: str) -> None:
        user = self.telegram_id(said.by)
        sender: dict[str, Any] = {"id": user, "is_bot": False, "first_name": said.by.title()}
        if said.by in LANGUAGES:
            sender["language_code"] = LANGUAGES[said.by]
        extra: dict[str, Any] = {"from": sender}
        if said.answers:
            got = await self._wait(said.by, lambda: [m for m in self.telegram.sent if m["chat"]["id"] == user])
            if got is not None:
                extra["reply_to_message"] = {k: got[k] for k in ("message_id", "date", "chat", "text")}
        self.telegram.write(text, user=user, **extra)

    async def _post_publicly(self, said: Said, text: str) -> None:
        author, extra = self.x_id(said.by), dict[str, Any]()
        if said.answers:
            own = [post["id"] for post in self.x.mentions if post["author_id"] == author]
            got = await self._wait(said.by, lambda: [post for post in self.x.posts if _answers(post) in own])
            if got is not None:
                replied = [{"type": "replied_to", "id": got["id"]}]
                extra = {"conversation_id": _answers(got), "referenced_tweets": replied}
        self.x.mention(text, author=author, **extra)

    async def _number(self, name: str) -> str:
        """Return the case number that a person was told, on any channel."""
        return await self._wait(name, lambda: self._numbers(name)) or ""

    def _numbers(self, name: str) -> list[str]:
        chat, address = self.telegram_id(name), self.address(name)
        texts = [plain_header(m, "Subject") for to, m in self.mail.received if to == address]
        texts += [m["text"] for m in self.telegram.sent if m["chat"]["id"] == chat]
        return [number for text in texts for number in case_number.find(text)]

    async def _wait(self, name: str, look: Callable[[], list[T]]) -> T | None:
        end = time.monotonic() + PATIENCE
        while not (found := look()):
            if time.monotonic() > end:
                self.waited_in_vain.append(name)
                return None
            await asyncio.sleep(0.05)
        return found[-1]


def _answers(post: dict[str, Any]) -> str:
    """Return the id of the post that one of ours answers."""
    return str(post.get("reply", {}).get("in_reply_to_tweet_id", ""))
