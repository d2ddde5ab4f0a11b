"""Places where a test can kill the process, to prove that nothing is lost there. Free of cost in production."""

import os
import signal

NAMES = ("fetched", "committed", "in-transaction", "before-send", "after-send")
"""The places, in the order of a message's way."""

_name, _, _nth = os.environ.get("TRIAGE_FAILPOINT", "").partition(":")
_left = int(_nth) if _nth.isdecimal() else 1


def arm(name: str, nth: int = 1) -> None:
    """Let the `nth` call of `reach` with this name end the process, as `TRIAGE_FAILPOINT=NAME:N` does; "" disarms."""
    global _name, _left
    _name, _left = name, nth


def reach(name: str) -> None:
    """Die as by `kill -9` at the n-th call with the name that was armed. `name` is one of `NAMES`."""
    global _left  # noqa: PLW0603 - counts over the life of the process
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
