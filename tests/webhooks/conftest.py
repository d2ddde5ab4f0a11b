"""A desk at work on both databases, a receiver that hears of it, and the courier between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from receivers import SECRET, Receiver, receiving
from rooms import *  # noqa: F403
from rooms import Room

from triage.daemon.ground import Clock, Ground
from triage.daemon.lease import Leases, telling
from triage.daemon.webhooks import Courier
from triage.store import webhooks
from triage.store.webhooks import Hook
from triage.webhooks import Endpoint


@dataclass
class Telling:
    """A courier at work."""

    room: Room
    task: asyncio.Task[None]

    def hook(self) -> Hook:
        with self.room.store.read() as tx:
            found = webhooks.get(tx, "crm")
        assert found is not None
        return found

    async def until(self, is_so: Callable[[], Any]) -> Any:
        async with asyncio.timeout(20):
            while not (found := is_so()):
                if self.task.done():
                    self.task.result()
                    raise AssertionError("the courier ended")
                await asyncio.sleep(0.005)
        return found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
def telling_(room: Room, receiver: Receiver) -> Callable[..., Any]:
    """Begin a courier as the daemon does; its time is the room's, and it waits for nothing."""

    @asynccontextmanager
    async def tell(**other: Any) -> AsyncIterator[Telling]:
        endpoint = Endpoint(**({"name": "crm", "url": receiver.url, "secrets": (SECRET,), "private": True} | other))
        leases = Leases(room.store, [telling("crm")])
        leases.acquire(room.now)
        clock = Clock(now=lambda: room.now, sleep=lambda seconds: asyncio.sleep(min(seconds, 0.01)))
        with ThreadPoolExecutor(2) as threads:
            ground = Ground(store=room.store, threads=threads, leases=leases, clock=clock)
            task = asyncio.create_task(Courier(ground, endpoint, chance=lambda: 0.0).run())
            house = Telling(room, task)
            try:
                await house.until(lambda: _known(room))
                yield house
            finally:
                ground.halt.set()
                async with asyncio.timeout(20):
                    await asyncio.wait({task})

    return tell


def _known(room: Room) -> bool:
    with room.store.read() as tx:
        return webhooks.get(tx, "crm") is not None
