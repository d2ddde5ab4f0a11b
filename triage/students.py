"""Processes beside this one that study messages. They hold no connection and write nothing: any may die at any time.

What a message may cost them is bounded: so much memory, and so much time of the processor, which a busy machine does
not shorten. What needs more is kept as it came, for a person to look at; what ends the process ends no other.
"""

import asyncio
import os
import resource
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver, get_context, parent_process
from pathlib import Path

from triage import bounds
from triage.case import Reading, Reason, References, Verdict
from triage.classifier import Judge, Profile
from triage.connectors import Item, Unread
from triage.crossing import cross_quickly
from triage.desk import Desk
from triage.message import Address, Attachment, Message, Unreadable
from triage.settings import Settings
from triage.store.waiting import Waiting
from triage.studying import Prepared, prepare, study, warm_up

Studied = list[Prepared | Unreadable]

MEMORY = 1024 * 1024 * 1024
"""Bytes that studying may take beyond what a process has once it is ready."""

LONGEST_START = 60.0
"""Seconds that the first of them gets until it can study."""


class Students:
    """So many processes, which judge by one model. A new model needs new ones: they begin in a second or two."""

    def __init__(self, settings: Settings, judge: Judge, count: int) -> None:
        """Begin `count` processes; `wait` says when they can study."""
        self.judge = judge
        context = get_context("forkserver")
        self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=_learn, initargs=(settings, judge))
        self._first = [self._pool.submit(os.getpid) for _ in range(count)]

    def wait(self) -> None:
        """Return once they can study; raises `BrokenProcessPool` or `TimeoutError` when they cannot begin."""
        for future in self._first:
            future.result(LONGEST_START)

    async def begun(self) -> None:
        """As `wait`, but blocks nobody, and what went wrong is left to who asks them for something."""
        if not all(future.done() for future in self._first):
            with suppress(BrokenExecutor, CancelledError, TimeoutError):
                await asyncio.to_thread(self.wait)

    def study(self, items: Sequence[Item]) -> "Future[Studied]":
        """Return what becomes of `items`: as `study`; it raises `BrokenProcessPool` when a process died."""
        return self._pool.submit(_study, tuple(items))

    def prepare(self, waiting: Sequence[Waiting]) -> "Future[list[Prepared]]":
        """Return what is made of messages that are stored: as `prepare`; it raises as `study`."""
        return self._pool.submit(_prepare, tuple(waiting))

    def retire(self) -> None:
        """Let them finish what they have in hand, and end; blocks nobody."""
        self._pool.shutdown(wait=False)

    def close(self) -> None:
        """End the processes at once, whatever they have in hand; never raises."""
        # No public way before Python 3.14; and one that hangs would keep this process from ending.
        processes = list((self._pool._processes or {}).values())  # noqa: SLF001
        # What waits for them is not cancelled: that would be taken for the end of the task that waits. It is broken.
        self._pool.shutdown(wait=False)
        for process in processes:
            with suppress(ValueError):  # it was closed meanwhile
                process.kill()


def prepare_server(profile: Profile = "default") -> None:
    """Let the server from which students are forked load what they share, time and memory, while we load ours."""
    shared = ["triage.learned", *(["triage.learned_sentences"] if profile == "semantic" else [])]
    get_context("forkserver").set_forkserver_preload(shared)
    forkserver.ensure_running()


for _kind in (Address, Attachment, Message, Waiting, Reading, References, Verdict, Reason, Prepared):
    cross_quickly(_kind)

_learned: tuple[Desk, Judge] | None = None


def _learn(settings: Settings, judge: Judge) -> None:
    global _learned  # noqa: PLW0603 - one for each process
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that began us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _learned = Desk.from_settings(settings), judge
    warm_up(*_learned)
    _bound_memory()


def _bound_memory() -> None:
    """Let this process have `MEMORY` more than it has; who asks for more gets a `MemoryError`, not the machine."""
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _end_with_parent() -> None:
    """Wait until the process that began us is gone, be it by kill -9: nobody would ever tell us to end."""
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)


def _study(items: Sequence[Item]) -> Studied:
    desk, judge = _set_up()
    known = [one for item in items for one in read_in_time(item)]
    with bounds.of(len(known)):
        return study(desk, judge, known)


def _prepare(waiting: Sequence[Waiting]) -> list[Prepared]:
    with bounds.of(len(waiting)):
        return prepare(*_set_up(), waiting)


def read_in_time(item: Item) -> list[Message | Unreadable]:
    """Return what is in an item; its bytes, for the quarantine, if that takes too much time or memory.

    Raises `TooMuch`, `MemoryError` or `RecursionError` for what is no single message.
    """
    if not isinstance(item, Unread):
        return [item]
    try:
        with bounds.within(bounds.LONGEST_READ):
            return list(item.read())
    except (bounds.TooMuch, MemoryError, RecursionError) as error:
        kept = item.unreadable(f"it could not be read: {str(error) or type(error).__name__}")
        if kept is None:
            raise
        return [kept]


def _set_up() -> tuple[Desk, Judge]:
    if _learned is None:
        raise RuntimeError("this process was not set up")
    return _learned
