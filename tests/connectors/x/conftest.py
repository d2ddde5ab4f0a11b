from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from triage.connectors.x import Settings, X
from triage.connectors.x.connector import BREATH, DEADLINE
from triage.connectors.x.settings import OAuth1, OAuth2
from triage.credentials import Secret
from triage.demo.x_api import XApi

NOWHERE = "http://127.0.0.1:9"


class XSide:
    """The X API's stand-in as the far side of the contract."""

    name = "wallet-x"
    kind = "x"
    longest_silence = BREATH + DEADLINE  # a wait, and one request that meets its deadline
    read_faults = ("drop", "html", "html with 200", "truncated", "empty 500", "list")
    send_faults = ("drop after accepting", "html", "html with 200", "truncated", "empty 500", "list")

    def __init__(self, api: XApi, folder: Path, *, private: bool, oauth2: bool) -> None:
        self.api = api
        self.folder = folder
        self.private = private
        self.oauth2 = oauth2
        keys = api.login.keys
        self.secrets = (
            keys.consumer_secret,
            keys.access_token_secret,
            keys.refresh_token,
            "wrong-secret",
            "demo-access",
        )
        self.slept: list[float] = []
        self.skipped = timedelta()
        self.made: list[X] = []

    @property
    def state(self) -> Path:
        return self.folder / "x-tokens.json"

    def secret(self, value: str) -> Secret:
        file = self.folder / value
        file.write_text(value)
        return Secret(file=file)

    def connector(self, secret: str = "", *, deadline: float = DEADLINE, **settings: Any) -> X:
        values: dict[str, Any] = {"base_url": self.api.url, "start": "all"} | self.way_in(secret) | settings
        made = X(
            self.name, Settings(**values), deadline=deadline, now=self.now, sleep=self._sleep, monotonic=self.monotonic
        )
        self.made.append(made)
        return made

    def way_in(self, secret: str = "") -> dict[str, Any]:
        keys = self.api.login.keys
        if self.oauth2:
            first = self.secret(secret or keys.refresh_token)
            return {"oauth2": OAuth2(client_id=keys.client_id, refresh_token=first, state=self.state)}
        return {
            "oauth1": OAuth1(
                consumer_key=self.secret(keys.consumer_key),
                consumer_secret=self.secret(secret or keys.consumer_secret),
                access_token=self.secret(keys.access_token),
                access_token_secret=self.secret(keys.access_token_secret),
            )
        }

    def refused(self) -> X:
        return self.connector("wrong-secret")

    def unreachable(self) -> X:
        return self.connector(base_url=NOWHERE)

    async def say(self, text: str) -> None:
        (self.api.message if self.private else self.api.mention)(text)

    async def say_poison(self) -> None:
        if self.private:
            self.api.message("hello", sender="../somebody")
        else:
            self.api.mention("hello", author="../somebody")

    async def inject(self, fault: str) -> None:
        self.api.faults.plan("dm_events" if self.private else "mentions", fault)
        self.api.faults.plan("dm" if self.private else "post", fault)

    def delivered(self) -> list[str]:
        return [post["text"] for post in self.api.posts]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def monotonic(self) -> float:
        return 1000.0 + sum(self.slept)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
async def api() -> AsyncIterator[XApi]:
    server = XApi()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def far(request: pytest.FixtureRequest, api: XApi, tmp_path: Path) -> AsyncIterator[XSide]:
    way = getattr(request, "param", "")
    side = XSide(api, tmp_path, private="private" in way, oauth2="oauth2" in way)
    yield side
    for connector in side.made:
        await connector.close()
