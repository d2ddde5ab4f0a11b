"""A stand-in for X's API v2 on loopback, faithful on the wire, for the demo and the tests.

What it keeps of the real one (docs.x.com): OAuth 1 signatures are checked and each refresh token is good once;
timelines come newest first, in pages; only the latest 800 mentions are there; direct messages know no `since_id`
and bring our own back; an app's own token reads no direct messages; every answer tells the limits; the same words
cannot be posted twice to the same person within a day; texts are given with &amp; &lt; &gt;.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from triage.demo.faults import Faults
from triage.demo.x_login import Keys, Login

EPOCH = 1288834974657
REACHABLE = 800
WHO = web.RequestKey("who", str)
Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class XApi:
    """One account of ours, and everybody who writes to it.

    Attributes:
        me: Our own user id.
        mentions: The posts that mention us, in order of their ids.
        events: The direct messages, ours included, in order of their ids.
        posts: What we posted, oldest first, with the JSON we were given.
        calls: The operations that were called ("mentions", "dm_events", "post", "dm", "me", "timeline", "token").
        faults: What goes wrong next, by operation.
        problems: Answers to give next, by operation: status, title, detail, headers.
        login: Who may come in.
    """

    def __init__(self, keys: Keys | None = None) -> None:
        """Make the account; `start` opens the port."""
        self.me = "99"
        self.mentions: list[Json] = []
        self.events: list[Json] = []
        self.posts: list[Json] = []
        self.calls: list[str] = []
        self.faults = Faults()
        self.problems: dict[str, list[tuple[int, str, str, dict[str, str]]]] = {}
        self.login = Login(keys or Keys())
        self.url = ""
        self._last = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on loopback and return the base URL."""
        app = web.Application()
        for method, path, operation, handler in (
            ("GET", "/2/users/me", "me", self._show_me),
            ("GET", "/2/users/{id}/mentions", "mentions", self._show_mentions),
            ("GET", "/2/users/{id}/tweets", "timeline", self._show_timeline),
            ("GET", "/2/dm_events", "dm_events", self._show_events),
            ("GET", "/2/dm_conversations/{conversation}/dm_events", "dm_events", self._show_events),
            ("GET", "/2/dm_conversations/with/{person}/dm_events", "dm_events", self._show_events),
            ("POST", "/2/tweets", "post", self._post),
            ("POST", "/2/dm_conversations/{conversation}/messages", "dm", self._direct),
            ("POST", "/2/dm_conversations/with/{person}/messages", "dm", self._direct),
            ("POST", "/2/oauth2/token", "token", self.login.renew),
        ):
            app.router.add_route(method, path, self._guarded(operation, handler))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Close the port and let go of what hangs."""
        self.faults.end()
        if self._runner:
            await self._runner.cleanup()

    def mention(self, text: str, *, author: str = "7", at: float | None = None, **fields: Any) -> str:
        """Let somebody post something that mentions us; return its id. `at` is in seconds since 1970."""
        number = self._next(at)
        fixed = {"id": number, "author_id": author, "text": _escaped(text), "edit_history_tweet_ids": [number]}
        self.mentions.append({"conversation_id": number, "lang": "en", **fixed, **fields})
        self.mentions.sort(key=_age)
        return number

    def message(self, text: str, *, sender: str = "7", at: float | None = None, **fields: Any) -> str:
        """Let somebody write us a direct message; return its id."""
        number = self._next(at)
        event = {"id": number, "event_type": "MessageCreate", "text": _escaped(text), "sender_id": sender}
        self.events.append({**event, "dm_conversation_id": f"{sender}-{self.me}", **fields})
        self.events.sort(key=_age)
        return number

    def _next(self, at: float | None = None) -> str:
        """Return a new id: the time, and a number that makes it greater than every earlier one of the same time."""
        number = int((time.time() if at is None else at) * 1000) - EPOCH << 22
        self._last = max(self._last + 1, number) if at is None else self._last
        return str(self._last if at is None else number + len(self.mentions) + len(self.events))

    def _guarded(self, operation: str, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls.append(operation)

            async def answer() -> web.StreamResponse:
                if operation != "token":
                    request[WHO] = self.login.of(request)
                    if not request[WHO]:
                        return problem(401, "Unauthorized", "Unauthorized")
                if self.problems.get(operation):
                    status, title, detail, headers = self.problems[operation].pop(0)
                    return problem(status, title, detail, headers=headers)
                return _with_limits(await handler(request))

            return await self.faults.pass_through(operation, request, answer)

        return handle

    async def _show_me(self, _: web.Request) -> web.Response:
        return web.json_response({"data": {"id": self.me, "name": "Desk", "username": "desk"}})

    async def _show_mentions(self, request: web.Request) -> web.Response:
        wanted = int(request.query.get("max_results", 10))
        if not 5 <= wanted <= 100:
            return _invalid("max_results", str(wanted))
        return self._page(self.mentions[-REACHABLE:], request, wanted, author="author_id")

    async def _show_timeline(self, request: web.Request) -> web.Response:
        ours = [post for post in self.posts if "dm" not in post]
        shown = [{"id": post["id"], "text": _escaped(post["shown"]), **_answered(post)} for post in ours]
        return self._page(shown, request, int(request.query.get("max_results", 10)))

    async def _show_events(self, request: web.Request) -> web.Response:
        if request[WHO] == "app":
            return _app_only()
        if "since_id" in request.query:
            return _invalid("since_id", request.query["since_id"])
        person, conversation = request.match_info.get("person"), request.match_info.get("conversation")
        conversation = f"{person}-{self.me}" if person else conversation
        events = [event for event in self.events if conversation in (None, event["dm_conversation_id"])]
        return self._page(events, request, int(request.query.get("max_results", 100)), author="sender_id")

    def _page(self, things: list[Json], request: web.Request, size: int, author: str = "") -> web.Response:
        """Return one page, newest first; its token names the last id on it."""
        since, token = int(request.query.get("since_id", 0)), request.query.get("pagination_token", "")
        if token and not token.removeprefix("older").isdigit():
            return _invalid("pagination_token", token)
        below = int(token.removeprefix("older")) if token else 1 << 63
        left = [thing for thing in reversed(things) if since < _age(thing) < below]
        page = left[:size]
        meta: Json = {"result_count": len(page)}
        if len(left) > size:
            meta["next_token"] = f"older{page[-1]['id']}"
        people = sorted({str(thing[author]) for thing in page if author and author in thing})
        users = [{"id": number, "name": f"User {number}", "username": f"user{number}"} for number in people]
        asked = author in request.query.get("expansions", "").split(",")
        included = {"includes": {"users": users}} if asked and users else {}
        return web.json_response({"meta": meta} | ({"data": page} if page else {}) | included)

    async def _post(self, request: web.Request) -> web.Response:
        if request[WHO] == "app":
            return _app_only()
        given = await request.json()
        answered = given.get("reply", {}).get("in_reply_to_tweet_id")
        author = next((post["author_id"] for post in self.mentions if post["id"] == answered), "")
        name = f"@user{author} "
        shown = given["text"] if not author or given["text"].startswith(name) else name + given["text"]
        if any(post.get("shown") == shown and time.time() - post["time"] < 86400 for post in self.posts):
            return problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        number = self._next()
        self.posts.append({**given, "id": number, "shown": shown, "time": time.time()})
        return web.json_response({"data": {"id": number, "text": shown}}, status=201)

    async def _direct(self, request: web.Request) -> web.Response:
        if request[WHO] == "app":
            return _app_only()
        given = await request.json()
        person, conversation = request.match_info.get("person"), request.match_info.get("conversation")
        conversation = conversation or f"{person}-{self.me}"
        number = self.message(given["text"], sender=self.me, dm_conversation_id=conversation)
        self.posts.append({**given, "id": number, "dm": conversation, "time": time.time()})
        return web.json_response({"data": {"dm_event_id": number, "dm_conversation_id": conversation}}, status=201)


def problem(status: int, title: str, detail: str, *, headers: dict[str, str] | None = None) -> web.Response:
    """Return an error as X words it (RFC 7807)."""
    body = {"title": title, "detail": detail, "type": "about:blank", "status": status}
    return web.json_response(body, status=status, headers=headers)


def _with_limits(answer: web.StreamResponse) -> web.StreamResponse:
    answer.headers["x-rate-limit-limit"] = "300"
    answer.headers["x-rate-limit-remaining"] = "299"
    answer.headers["x-rate-limit-reset"] = str(int(time.time()) + 900)
    return answer


def _app_only() -> web.Response:
    detail = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint."
    return problem(403, "Unsupported Authentication", detail)


def _invalid(name: str, value: str) -> web.Response:
    wrong = {"parameters": {name: [value]}, "message": f"The `{name}` query parameter value [{value}] is not valid"}
    detail = "One or more parameters to your request was invalid."
    kind = "https://api.twitter.com/2/problems/invalid-request"
    return web.json_response(
        {"errors": [wrong], "title": "Invalid Request", "detail": detail, "type": kind}, status=400
    )


def _answered(post: Json) -> Json:
    number = post.get("reply", {}).get("in_reply_to_tweet_id")
    return {"referenced_tweets": [{"type": "replied_to", "id": number}]} if number else {}


def _age(thing: Json) -> int:
    return int(thing["id"]) if str(thing.get("id", "")).isdigit() else 0


def _escaped(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
