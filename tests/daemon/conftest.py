"""A desk whose channels are scripted: the daemon, the pipeline and the store are real, only the far side is not."""

import asyncio
import sys
import types
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from triage import daemon, settings
from triage.connectors import Batch
from triage.daemon import Clock
from triage.message import Sent
from triage.store import Store, upgrade

KIND = "tests_daemon.scripted"


class ScriptedSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    answers_through: str | None = None


@dataclass
class FarSide:
    """What a channel's server does: hands over batches or fails, takes replies or does not."""

    pulls: deque = field(default_factory=deque)
    answers: deque = field(default_factory=deque)
    look_ups: deque = field(default_factory=deque)
    cursors: list = field(default_factory=list)
    marked: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    looked_up: list = field(default_factory=list)
    closed: int = 0
    at_once: int = 1


class Scripted:
    kind = KIND

    def __init__(self, name: str, given: ScriptedSettings) -> None:
        self.name = name
        self.answers_through = name if given.answers_through is None else given.answers_through
        self.far = FAR[name]

    @property
    def sends_at_once(self) -> int:
        return self.far.at_once

    async def messages(self, cursor: str | None) -> AsyncIterator[Batch]:
        self.far.cursors.append(cursor)
        while True:
            if not self.far.pulls:
                yield Batch()
                await asyncio.sleep(0.01)
                continue
            step = self.far.pulls.popleft()
            if isinstance(step, BaseException):
                raise step
            if callable(step):
                await step()
                continue
            yield step
            self.far.marked.append(step)

    async def send(self, reply: Any) -> Sent:
        self.far.sent.append(reply)
        step = self.far.answers.popleft() if self.far.answers else Sent(known_as=(f"<{reply.id}@test>",))
        if isinstance(step, BaseException):
            raise step
        if callable(step):
            step = await step()
        return step

    async def find_sent(self, reply: Any) -> Sent | None:
        self.far.looked_up.append(reply)
        step = self.far.look_ups.popleft()
        if isinstance(step, BaseException):
            raise step
        return step

    async def check(self) -> str:
        return "fine"

    async def close(self) -> None:
        self.far.closed += 1


FAR: defaultdict[str, FarSide] = defaultdict(FarSide)


@pytest.fixture(autouse=True)
def scripted_kind(monkeypatch):
    FAR.clear()
    module = types.ModuleType(KIND)
    module.Settings = ScriptedSettings
    module.connect = Scripted
    package = types.ModuleType("tests_daemon")
    package.__path__ = []
    monkeypatch.setitem(sys.modules, "tests_daemon", package)
    monkeypatch.setitem(sys.modules, KIND, module)


@pytest.fixture
def far() -> defaultdict[str, FarSide]:
    return FAR


@pytest.fixture
def desk(tmp_path) -> Callable[..., settings.Settings]:
    (tmp_path / "key").write_text("a key of the tests, long enough")

    def make(*channels: str, **tables: Any) -> settings.Settings:
        table = {
            "desk": {"key": {"file": "key"}, "languages": ["en"]},
            "store": {"url": "sqlite:///triage.db"},
            "models": {"folder": "no-models", "processes": 0},
            "channels": {name: {"kind": KIND} for name in channels or ("phone",)},
        }
        return settings.parse(table | tables, tmp_path / "triage.toml")

    return make


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/triage.db")
    upgrade.upgrade(store)
    yield store
    store.close()


@dataclass
class Running:
    """A daemon at work."""

    stop: asyncio.Event
    reload: asyncio.Event
    heard: list[str]
    waits: list[float]
    task: asyncio.Task[None]
    ahead: float = 0.0

    async def until(self, is_so: Callable[[], Any], seconds: float = 20.0) -> Any:
        async with asyncio.timeout(seconds):
            while not (found := is_so()):
                if self.task.done():
                    self.task.result()
                    raise AssertionError("the daemon ended")
                await asyncio.sleep(0.005)
        return found

    async def ended(self) -> None:
        async with asyncio.timeout(20):
            await self.task


@pytest.fixture
def running():
    @asynccontextmanager
    async def run(given: settings.Settings, **options: Any) -> AsyncIterator[Running]:
        loop_time = asyncio.get_running_loop().time
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(min(seconds, 0.01))

        clock = Clock(sleep=sleep, monotonic=lambda: loop_time() + house.ahead)
        stop, reload, heard = asyncio.Event(), asyncio.Event(), []
        house = Running(stop=stop, reload=reload, heard=heard, waits=waits, task=None)  # type: ignore[arg-type]
        house.task = asyncio.create_task(
            daemon.run(given, stop=stop, reload=reload, clock=clock, notify=heard.append, **options)
        )
        try:
            yield house
        finally:
            stop.set()
            if not house.task.done():
                await house.ended()

    return run


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parents[2]
