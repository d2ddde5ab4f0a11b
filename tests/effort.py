"""What a piece of work costs, in seconds of one imagined machine: the same bound on a slow host and on a fast one."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

_TEXT = "a word of nine letters, 4111 1111 and no end: " * 40
_WORDS = re.compile(r"[a-z]+|\d+(?: \d+)*")
_TURN = 0.008
"""Seconds that `_turn` takes on the imagined machine: chosen between what a fast and a slow host took."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Fail when the block takes more of the processor than `seconds` of the imagined machine.

    The pace of the real one is taken before and after, and the slower of the two counts: a neighbour that halves it
    may come at any moment. The bounds are for what grows with the square of an input: that misses them by far.
    """
    pace = _turn()
    began = time.process_time()
    yield
    took = time.process_time() - began
    scaled = took * _TURN / max(pace, _turn())
    assert scaled < seconds, f"{took:.2f} s of the processor, {scaled:.2f} at the pace of the bound"


def _turn() -> float:
    """Processor seconds of one fixed piece of Python and regular expressions, in the state the machine is in now."""
    began = time.process_time()
    for _ in range(60):
        counts: dict[str, int] = {}
        for found in _WORDS.finditer(_TEXT):
            counts[found.group()] = counts.get(found.group(), 0) + 1
    return time.process_time() - began
