"""Bounding what a message may cost a process: the time of its processor, which a busy machine does not shorten.

In the main thread a timer of the system interrupts; any other is watched by a thread that reads its clock. Both raise
between two steps of Python: a call into a library is let finish first.
"""

import ctypes
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

LONGEST_READ = 3.0
"""Seconds of the processor for reading one item, and for several messages beside what each of them gets."""

LONGEST_EACH = 0.5
"""Seconds of the processor for each message that is read and judged."""

_LOOK = 0.2
"""Seconds between two looks at a thread's clock."""


class TooMuch(Exception):
    """It took more time of the processor than it may. The message goes to the quarantine or is tried alone."""


def within(seconds: float) -> AbstractContextManager[None]:
    """Return what raises `TooMuch` once this thread has computed for so long, again and again until it is left."""
    return _by_timer(seconds) if threading.current_thread() is threading.main_thread() else _by_watch(seconds)


def of(messages: int) -> AbstractContextManager[None]:
    """Return the bound of reading and judging so many messages at once."""
    return within(LONGEST_READ + LONGEST_EACH * messages)


@contextmanager
def _by_timer(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooMuch(_told(seconds))

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def _by_watch(seconds: float) -> Iterator[None]:
    thread, left, lock, over = threading.get_ident(), threading.Event(), threading.Lock(), False
    clock = time.pthread_getcpuclockid(thread)
    end = time.clock_gettime(clock) + seconds

    def watch() -> None:
        while not left.wait(_LOOK):
            with lock:
                if over:
                    return
                if time.clock_gettime(clock) >= end:
                    _raise_in(thread, TooMuch)

    threading.Thread(target=watch, daemon=True, name="bound").start()
    try:
        yield
    except TooMuch:
        raise TooMuch(_told(seconds)) from None
    finally:
        while not over:
            with suppress(TooMuch), lock:
                over = True
        with suppress(TooMuch):
            for _ in range(2):  # what was asked for and did not come yet comes where Python jumps back, here, not later
                pass
        left.set()


def _told(seconds: float) -> str:
    return f"it took more than {seconds:g} s of the processor"


def _raise_in(thread: int, what: type[BaseException]) -> None:
    """Let a thread raise `what` at its next step.

    There is no taking back: asking for nothing (NULL) leaves a flag of CPython 3.11 set, at which every thread looks up
    at each step, and goes no further where its steps are traced (debuggers, coverage).
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(what))
