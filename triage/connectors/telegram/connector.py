"""The telegram channel: our own `getUpdates` loop with a durable offset, and plain replies."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from triage.connectors import Batch
from triage.connectors.telegram.api import Api, Moved
from triage.connectors.telegram.pace import Pace
from triage.connectors.telegram.places import place
from triage.connectors.telegram.settings import Settings
from triage.connectors.telegram.text import cut
from triage.connectors.telegram.updates import Reader, blocked, in_album, read
from triage.connectors.telegram.wire import ALLOWED
from triage.errors import ChannelDown, ChannelError, ChannelRefused, SendRefused, SendUnknown
from triage.message import Reply, Sent

DEADLINE = 8.0
"""Seconds for a whole call, beyond what a long poll is told to wait."""

ALBUM_WAIT = 0.5
"""Seconds until the other photos of an album have arrived."""


class Telegram:
    """One bot.

    An update is confirmed to Telegram by the next question, which is asked only when the batch before it is
    stored. The library's own Updater confirms before anything is handled: killed, it had lost 15 of 20 messages.
    """

    kind = "telegram"

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        deadline: float = DEADLINE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Connect to nothing yet; deadline, time and sleep are parameters for tests."""
        self.name = name
        self.answers_through = name if settings.answers_through is None else settings.answers_through
        self._settings = settings
        self._deadline = deadline
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._reading = Api(name, settings, keep_alive=True)
        # A kept connection may have died unseen, and a reply lost in it cannot be looked up: take a new one each.
        self._sending = Api(name, settings, keep_alive=False)
        self._pace = Pace()
        self._blocked: set[int] = set()

    async def messages(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what came after `cursor`, the bot and its next update; see `Connector.messages`."""
        self._offset(cursor, 0)  # what is no cursor of ours is refused before anybody is asked
        reader = await self._identify()
        offset = self._offset(cursor, reader.bot_id)
        if self._settings.delete_webhook:
            await self._reading.read("deleteWebhook", self._deadline, drop_pending_updates=False)
        while True:
            updates = await self._updates(offset)
            self._note_blocks(updates)
            last = max((number for raw in updates if (number := _number(raw)) is not None), default=None)
            if last is not None:
                offset = last + 1  # not max(offset, …): after a quiet week Telegram numbers anew, from anywhere
            items = tuple(read(updates, reader, self._now()))
            yield Batch(items=items, cursor=f"{reader.bot_id}:{offset}" if last is not None else None)
            if updates and last is None:
                raise ChannelDown(self.name, "the Bot API answers with updates that have no number")

    async def send(self, reply: Reply) -> Sent:
        """Send one reply, in parts if it is longer than Telegram allows; see `Connector.send`."""
        to = reply.reply_to
        chat = self._chat(reply)
        if chat in self._blocked:
            raise SendRefused(self.name, "the customer blocked the bot")
        known_as: tuple[str, ...] = ()
        for part in cut(reply.text):
            await self._sleep(self._pace.wait(chat, self._monotonic()))
            try:
                known_as += (await self._send_part(part, chat, to),)
            except ChannelError as error:
                if known_as:  # the first part is out: whatever became of the next, it may not be sent again
                    raise SendUnknown(self.name, f"only a part went out: {error.why}", known_as) from None
                raise
        return Sent(known_as=known_as)

    async def find_sent(self, reply: Reply) -> Sent | None:
        """Raise `SendUnknown`: the Bot API has no way to ask what was sent."""
        raise SendUnknown(self.name, f"Telegram cannot tell whether reply {reply.id} went out")

    async def check(self) -> str:
        """Return who the bot is and how much waits for it; raises as `messages`."""
        reader = await self._identify()
        hook = await self._reading.read("getWebhookInfo", self._deadline)
        hook = hook if isinstance(hook, dict) else {}
        if hook.get("url") and not self._settings.delete_webhook:
            raise ChannelDown(self.name, "a webhook is set and takes the messages: set delete_webhook = true")
        count = hook.get("pending_update_count")
        return f"@{reader.username}, {count if isinstance(count, int) else 0} updates waiting"

    async def close(self) -> None:
        """Let go of every connection; never raises."""
        await self._reading.close()
        await self._sending.close()

    def _offset(self, cursor: str | None, bot: int) -> int:
        """Return where this bot goes on: at its beginning if the cursor is another bot's, which numbers its own.

        A cursor without a bot was written before they were named, and is taken for this one's.
        """
        of, _, offset = (cursor or "0").rpartition(":")
        if not all(part.isascii() and part.isdigit() for part in (of or "0", offset)):
            raise ChannelRefused(self.name, "not a cursor of a Telegram channel: is this another channel's name?")
        return int(offset) if int(of or bot) == bot else 0

    def _chat(self, reply: Reply) -> int:
        """Return where the reply goes: where the message came from, or the private chat, which has the person's id."""
        try:
            return int(reply.reply_to.get("chat") or reply.to.value)
        except ValueError:
            raise SendRefused(self.name, f"reply {reply.id} goes to no Telegram chat") from None

    async def _identify(self) -> Reader:
        me = await self._reading.read("getMe", self._deadline)
        try:
            return Reader(channel=self.name, bot_id=int(me["id"]), username=str(me.get("username", "")).lower())
        except (LookupError, TypeError, ValueError, AttributeError):
            raise ChannelDown(self.name, "the Bot API does not say who the bot is") from None

    async def _updates(self, offset: int) -> list[Any]:
        updates = await self._poll(offset, self._settings.poll_seconds)
        if updates and in_album(updates[-1]):
            # Each photo of an album is an update of its own; asking again confirms nothing and brings all of them.
            await self._sleep(ALBUM_WAIT)
            updates = await self._poll(offset, 0)
        return updates

    async def _poll(self, offset: int, seconds: float) -> list[Any]:
        asked = {"offset": offset, "timeout": int(seconds), "allowed_updates": list(ALLOWED)}
        updates = await self._reading.read("getUpdates", seconds + self._deadline, **asked)
        if not isinstance(updates, list):
            raise ChannelDown(self.name, "the Bot API answers with something that is no list of updates")
        return updates

    def _note_blocks(self, updates: list[Any]) -> None:
        for chat, is_blocked in blocked(updates):
            (self._blocked.add if is_blocked else self._blocked.discard)(chat)

    async def _send_part(self, text: str, chat: int, to: dict[str, Any]) -> str:
        arguments: dict[str, Any] = {"text": text, "link_preview_options": {"is_disabled": True}}
        if to.get("message"):
            # The customer may have deleted her message meanwhile: then it goes out as an ordinary one.
            arguments["reply_parameters"] = {"message_id": to["message"], "allow_sending_without_reply": True}
        if to.get("thread"):
            arguments["message_thread_id"] = to["thread"]
        if to.get("business"):
            arguments["business_connection_id"] = to["business"]
        try:
            message = await self._sending.send(self._deadline, chat_id=chat, **arguments)
        except Moved as moved:
            if to.get("moved"):
                raise SendRefused(self.name, "the group moved, and moved again") from None
            return await self._send_part(text, moved.chat, {"thread": to.get("thread"), "moved": True})
        try:
            bot, kind = int(message["from"]["id"]), str(message["chat"]["type"])
            where = place(chat, kind, bot=bot, business=to.get("business", ""))
            return f"tg:{where}:{int(message['message_id'])}"
        except (LookupError, TypeError, ValueError):
            raise SendUnknown(self.name, "Telegram's answer does not say what it sent") from None


def _number(raw: Any) -> int | None:
    """Return the update's number, even of an update that is otherwise unreadable."""
    value = raw.get("update_id") if isinstance(raw, dict) else None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) else None
