"""A stand-in for Telegram's Bot API on loopback, faithful on the wire, for the demo and the tests.

What it keeps of the real one (https://core.telegram.org/bots/api, and the source of tdlib/telegram-bot-api):
an update is forgotten when a higher offset is asked for, not when it is read; an offset far beyond the last
update is "in the future" and confirms nothing; a long poll waits; of two pollers the older one gets 409;
a webhook stands in the way of polling; method names know no case; texts have at most 4096 UTF-16 units.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from triage.demo.faults import Faults

BOT_ID = 777
Json = dict[str, Any]


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        """Name the status, the text and the response parameters (`retry_after`, `migrate_to_chat_id`)."""
        super().__init__(description)
        self.code = code
        self.parameters = parameters


class TelegramApi:
    """One bot and everybody who writes to it.

    Attributes:
        sent: What the bot sent, oldest first, as Telegram would show it, with the arguments it was given.
        calls: The names of the methods called, in lower case, in order.
        faults: What goes wrong next, by method name in lower case.
        refusals: Answers to give next, by method name in lower case; each is given once.
        blocked: Chats whose customer has blocked the bot.
        migrated: Groups that became supergroups: old chat id -> new chat id.
    """

    def __init__(self, token: str = f"{BOT_ID}:demo", username: str = "deskbot") -> None:
        """Make the bot; `start` opens the port."""
        self.token = token
        self.username = username
        self.sent: list[Json] = []
        self.calls: list[str] = []
        self.faults = Faults()
        self.refusals: dict[str, list[Refusal]] = {}
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.webhook = ""
        self.url = ""
        self._waiting: list[Json] = []
        self._last_update = 1000
        self._message_ids = itertools.count(1)
        self._news = asyncio.Event()
        self._poller: asyncio.Event | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on loopback and return the base URL."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Close the port and every waiting poll."""
        self.faults.end()
        if self._poller:
            self._poller.set()
        if self._runner:
            await self._runner.cleanup()

    def waiting(self) -> int:
        """Return how many updates are not confirmed."""
        return len(self._waiting)

    def push(self, *, update_id: int | None = None, **fields: Any) -> int:
        """Queue one update as it is, poison included, and return its number."""
        self._last_update = self._last_update + 1 if update_id is None else update_id
        self._waiting.append({"update_id": self._last_update, **fields})
        self._news.set()
        return self._last_update

    def write(self, text: str | None, *, user: int = 7, chat: int | None = None, **fields: Any) -> int:
        """Let a customer write, in her private chat or in the group `chat` (negative); return the message's id."""
        post = self.post(text, user=user, chat=chat, **fields)
        self.push(message=post)
        return int(post["message_id"])

    def post(self, text: str | None, *, user: int = 7, chat: int | None = None, **fields: Any) -> Json:
        """Return a message as Telegram would send it; `fields` are added or replace what is there."""
        place = user if chat is None else chat
        private = {"id": place, "type": "private", "first_name": f"User {user}", "username": f"user{user}"}
        group = {"id": place, "type": "supergroup", "title": "Wallet talk"}
        sender = {"id": user, "is_bot": False, "first_name": f"User {user}", "username": f"user{user}"}
        values = {
            "message_id": next(self._message_ids),
            "date": int(time.time()),
            "chat": private if place > 0 else group,
            "from": {**sender, "language_code": "en"},
            **({} if text is None else {"text": text}),
            **({"entities": commands} if text and (commands := _commands(text)) else {}),
        }
        return {key: value for key, value in {**values, **fields}.items() if value is not None}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        self.calls.append(method)
        arguments = await _arguments(request)

        async def answer() -> web.StreamResponse:
            return await self._answer(method, request.match_info["token"], arguments)

        return await self.faults.pass_through(method, request, answer)

    async def _answer(self, method: str, token: str, arguments: Json) -> web.StreamResponse:
        try:
            if token != self.token:
                raise Refusal(401, "Unauthorized")
            if self.refusals.get(method):
                raise self.refusals[method].pop(0)
            if method not in METHODS:
                raise Refusal(404, "Not Found: method not found")
            return web.json_response({"ok": True, "result": await METHODS[method](self, arguments)})
        except Refusal as refusal:
            body = {"ok": False, "error_code": refusal.code, "description": str(refusal)}
            extra = {"parameters": refusal.parameters} if refusal.parameters else {}
            return web.json_response(body | extra, status=refusal.code)

    async def _get_me(self, _: Json) -> Json:
        abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return self._me() | abilities

    def _me(self) -> Json:
        """Return who the bot is; a token begins with the number of its bot."""
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": "Desk", "username": self.username}

    async def _get_webhook_info(self, _: Json) -> Json:
        return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self._waiting)}

    async def _set_webhook(self, arguments: Json) -> bool:
        self.webhook = str(arguments.get("url", ""))
        return True

    async def _delete_webhook(self, arguments: Json) -> bool:
        self.webhook = ""
        if arguments.get("drop_pending_updates"):
            self._waiting.clear()
        return True

    async def _get_updates(self, arguments: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._poller:
            self._poller.set()
        mine = self._poller = asyncio.Event()
        self._confirm(int(arguments.get("offset", 0)))
        try:
            return await self._wait_for_news(mine, arguments)
        finally:
            if self._poller is mine:
                self._poller = None

    def _confirm(self, offset: int) -> None:
        if offset > self._last_update + 10:
            return  # "in the future": the numbers began anew, so this offset says nothing about these updates
        self._waiting = [update for update in self._waiting if update["update_id"] >= offset]

    async def _wait_for_news(self, mine: asyncio.Event, arguments: Json) -> list[Json]:
        end = time.monotonic() + float(arguments.get("timeout", 0))
        allowed = set(arguments.get("allowed_updates") or ())
        while True:
            if mine.is_set():
                raise Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            if allowed:
                self._waiting = [update for update in self._waiting if allowed & update.keys()]
            left = end - time.monotonic()
            if self._waiting or left <= 0:
                return self._waiting[: int(arguments.get("limit", 100))]
            self._news.clear()
            await _first_of(self._news, mine, timeout=left)

    async def _send_message(self, arguments: Json) -> Json:
        chat, text = int(arguments.get("chat_id", 0)), str(arguments.get("text", ""))
        if chat in self.migrated:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.migrated[chat],
            )
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        place = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
        own = {"from": self._me(), "chat": place}
        message = {"message_id": next(self._message_ids), "date": int(time.time()), "text": text, **own}
        self.sent.append({**message, "arguments": arguments})
        return message


Method = Callable[[TelegramApi, Json], Awaitable[Any]]
METHODS: dict[str, Method] = {
    "getme": TelegramApi._get_me,  # noqa: SLF001 - the table of this class's own methods
    "getwebhookinfo": TelegramApi._get_webhook_info,  # noqa: SLF001
    "setwebhook": TelegramApi._set_webhook,  # noqa: SLF001
    "deletewebhook": TelegramApi._delete_webhook,  # noqa: SLF001
    "getupdates": TelegramApi._get_updates,  # noqa: SLF001
    "sendmessage": TelegramApi._send_message,  # noqa: SLF001
}


async def _arguments(request: web.Request) -> Json:
    """Return the arguments of a call; each may come in the address, as a form or as JSON."""
    if request.content_type == "application/json":
        return {**request.query, **await request.json()}
    form = await request.post() if request.method == "POST" else {}
    return {key: _decoded(value) for key, value in {**request.query, **form}.items()}


def _decoded(value: Any) -> Any:
    """Return a form's value: objects, lists and booleans are written as JSON, the rest is text."""
    if isinstance(value, str) and (value[:1] in ("[", "{") or value in ("true", "false")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _commands(text: str) -> list[Json]:
    """Return the entity of a command at the start of a text, as Telegram marks it."""
    word = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    return [{"type": "bot_command", "offset": 0, "length": len(word)}] if len(word) > 1 else []


async def _first_of(*events: asyncio.Event, timeout: float) -> None:  # noqa: ASYNC109 - a poll has a time of its own
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
