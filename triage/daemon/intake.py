"""Taking in what a channel handed over: studied in other processes and settled at once, or left in the inbox.

Settling at once needs the right to work the inbox too; a process that only pulls leaves everything there. So does
this one with whatever cannot be studied: there each message is tried alone, and each try is counted.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

from triage import bounds, log, pipeline
from triage.bounds import TooMuch
from triage.classifier import Judge
from triage.connectors import Batch, Item, Unread, read
from triage.daemon.ground import Ground, Pulse
from triage.daemon.lease import TRIAGE, reading
from triage.daemon.worker import Models
from triage.desk import Desk
from triage.errors import TriageError
from triage.pipeline import Fence
from triage.sealing import guarded_bytes
from triage.settings import Settings
from triage.store import Tx
from triage.store.inbox import Received, Waiting
from triage.students import Students, Studied, prepare_server, read_in_time
from triage.studying import Prepared, prepare

CHUNK = 64
"""Messages that are studied together and settled in one transaction, while the next ones are studied."""

LONGEST_STUDY = 60.0
"""Seconds that the study of a chunk may take, whatever the students themselves make of it."""

LONGEST_ALONE = 20.0
"""Seconds for one item of a chunk that could not be studied as a whole."""


class Unstudied(Exception):
    """The process that studied a message died or was stuck. The message is tried again, at most three times."""


class Study:
    """The students of this process: replaced when the model is another one, when one died, or when one is stuck."""

    def __init__(self, settings: Settings, models: Models, count: int) -> None:
        """Begin `count` students and wait until they are ready; blocks. Without them the inbox takes everything."""
        self._settings, self._models, self._count = settings, models, count
        self._students: Students | None = None
        self._lock = threading.Lock()
        if not count:
            return
        try:
            self._current().wait()
        except (OSError, ImportError, BrokenProcessPool, TimeoutError) as error:
            log.warning("study.unavailable", error=type(error).__name__, why=str(error))
            self.close()
            self._count = 0

    def begin(self, chunks: Iterable[tuple[Item, ...]]) -> list["Future[Studied]"]:
        """Let chunks be studied; returns the futures, none when there are no students."""
        return [self._begun(chunk) for chunk in chunks] if self._count else []

    def _begun(self, chunk: tuple[Item, ...]) -> "Future[Studied]":
        """Let a chunk be studied. A student that died while it had nothing to do is told of by the future."""
        try:
            return self._current().study(chunk)
        except RuntimeError as error:  # the pool is broken, or another task ends it at this moment
            failed: Future[Studied] = Future()
            failed.set_exception(error)
            return failed

    def prepare(self, desk: Desk, judge: Judge, waiting: Sequence[Waiting]) -> list[Prepared]:
        """Read and judge stored messages in a student, in this process where there are none; blocks.

        Raises whatever they make our code raise, `TooMuch` when they took too long, and `Unstudied` when the student
        died of them or was stuck.
        """
        if not self._count:
            with bounds.of(len(waiting)):
                return prepare(desk, judge, waiting)
        return self._asked(self._current(), waiting)

    def survives(self, waiting: Waiting) -> bool:
        """Tell whether a message can be read and judged at all, by a student that is there for nothing else; blocks."""
        student = Students(self._settings, self._models.judge, 1)
        try:
            student.wait()
            self._asked(student, [waiting])
        except Unstudied:
            return False
        except Exception:  # noqa: BLE001 - what it raises, it raises where each try is counted
            return True
        finally:
            student.close()
        return True

    def _asked(self, students: Students, waiting: Sequence[Waiting]) -> list[Prepared]:
        try:
            students.wait()
            return students.prepare(waiting).result(LONGEST_STUDY)
        except (BrokenProcessPool, TimeoutError) as error:
            log.error("study.broken", error=type(error).__name__)
            self.close()
            raise Unstudied("the process that read it died or was stuck") from error

    async def outcome(self, future: "Future[Studied]", longest: float | None = None) -> Studied | None:
        """Return what became of a chunk; None when it could not be studied, whatever the reason.

        At most `longest` seconds after there is a student: one that must be begun anew has its own time for that.
        """
        try:
            students = self._students
            if students is not None:
                await students.begun()
            async with asyncio.timeout(longest or LONGEST_STUDY):
                return await asyncio.wrap_future(future)
        except (BrokenProcessPool, TimeoutError) as error:
            log.error("study.broken", error=type(error).__name__)
            self.close()
        except Exception as error:  # noqa: BLE001 - whatever a hostile message makes our code raise
            log.warning("message.batch-failed", error=type(error).__name__)
        return None

    def close(self) -> None:
        """End them."""
        with self._lock:
            students, self._students = self._students, None
        if students is not None:
            students.close()

    def _current(self) -> Students:
        with self._lock:
            students = self._students
            if students is None or students.judge is not self._models.judge:
                if students is not None:
                    students.retire()
                self._students = students = Students(self._settings, self._models.judge, self._count)
            return students


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


__all__ = ["Intake", "Study", "prepare_server"]
