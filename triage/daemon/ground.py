"""What every task of the process stands on: clock, threads, store, leases, and the sign that it is time to end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from triage import log
from triage.daemon.actions import Backoff
from triage.daemon.lease import Leases
from triage.errors import StoreDown
from triage.store import Store, Tx, health

T = TypeVar("T")


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time as the daemon sees it; a test brings its own."""

    now: Callable[[], datetime] = _utc
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Pulse:
    """Says whether a task still makes progress. A task that waits on purpose says for how long, and is not late."""

    def __init__(self, name: str, limit: float, clock: Clock) -> None:
        """Allow `limit` seconds without a beat, from now on."""
        self.name = name
        self._limit = limit
        self._clock = clock
        self._due = clock.monotonic() + limit

    def beat(self) -> None:
        """Say that the task made progress."""
        self._due = self._clock.monotonic() + self._limit

    def rest(self, seconds: float) -> None:
        """Say that the task does nothing for so long, on purpose."""
        self._due = self._clock.monotonic() + seconds + self._limit

    @property
    def late(self) -> bool:
        """Tell whether the task is stuck."""
        return self._clock.monotonic() > self._due


class Lull:
    """How long a task waits before it looks for work again, unless somebody wakes it.

    Where the work comes from another process nobody does: so looks follow each other closely at first.
    """

    def __init__(self, shortest: float = 0.02, longest: float = 1.0) -> None:
        """Wait for the `shortest` time first, then for twice as long each time, up to the `longest`."""
        self._shortest, self._longest = shortest, longest
        self._next = shortest

    def next(self) -> float:
        """Return the seconds to wait after one more look that found nothing."""
        wait, self._next = self._next, min(2 * self._next, self._longest)
        return wait

    def over(self) -> None:
        """Begin anew: there was work."""
        self._next = self._shortest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the tasks of one configuration share.

    Attributes:
        halt: Set when the tasks are to finish what they have in hand and end.
        pulses: One for each task; the watchdog is fed only while none is late.
    """

    store: Store
    threads: Executor
    leases: Leases
    clock: Clock
    halt: asyncio.Event = field(default_factory=asyncio.Event)
    pulses: list[Pulse] = field(default_factory=list)

    def pulse(self, name: str, limit: float) -> Pulse:
        """Return a new pulse that is watched from now on."""
        pulse = Pulse(name, limit, self.clock)
        self.pulses.append(pulse)
        return pulse

    async def thread(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, run in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def wait(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        """Return after so long, or as soon as `wake` is set or the tasks are to end; `wake` is clear then."""
        waits = [asyncio.ensure_future(self.clock.sleep(seconds)), asyncio.ensure_future(self.halt.wait())]
        if wake is not None:
            waits.append(asyncio.ensure_future(wake.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            if wake is not None:
                wake.clear()

    async def persist(self, work: Callable[[], T], pulse: Pulse) -> T:
        """Return what `work` returns, run in a thread, tried again for as long as the store is down.

        Raises `StoreDown` only when the tasks are to end before the store answers.
        """
        backoff, failed = Backoff(longest=30.0), False
        while True:
            try:
                result = await self.thread(work)
            except StoreDown as error:
                failed, wait = True, backoff.next()
                log.warning("store.down", task=pulse.name, why=str(error), wait=round(wait, 1))
                if self.halt.is_set():
                    raise
                pulse.rest(wait)
                await self.wait(wait)
            else:
                if failed:
                    log.info("store.up", task=pulse.name)
                return result

    async def write(self, work: Callable[[Tx], T], pulse: Pulse, lease: str) -> T:
        """Return what `work` returns, run in one write transaction fenced by a lease; waits as `persist`."""
        fence = self.leases.fence(lease)

        def fenced(tx: Tx) -> T:
            fence(tx)
            return work(tx)

        return await self.persist(lambda: self.store.run(fenced), pulse)

    async def tell(self, channel: str, state: health.State, why: str = "") -> None:
        """Write down how a channel is; a store that is down has other worries."""
        now = self.clock.now()

        def work(tx: Tx) -> None:
            if state == "up":
                health.progress(tx, channel, now)
            else:
                health.report(tx, channel, state, why, now)

        try:
            await self.thread(lambda: self.store.run(work))
        except StoreDown:
            return
