"""One signed request to somebody who wants to hear what happens, by the Standard Webhooks specification, 1.0.0.

https://www.standardwebhooks.com
"""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from standardwebhooks import Webhook

from triage.rules.networks import is_public
from triage.webhooks import Endpoint

DEADLINE = 20.0
"""Seconds for one request, from the look-up of the name to the status; the specification asks for 15 to 30."""

BUSY = frozenset({0, 429, 502, 503, 504})
"""Statuses that say nothing of the event: the receiver cannot take any now. 0: it gave no answer at all."""

LONGEST_ASKED = 24 * 3600.0
"""Seconds that a receiver may ask us to wait at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one request.

    Attributes:
        status: The HTTP status; 0 when there was none.
        why: One line, with nothing in it that the receiver wrote; "" when it took the event.
        wait: Seconds that it asked us to wait.
    """

    status: int
    why: str = ""
    wait: float = 0.0

    @property
    def taken(self) -> bool:
        """Tell whether the receiver has the event."""
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Tell whether it wants to hear nothing any more."""
        return self.status == 410

    @property
    def busy(self) -> bool:
        """Tell whether it can take no event at all now."""
        return self.status in BUSY


def headers(secrets: tuple[str, ...], msg_id: str, body: str, now: datetime) -> dict[str, str]:
    """Return the headers that prove who sends; `now` must be in UTC. One signature for each secret."""
    return {
        "content-type": "application/json",
        "user-agent": "Triage-Webhooks",
        "webhook-id": msg_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(msg_id, now, body) for secret in secrets),
    }


class Poster:
    """Sends to one endpoint; several requests at once are fine."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Take the endpoint; nothing is connected yet."""
        self._endpoint = endpoint
        self._http: aiohttp.ClientSession | None = None

    async def post(self, msg_id: str, body: str, now: datetime) -> Answer:
        """Send once, and return what became of it; never raises but when it is cancelled."""
        signed = headers(self._endpoint.secrets, msg_id, body, now)
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._exchange(signed, body.encode())
        except TimeoutError:
            return Answer(status=0, why=f"no answer in {DEADLINE:.0f} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(status=0, why=_why(error))

    async def close(self) -> None:
        """Let go of the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def _exchange(self, signed: dict[str, str], body: bytes) -> Answer:
        http = self._http = self._http or self._session()
        answer = await http.post(self._endpoint.url, data=body, headers=signed, allow_redirects=False)
        # Only the head is read, whose size aiohttp bounds. What follows is nobody's business, however long it is.
        answer.close()
        if 200 <= answer.status < 300:
            return Answer(status=answer.status)
        moved = ": redirects are not followed" if 300 <= answer.status < 400 else ""
        asked = answer.headers.get("retry-after", "")
        wait = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0.0
        return Answer(status=answer.status, why=f"answered {answer.status}{moved}", wait=min(wait, LONGEST_ASKED))

    def _session(self) -> aiohttp.ClientSession:
        # No cache of names and no kept connection: each request goes to an address that was judged for it.
        connector = aiohttp.TCPConnector(
            ssl=ssl.create_default_context(cafile=self._endpoint.ca_file),
            use_dns_cache=False,
            force_close=True,
            socket_factory=self._socket,
        )
        return aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())

    def _socket(self, address: Any) -> socket.socket:
        """Return a socket for the very address that is connected to, whatever name led to it; raises `OSError`."""
        family, kind, proto, _, (host, *_) = address
        if not self._endpoint.private and not is_public(host):
            raise PermissionError("its address is none of the internet: see `private_network`")
        return socket.socket(family, kind, proto)


def _why(error: Exception) -> str:
    """Return in one line why there was no answer; of the receiver's own words there are none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PermissionError) and cause.errno is None:
            return str(cause)
        cause = getattr(cause, "os_error", None) or cause.__cause__
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)):
        return "its certificate is not one that we can believe"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name leads nowhere"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "it cannot be reached"
    return f"it broke off ({type(error).__name__})"
