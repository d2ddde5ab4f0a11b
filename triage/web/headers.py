"""What every answer carries so that a browser helps us: our own scripts and styles only, no frames, no referrer."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Where to report follows: `_reporting`."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with "no-referrer" browsers send our own forms with "Origin: null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
REPORTS = "/csp-report"
"""Where browsers report what the policy forbade."""

ENDPOINT = "csp"
"""The name of that place in `Reporting-Endpoints`."""

_THIS_MACHINE = re.compile(rb"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")

LONGEST_BODY = 256 * 1024
"""Bytes of a request; the longest answer an agent may write is far shorter."""


class UnderPrefix:
    """Tells the application under which path a proxy serves it, whether the proxy takes that away or not.

    ASGI wants `path` with the `root_path` in it. A prefix that is the name of a page of ours ("/cases") needs a proxy
    that does not take it away.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Wrap an application that is served under `prefix` ("/triage"), or under none ("")."""
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if self._prefix and scope["type"] == "http":
            path = scope["path"]
            whole = path if f"{path}/".startswith(f"{self._prefix}/") else self._prefix + path
            scope = {**scope, "root_path": self._prefix, "path": whole}
        await self._app(scope, receive, send)


class SafeHeaders:
    """Adds `ALWAYS` to each answer, forbids caches to keep pages, and refuses bodies that are too long."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        root = scope.get("root_path", "")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                for name, value in _reporting(scope).items():
                    headers.setdefault(name, value)
                static = scope["path"].removeprefix(root).startswith("/static/")
                headers.setdefault("Cache-Control", "max-age=86400" if static else "no-store")
            await send(message)

        sizes = [value for name, value in scope["headers"] if name == b"content-length"]
        if sizes and (not sizes[0].isdigit() or int(sizes[0]) > LONGEST_BODY):
            said = [(b"content-type", b"application/problem+json")]
            await with_headers({"type": "http.response.start", "status": 413, "headers": said})
            await send({"type": "http.response.body", "body": b'{"title": "this is too long", "status": 413}'})
            return
        await self._app(scope, _limited(receive), with_headers)


def _reporting(scope: Scope) -> dict[str, str]:
    """Return the policy with where to report, in both ways: who knows `report-to` leaves `report-uri` aside.

    Without TLS (on this machine only) a browser ignores `Reporting-Endpoints`, and yet it leaves `report-uri` aside
    (seen in Chromium 150): nothing would be reported, so there is but the old way.
    https://www.w3.org/TR/CSP3/#directive-report-to, https://www.w3.org/TR/reporting-1/#header
    """
    where = f"{scope.get('root_path', '')}{REPORTS}"
    old = f"{CSP}; report-uri {where}"
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    if _THIS_MACHINE.fullmatch(host):
        return {"Content-Security-Policy": old}
    # A structured field; the address is read as one beside the page's own.
    return {
        "Content-Security-Policy": f"{old}; report-to {ENDPOINT}",
        "Reporting-Endpoints": f'{ENDPOINT}="{where}"',
    }


def _limited(receive: Receive) -> Receive:
    """Return `receive` that ends a body which came without its length and does not end."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= LONGEST_BODY else {"type": "http.disconnect"}

    return limited
