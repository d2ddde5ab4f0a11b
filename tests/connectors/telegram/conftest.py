from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from triage.connectors.telegram import Settings, Telegram
from triage.connectors.telegram.connector import DEADLINE
from triage.credentials import Secret
from triage.demo.telegram_api import TelegramApi

NOWHERE = "http://127.0.0.1:9"


class TelegramSide:
    """The Bot API's stand-in as the far side of the contract."""

    name = "wallet-bot"
    kind = "telegram"
    longest_silence = 50.0 + DEADLINE  # the longest poll that the settings allow, and its deadline
    read_faults = ("drop", "html", "html with 200", "truncated", "empty 500", "list")
    send_faults = ("drop after accepting", "html with 200", "truncated", "empty 500", "html", "list")

    def __init__(self, api: TelegramApi, folder: Path) -> None:
        self.api = api
        self.folder = folder
        self.secrets = (api.token, "777:wrong")
        self.slept: list[float] = []
        self.made: list[Telegram] = []

    def connector(self, token: str | None = None, *, deadline: float = DEADLINE, **settings: Any) -> Telegram:
        file = self.folder / f"token{len(self.made)}"
        file.write_text(token or self.api.token)
        values = {"base_url": self.api.url, "poll_seconds": 0} | settings
        made = Telegram(
            self.name,
            Settings(token=Secret(file=file), **values),
            deadline=deadline,
            sleep=self._sleep,
            monotonic=self._clock,
        )
        self.made.append(made)
        return made

    def refused(self) -> Telegram:
        return self.connector("777:wrong")

    def unreachable(self) -> Telegram:
        return self.connector(base_url=NOWHERE)

    async def say(self, text: str) -> None:
        self.api.write(text)

    async def say_poison(self) -> None:
        self.api.push(message={"message_id": 5, "text": 5, "chat": {"id": 7, "type": "private"}, "date": 1e308})

    async def inject(self, fault: str) -> None:
        self.api.faults.plan("getupdates", fault)
        self.api.faults.plan("sendmessage", fault)

    def delivered(self) -> list[str]:
        return [message["text"] for message in self.api.sent]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _clock(self) -> float:
        return 1000.0 + sum(self.slept)


@pytest.fixture
async def api() -> AsyncIterator[TelegramApi]:
    server = TelegramApi()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def far(api: TelegramApi, tmp_path: Path) -> AsyncIterator[TelegramSide]:
    side = TelegramSide(api, tmp_path)
    yield side
    for connector in side.made:
        await connector.close()
