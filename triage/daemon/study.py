"""The students of this process: other processes that read and judge, begun anew when they end."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

from triage import bounds, log
from triage.classifier import Judge
from triage.connectors import Item
from triage.daemon.worker import Models
from triage.desk import Desk
from triage.settings import Settings
from triage.store.inbox import Waiting
from triage.students import Students, Studied, prepare_server
from triage.studying import Prepared, prepare

__all__ = ["Study", "prepare_server"]

LONGEST_STUDY = 60.0
"""Seconds that the study of a chunk may take, whatever the students themselves make of it."""


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
