"""Taking in what a channel handed over: studied in other processes and settled at once, or left in the inbox.

Settling at once needs the right to work the inbox too; a process that only pulls leaves everything there. So does
this one with whatever cannot be studied: there each message is tried alone, and each try is counted.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from triage import log, pipeline
from triage.bounds import TooMuch
from triage.connectors import Batch, Item, Unread, read
from triage.daemon.ground import Ground, Pulse
from triage.daemon.lease import TRIAGE, reading
from triage.daemon.study import Study
from triage.desk import Desk
from triage.errors import TriageError
from triage.pipeline import Fence
from triage.sealing import guarded_bytes
from triage.store import Tx
from triage.store.inbox import Received
from triage.students import Studied, read_in_time

CHUNK = 64
"""Messages that are studied together and settled in one transaction, while the next ones are studied."""

LONGEST_ALONE = 20.0
"""Seconds for one item of a chunk that could not be studied as a whole."""


class Intake:
    """Takes in the batches of all channels."""

    def __init__(self, ground: Ground, desk: Desk, study: Study | None, wakes: Iterable[asyncio.Event]) -> None:
        """Take in, by `study` where there is one, and set `wakes` when there is something new to do."""
        self._ground = ground
        self._desk = desk
        self._study = study
        self._wakes = tuple(wakes)

    async def take(self, channel: str, batch: Batch, pulse: Pulse) -> Received:
        """Store a batch and its cursor; all of it is safe when this returns."""
        chunks = list(_chunks(batch.items))
        futures = self._study.begin(chunks) if self._study else []
        if not futures or self._study is None:
            return await self._leave(channel, batch, pulse)
        total = Received(new=0, known=0, unreadable=0)
        for chunk, future in zip(chunks, futures, strict=True):
            # The cursor goes with the last one: until then everything would come again, and be known.
            cursor = batch.cursor if future is futures[-1] else None
            studied = await self._study.outcome(future)
            total += await self._take_in(channel, Batch(items=chunk, cursor=cursor), studied, pulse)
            pulse.beat()
        return total

    async def _take_in(self, channel: str, chunk: Batch, studied: Studied | None, pulse: Pulse) -> Received:
        if studied is None:
            return await self._one_by_one(channel, chunk, pulse)
        ground, fence = self._ground, self._fence(channel, TRIAGE)
        work = lambda: pipeline.take_in(  # noqa: E731
            ground.store, self._desk, channel, studied, ground.clock.now(), fence, chunk.cursor
        )
        try:
            return self._ring(await ground.persist(work, pulse))
        except TriageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a hostile message makes our code raise
            log.warning("message.batch-failed", error=type(error).__name__, size=len(chunk.items))
            return await self._leave(channel, chunk, pulse)

    async def _one_by_one(self, channel: str, chunk: Batch, pulse: Pulse) -> Received:
        """Study each item of a chunk alone: one may have been the end of all."""
        total = Received(new=0, known=0, unreadable=0)
        for item in chunk.items:
            alone = Batch(items=(item,), cursor=chunk.cursor if item is chunk.items[-1] else None)
            studied = await self._studied_alone(item)
            pulse.beat()
            take = (
                self._leave(channel, alone, pulse) if studied is None else self._take_in(channel, alone, studied, pulse)
            )
            total += await take
        return total

    async def _studied_alone(self, item: Item) -> Studied | None:
        """Return what became of one item; its bytes for the quarantine if reading it fails time and again.

        None for a message that was read: it goes through the inbox, where each try is counted.
        """
        if self._study is None:
            return None
        for _ in range(pipeline.MOST_TRIES - 1):
            for future in self._study.begin([(item,)]):
                studied = await self._study.outcome(future, LONGEST_ALONE)
                if studied is not None:
                    return studied
        kept = item.unreadable("the process that read it died or was stuck") if isinstance(item, Unread) else None
        return [guarded_bytes(kept, self._desk.guarding)] if kept else None

    async def _leave(self, channel: str, batch: Batch, pulse: Pulse) -> Received:
        """Leave a batch in the inbox; what takes too long to be read goes to the quarantine with its bytes."""
        ground, now, fence = self._ground, self._ground.clock.now(), self._fence(channel)
        # Read before it is stored: what is read once more because the store was down meanwhile may be slow again.
        known = Batch(items=await ground.thread(lambda: _read(batch.items, pulse)), cursor=batch.cursor)
        work: Callable[[], Received] = lambda: pipeline.receive(  # noqa: E731
            ground.store, channel, known, now, fence, self._desk.guarding
        )
        return self._ring(await ground.persist(work, pulse))

    def _ring(self, received: Received) -> Received:
        if received.new:
            for wake in self._wakes:
                wake.set()
        return received

    def _fence(self, channel: str, *others: str) -> Fence:
        fences = [self._ground.leases.fence(name) for name in (reading(channel), *others)]

        def all_of_them(tx: Tx) -> None:
            for fence in fences:
                fence(tx)

        return all_of_them


def _read(items: tuple[Item, ...], pulse: Pulse) -> tuple[Item, ...]:
    """Return what items say, each read in bounded time; a file of many messages gets the time that it takes."""
    found: list[Item] = []
    for item in items:
        try:
            found += read_in_time(item)
        except (TooMuch, MemoryError, RecursionError):
            found += read([item])
        pulse.beat()
    return tuple(found)


def _chunks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    for at in range(0, len(items), CHUNK):
        yield items[at : at + CHUNK]
