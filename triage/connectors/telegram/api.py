"""Calls of the Bot API: each under one deadline, the library's errors turned into ours where they arise."""

import asyncio
import contextlib
import json
import os
from typing import Any

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from triage.connectors.telegram.settings import Settings
from triage.errors import ChannelDown, ChannelError, ChannelRefused, SendRefused, SendUnknown

# The library's own way to ask for `retry_after` as a timedelta; without it each 429 is a deprecation warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

MOST_RETRY_AFTER = 900.0
"""Seconds: a longer wait than this is not believed; the far side says it again if it means it."""

NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors after which the request certainly did not reach the server."""

ODD_ANSWERS = (LookupError, TypeError, ValueError, AttributeError, RuntimeError, OSError)
"""What the library raises on its own when the answer is not what it expects."""


class Moved(Exception):
    """The chat has a new id; the request is made again with it."""

    def __init__(self, chat: int) -> None:
        """Name the new chat."""
        super().__init__()
        self.chat = chat


class _Request(HTTPXRequest):
    """As the library's, but it never writes an answer to the log: answers hold what customers wrote."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise TelegramError("the answer is not JSON") from None
        if not isinstance(answer, dict):
            raise TelegramError("the answer is not a JSON object")
        return answer


class Api:
    """One way to the Bot API: a bot's reader and its sender have one each, so that neither's trouble is the other's."""

    def __init__(self, channel: str, settings: Settings, *, keep_alive: bool) -> None:
        """Connect to nothing yet; `keep_alive=False` takes a new connection for every call."""
        self._channel = channel
        self._settings = settings
        self._limits = httpx.Limits(max_keepalive_connections=1 if keep_alive else 0)
        self._token = ""
        self._request: _Request | None = None

    async def read(self, method: str, deadline: float, **arguments: Any) -> Any:
        """Return the result of a call that changes nothing at the far side; raises `ChannelDown`, `ChannelRefused`."""
        try:
            return await self._call(method, deadline, arguments)
        except (TelegramError, TimeoutError, *ODD_ANSWERS) as error:
            raise self._reading_error(error) from None

    async def send(self, deadline: float, **arguments: Any) -> Any:
        """Return the message that `sendMessage` made.

        Raises `Moved`, and what `Connector.send` raises.
        """
        try:
            return await self._call("SendMessage", deadline, arguments)
        except (TelegramError, TimeoutError, *ODD_ANSWERS) as error:
            raise self._sending_error(error) from None

    async def close(self) -> None:
        """Let go of the connections; never raises."""
        request, self._request = self._request, None
        if request:
            with contextlib.suppress(Exception):
                await request.shutdown()

    async def _call(self, method: str, deadline: float, arguments: dict[str, Any]) -> Any:
        # Method names are case-insensitive; with a capital the library does not warn that it has a typed method,
        # which we do not want: a typed `getUpdates` fails as a whole when one update cannot be understood.
        method = method[0].upper() + method[1:]
        self._token = self._token or self._settings.token.read()
        if self._request is None:
            self._request = _Request(httpx_kwargs={"limits": self._limits})
        base = self._settings.base_url.rstrip("/") + "/bot"
        bot = Bot(self._token, base_url=base, request=self._request, get_updates_request=self._request)
        try:
            # httpx bounds each read, not the whole answer: a server that drips bytes would hold us for ever.
            async with asyncio.timeout(deadline):
                return await bot.do_api_request(method, api_kwargs=arguments, read_timeout=deadline)
        except TimeoutError:
            await self.close()  # a connection that missed its deadline is never used again
            raise

    def _reading_error(self, error: Exception) -> ChannelError:
        if isinstance(error, ChatMigrated | BadRequest | Forbidden):  # before NetworkError: BadRequest is one
            return ChannelRefused(self._channel, f"Telegram refuses the question: {self._line(error)}")
        return self._common_error(error) or ChannelDown(
            self._channel, f"no usable answer from the Bot API: {self._line(error)}"
        )

    def _sending_error(self, error: Exception) -> Exception:
        if isinstance(error, ChatMigrated):
            return Moved(error.new_chat_id)
        if isinstance(error, BadRequest | Forbidden):
            return SendRefused(self._channel, f"Telegram refuses the reply: {self._line(error)}")
        if isinstance(error.__cause__, NEVER_LEFT):
            return ChannelDown(self._channel, f"the Bot API cannot be reached: {self._line(error)}")
        return self._common_error(error) or SendUnknown(
            self._channel, f"nobody can tell whether the reply went out: {self._line(error)}"
        )

    def _common_error(self, error: Exception) -> ChannelError | None:
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            seconds = wait if isinstance(wait, int | float) else wait.total_seconds()
            return ChannelDown(
                self._channel, f"too many requests: wait {seconds:.0f} s", min(max(1.0, seconds), MOST_RETRY_AFTER)
            )
        if isinstance(error, InvalidToken | EndPointNotFound):
            return ChannelRefused(self._channel, "Telegram refuses the bot's token: get it from @BotFather again")
        if isinstance(error, Conflict):
            return ChannelDown(self._channel, _conflict(str(error)))
        return None

    def _line(self, error: Exception) -> str:
        """Return one line about an error: no token, and not the bytes of an answer."""
        if isinstance(error, TimeoutError):
            return "no answer within the deadline"
        text = " ".join(str(error).partition(". Parsing the server response")[0].split())
        return (text.replace(self._token, "[token]") if self._token else text)[:200] or type(error).__name__


def _conflict(text: str) -> str:
    if "webhook" in text.lower():
        return "a webhook is set and takes the messages: remove it, or set delete_webhook = true"
    return "another program polls the same bot (409): stop it, each bot has one reader"
