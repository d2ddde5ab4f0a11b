"""OAuth 2 access tokens for XOAUTH2, fetched with a refresh token that the provider may replace at any time."""

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import Callable

import httpx

from triage.connectors.email.settings import OAuth
from triage.credentials import keep
from triage.errors import ChannelDown, ChannelRefused

_ENDPOINTS = {
    "google": ("https://oauth2.googleapis.com/token", ""),
    "microsoft": (
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
    ),
}
_EARLY = 120.0  # seconds before its end a token is taken for used up
_DEADLINE = 20.0


class Tokens:
    """The tokens of one account; reader and sender share them."""

    def __init__(self, channel: str, settings: OAuth, *, clock: Callable[[], float] = time.time) -> None:
        """Name the account; nothing is fetched yet."""
        self._channel, self._settings, self._clock = channel, settings, clock
        self._url, self._scope = _ENDPOINTS.get(settings.provider or "", ("", ""))
        self._url = settings.token_url or self._url
        self._scope = settings.scope if settings.scope is not None else self._scope
        self._access, self._ends = "", 0.0
        self._unkept: tuple[str, str] | None = None
        self._lock = asyncio.Lock()

    async def access(self, *, fresh: bool = False) -> str:
        """Return an access token; `fresh` after a server refused the last one.

        A replaced refresh token is on the disk before its access token is used: the old one may be void.
        Raises `ChannelRefused` when the grant is gone, `ChannelDown` when the provider does not answer.
        """
        async with self._lock:
            if fresh or self._clock() >= self._ends - _EARLY:
                first = self._settings.refresh_token.read()
                await self._keep_replaced()
                answer = await self._ask(self._kept(first) or first)
                replaced = answer.get("refresh_token")
                if isinstance(replaced, str) and replaced:
                    self._unkept = first, replaced
                    await self._keep_replaced()
                self._access = str(answer["access_token"])
                self._ends = self._clock() + _seconds(answer.get("expires_in"))
            return self._access

    async def _ask(self, refresh_token: str) -> dict[str, object]:
        secret = self._settings.client_secret
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self._settings.client_id,
            "client_secret": secret.read() if secret else "",
            "scope": self._scope,
        }
        try:
            async with asyncio.timeout(_DEADLINE), httpx.AsyncClient(timeout=_DEADLINE) as client:
                answer = await client.post(self._url, data={k: v for k, v in form.items() if v})
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            raise ChannelDown(self._channel, f"{self._url} does not answer: {type(error).__name__}") from None
        found: dict[str, object] = {}
        with contextlib.suppress(ValueError):
            found = answer.json() if isinstance(answer.json(), dict) else {}
        if answer.status_code == 200 and isinstance(found.get("access_token"), str):
            return found
        why = f"{self._url} gives no token: {answer.status_code} {str(found.get('error', ''))[:60]}".strip()
        if answer.status_code in {400, 401, 403}:
            raise ChannelRefused(self._channel, f"{why}; grant access anew and put the new refresh token in place")
        raise ChannelDown(self._channel, why)

    def _kept(self, first: str) -> str:
        """Return the refresh token that replaced `first`, or "" when none did: a newly configured one counts again."""
        try:
            kept = json.loads(self._settings.state_file.read_text(encoding="utf-8"))
            return str(kept["refresh_token"]) if kept["replaces"] == _digest(first) else ""
        except (OSError, ValueError, LookupError, TypeError):  # not there, or a file of somebody else's
            return ""

    async def _keep_replaced(self) -> None:
        """Put a refresh token that replaced another on the disk; if it cannot be written now, before the next is asked.

        The provider gives it once: forgotten, the account would have to be granted anew.
        """
        if self._unkept is None:
            return
        first, replaced = self._unkept
        path, text = self._settings.state_file, json.dumps({"replaces": _digest(first), "refresh_token": replaced})
        try:
            await asyncio.to_thread(keep, path, text)
        except OSError as error:
            raise ChannelRefused(self._channel, f"state_file {path} cannot be written: {error.strerror}") from None
        self._unkept = None


def _seconds(said: object) -> float:
    """Return for how long a token is good; what a provider does not say in numbers (RFC 6749, 5.1) is an hour."""
    try:
        return float(str(said)) or 3600.0
    except ValueError:
        return 3600.0


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
