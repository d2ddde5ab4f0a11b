"""One mail account: reads by IMAP, sends by SMTP."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from triage.connectors import Batch
from triage.connectors.email import imap_login
from triage.connectors.email.appetite import Appetite
from triage.connectors.email.compose import message_id
from triage.connectors.email.imap import Session
from triage.connectors.email.imap_text import searched
from triage.connectors.email.oauth import Tokens
from triage.connectors.email.reader import Reader, utc_now
from triage.connectors.email.settings import Settings
from triage.connectors.email.signatures import Signatures
from triage.connectors.email.smtp import Sender
from triage.errors import ChannelDown, SendRefused, SendUnknown
from triage.message import Reply, Sent

_UNDER_WAY = 120.0
"""Seconds in which a copy of what we sent may still be under way to the folder we look into."""


class Email:
    """One account. Reading and looking up have a connection each, sending has a few."""

    kind = "email"

    def __init__(self, name: str, settings: Settings, *, now: Callable[[], datetime] = utc_now) -> None:
        """Name the channel; nothing is connected yet."""
        self.name = name
        own_way = name if settings.smtp else ""
        self.answers_through = own_way if settings.answers_through is None else settings.answers_through
        self._settings, self._now = settings, now
        self.sends_at_once = settings.smtp.connections if settings.smtp else 1
        self._tokens = Tokens(name, settings.oauth) if settings.oauth else None
        self._sender = Sender(name, settings, settings.smtp, self._tokens, now) if settings.smtp else None
        self._reading: Session | None = None
        self._signatures, self._appetite = Signatures(), Appetite()

    async def messages(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield new mail, oldest first. Mail is marked once its batch is stored, and again after a crash."""
        self._reading = session = await imap_login.connect(self.name, self._settings, self._tokens)
        try:
            async with contextlib.aclosing(
                Reader(self.name, self._settings, session, self._now, self._signatures, self._appetite).batches(cursor)
            ) as all_:
                async for batch in all_:
                    yield batch
        finally:
            session.abort()
            self._reading = None

    async def send(self, reply: Reply) -> Sent:
        """Send one reply as a mail."""
        if self._sender is None:
            raise SendRefused(self.name, f"the reply {reply.key} cannot be sent: this account has no smtp")
        return await self._sender.send(reply)

    async def find_sent(self, reply: Reply) -> Sent | None:
        """Look for a reply's Message-ID where copies of what we send are kept, if there is such a place."""
        known_as = message_id(reply, self._settings)
        folders = [self._settings.sent_folder] if self._settings.sent_folder else []
        if self._settings.bcc_self:
            moved_to = [self._settings.mark.partition(":")[2]] if self._settings.mark.startswith("move:") else []
            folders += [*self._settings.folders, *moved_to]
        if not folders:
            why = "no copy is kept: set bcc_self or sent_folder"
            raise SendUnknown(self.name, f"what became of {reply.key} cannot be looked up: {why}", (known_as,))
        session = await imap_login.connect(self.name, self._settings, self._tokens)
        try:
            for folder in folders:
                await session.select(folder)
                if await session.search(f"HEADER Message-ID {searched(known_as)}"):
                    return Sent(known_as=(known_as,))
        finally:
            await session.close()
        waited = (self._now() - (reply.tried_at or reply.created_at)).total_seconds()
        if waited < _UNDER_WAY:
            raise ChannelDown(self.name, f"the copy of {reply.key} may be under way", retry_after=_UNDER_WAY - waited)
        return None

    async def check(self) -> str:
        """Log in, open every folder, log in to the sending server."""
        session = await imap_login.connect(self.name, self._settings, self._tokens)
        try:
            counts = []
            for folder in self._settings.folders:
                await session.select(folder)
                counts.append(f"{folder} {len(await session.search('ALL'))} mails")
        finally:
            await session.close()
        sending = await self._sender.check() if self._sender else "sends nothing"
        return f"{self._settings.imap.host}: {', '.join(counts)}; {sending}"

    async def close(self) -> None:
        """Drop the reading connection, take leave of the sending one."""
        if self._reading is not None:
            self._reading.abort()
            self._reading = None
        if self._sender is not None:
            await self._sender.close()
