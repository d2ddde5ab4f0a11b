"""Sending by SMTP over a few connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from triage.connectors.email.compose import compose, message_id, recipient
from triage.connectors.email.oauth import Tokens
from triage.connectors.email.settings import Settings, SmtpServer
from triage.connectors.email.smtp_line import Line
from triage.errors import SendRefused
from triage.message import Reply, Sent


class Sender:
    """Sends the replies of one account, a few at once, each over a connection that is kept for a while."""

    def __init__(
        self, channel: str, settings: Settings, server: SmtpServer, tokens: Tokens | None, now: Callable[[], datetime]
    ) -> None:
        """Name the account; nothing is connected yet."""
        self._channel, self._settings, self._now = channel, settings, now
        self._lines = [Line(channel, settings, server, tokens) for _ in range(server.connections)]
        # The one that was used last comes first: a single reply needs no second connection.
        self._free = asyncio.LifoQueue[Line]()
        for line in reversed(self._lines):
            self._free.put_nowait(line)

    async def send(self, reply: Reply) -> Sent:
        """Send one reply; raises as `Connector.send`."""
        known_as = (message_id(reply, self._settings),)
        try:
            raw, to = compose(reply, self._settings, self._now()), recipient(reply)
        except ValueError as error:
            raise SendRefused(self._channel, f"the reply {reply.key} cannot be sent: {error}") from None
        async with self._a_line() as line:
            await line.announce(reply, to)
            await line.hand_over(raw, known_as)
        return Sent(known_as=known_as)

    async def check(self) -> str:
        """Log in and return one line of what was found; raises as `Connector.check`."""
        async with self._a_line() as line:
            return await line.check()

    async def close(self) -> None:
        """Take leave of the server, in a moment or not at all."""
        await asyncio.gather(*(line.leave() for line in self._lines))

    @contextlib.asynccontextmanager
    async def _a_line(self) -> AsyncIterator["Line"]:
        line = await self._free.get()
        try:
            yield line
        finally:
            self._free.put_nowait(line)
