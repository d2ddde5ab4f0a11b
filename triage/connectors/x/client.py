"""tweepy's AsyncClient with a `request()` of our own: another host, one deadline, and no foreign exception.

tweepy 4.17 has the host built in, no time limit of its own, prints the bearer token at DEBUG, and lets every
answer that is not a JSON object escape as an AttributeError or a ContentTypeError.
"""

import asyncio
import contextlib
import json as json_module
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
from oauthlib.oauth1 import Client as Signer  # type: ignore[import-untyped]
from tweepy.asynchronous import AsyncClient
from yarl import URL

from triage.connectors.x.settings import OAuth2, Settings
from triage.connectors.x.tokens import Tokens, load, store

LARGEST = 8 << 20
"""Bytes of an answer; a page of 100 long posts has about 3 MB."""

NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""Errors after which the request certainly did not reach the server."""


class Refused(Exception):
    """X answered, and not with success.

    Attributes:
        status: The HTTP status.
        problem: The last part of the problem's type ("client-forbidden"), or empty.
        title: The kind of problem in a word or two ("Forbidden").
        detail: X's own words, one line.
        reset: Seconds since 1970 when a limit ends; None when X does not say.
    """

    def __init__(self, status: int, body: Any, reset: float | None = None) -> None:
        """Read what can be read of the answer's body."""
        values = body if isinstance(body, dict) else {}
        words = values.get("detail") or values.get("error_description") or values.get("title") or ""
        self.status = status
        self.problem = str(values.get("type", "")).rpartition("/")[2]
        self.title = str(values.get("title", ""))
        self.detail = " ".join(str(words).split())[:200]
        self.reset = reset
        super().__init__(f"{status} {self.detail}".strip())


class Unanswered(Exception):
    """No usable answer came.

    Attributes:
        left: The request may have reached X and been carried out.
    """

    def __init__(self, why: str, *, left: bool) -> None:
        """Say in one line what happened."""
        super().__init__(why)
        self.left = left


class Answer:
    """A JSON object, in the shape that tweepy asks for."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        """Keep the answer."""
        self.status = status
        self.body = body

    async def json(self) -> dict[str, Any]:
        """Return the object."""
        return self.body


class Client(AsyncClient):  # type: ignore[misc]  # tweepy ships no types
    """One account's way to X; raises `Refused` and `Unanswered`, nothing else."""

    def __init__(self, settings: Settings, *, deadline: float, now: Callable[[], datetime]) -> None:
        """Read the keys, connect to nothing; raises `ConfigError` when a key cannot be read."""
        keys = settings.oauth1
        super().__init__(
            consumer_key=keys and keys.consumer_key.read(),
            consumer_secret=keys and keys.consumer_secret.read(),
            access_token=keys and keys.access_token.read(),
            access_token_secret=keys and keys.access_token_secret.read(),
            return_type=dict,
        )
        self.signed = keys is not None
        self._base_url = settings.base_url.rstrip("/")
        self._oauth2 = settings.oauth2
        self._deadline = deadline
        self._now = now
        self._tokens: Tokens | None = None
        self._unsaved = False
        self._http: aiohttp.ClientSession | None = None
        self._renewing = asyncio.Lock()

    async def request(
        self, method: str, route: str, params: Any = None, json: Any = None, user_auth: bool = False
    ) -> Answer:
        """Return X's answer; the one place through which every call of tweepy goes."""
        url = URL(self._base_url + route).with_query(sorted((params or {}).items()))
        body = None if json is None else json_module.dumps(json).encode()
        headers = {"User-Agent": "triage"} | ({"Content-Type": "application/json"} if body else {})
        if user_auth:
            return await self._exchange(method, url, headers | self._signature(method, url), body)
        token = await self._bearer()
        try:
            return await self._exchange(method, url, headers | {"Authorization": f"Bearer {token}"}, body)
        except Refused as refused:
            if refused.status != 401:
                raise
        token = await self._bearer(worn=token)  # taken back before its time: X did nothing, so once more is safe
        return await self._exchange(method, url, headers | {"Authorization": f"Bearer {token}"}, body)

    async def close(self) -> None:
        """Let go of the session; never raises. A later call opens another."""
        http, self._http = self._http, None
        if http:
            with contextlib.suppress(Exception):
                await http.close()

    def _signature(self, method: str, url: URL) -> dict[str, str]:
        signer = Signer(self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret)
        return dict(signer.sign(str(url), method)[1])

    async def _exchange(self, method: str, url: URL, headers: dict[str, str], body: bytes | None) -> Answer:
        if self._http is None:
            # A new connection for each request: one that was kept may have died unseen, and a post lost in it
            # would be of unknown fate.
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._http.request(method, url, headers=headers, data=body, allow_redirects=False) as response,
            ):
                return _judged(response, await _whole(response))
        except NEVER_LEFT as error:
            raise Unanswered(f"X cannot be reached: {type(error).__name__}", left=False) from None
        except TimeoutError:
            raise Unanswered("X gave no answer within the deadline", left=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(f"X broke off: {type(error).__name__}", left=True) from None

    async def _bearer(self, worn: str = "") -> str:
        """Return an access token that is not `worn`; a new one is on the disk before anybody uses it."""
        settings = self._oauth2
        if settings is None:
            raise Refused(401, {"detail": "this call needs OAuth 2"})
        async with self._renewing:
            try:
                if self._unsaved and self._tokens:
                    await self._save(settings, self._tokens)
                held = self._tokens = await asyncio.to_thread(load, settings.state, settings.refresh_token.read())
                if not held.good_at(self._now()) or held.access_token == worn:
                    held = await self._renew(settings, held)
            except OSError as error:
                raise Unanswered(f"the file {settings.state} cannot be used: {error.strerror}", left=False) from None
            except Unanswered as error:  # what was to be asked or posted was not even begun
                raise Unanswered(f"no access token: {error}", left=False) from None
            return held.access_token

    async def _renew(self, settings: OAuth2, held: Tokens) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": held.refresh_token, "client_id": settings.client_id}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if settings.client_secret:
            headers["Authorization"] = aiohttp.encode_basic_auth(settings.client_id, settings.client_secret.read())
        url = URL(self._base_url + "/2/oauth2/token")
        try:
            answer = await self._exchange("POST", url, headers, urlencode(form).encode())
            tokens = held.renewed(answer.body, self._now())
        except ValueError as error:
            raise Unanswered(str(error), left=True) from None
        except Refused as refused:
            if refused.status >= 500:
                raise Unanswered(f"X has trouble of its own ({refused})", left=False) from None
            if refused.status not in (400, 401):
                raise
            return await self._another_was_faster(settings, held)
        self._tokens, self._unsaved = tokens, True
        await self._save(settings, tokens)
        return tokens

    async def _another_was_faster(self, settings: OAuth2, held: Tokens) -> Tokens:
        """Return what another process (a sender's) has stored meanwhile; X took the refresh token from it, not us."""
        stored = await asyncio.to_thread(load, settings.state, settings.refresh_token.read())
        if stored.refresh_token == held.refresh_token or not stored.good_at(self._now()):
            raise Refused(401, {"detail": "the refresh token is used up or void: authorise the app again"})
        return stored

    async def _save(self, settings: OAuth2, tokens: Tokens) -> None:
        await asyncio.to_thread(store, settings.state, tokens)
        self._unsaved = False


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > LARGEST:
            raise ValueError("the answer is too large")
    return bytes(body)


def _judged(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    """Return the answer, or raise what it is instead of one."""
    try:
        values = json_module.loads(body)
    except (ValueError, RecursionError):
        values = None
    if not 200 <= response.status < 300:
        raise Refused(response.status, values, _number(response.headers.get("x-rate-limit-reset")))
    if not isinstance(values, dict):
        raise Unanswered("X called it a success, and did not answer with a JSON object", left=True)
    return Answer(response.status, values)


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
