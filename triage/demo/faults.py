"""Ways in which a server on the other side of the world fails, for the stand-ins of Telegram and X."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from aiohttp import web

Answer = Callable[[], Awaitable[web.StreamResponse]]

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

FAULTS = ("hang", "drop", "drop after accepting", "html", "html with 200", "truncated", "empty 500", "list")
"""hang: never answers. drop: closes before doing anything. drop after accepting: does it, then closes.
html: a proxy's error page. html with 200: the same, called a success. truncated: does it, and sends half of the
answer. empty 500: a status without a body. list: does it, and answers with JSON of another shape."""


class Faults:
    """What goes wrong next, by the name of an operation; each fault hits once."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self._planned: dict[str, deque[str]] = defaultdict(deque)
        self._over = asyncio.Event()

    def plan(self, operation: str, *faults: str) -> None:
        """Let the next calls of `operation` meet these faults, in order."""
        unknown = set(faults) - set(FAULTS)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        self._planned[operation] += faults

    def end(self) -> None:
        """Let go of every call that hangs."""
        self._over.set()

    async def pass_through(self, operation: str, request: web.Request, answer: Answer) -> web.StreamResponse:
        """Return what the caller gets: the answer, or what the planned fault makes of it."""
        planned = self._planned[operation]
        if not planned:
            return await answer()
        return await self._meet(planned.popleft(), request, answer)

    async def _meet(self, fault: str, request: web.Request, answer: Answer) -> web.StreamResponse:
        if fault == "hang":
            await self._over.wait()
        if fault == "html":
            return web.Response(status=502, text=HTML, content_type="text/html")
        if fault == "empty 500":
            return web.Response(status=500, content_type="application/json")
        if fault in ("hang", "drop"):
            return _dropped(request)
        return _spoiled(fault, request, await answer())


def _spoiled(fault: str, request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    """Return what arrives of an answer to a request that was carried out."""
    if fault == "html with 200":
        return web.Response(text=HTML, content_type="text/html")
    if fault == "list":
        return web.json_response([1, 2])
    if fault == "truncated" and isinstance(whole, web.Response) and isinstance(whole.body, bytes):
        half = whole.body[: len(whole.body) // 2]
        return web.Response(body=half, status=whole.status, content_type="application/json")
    return _dropped(request)


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
