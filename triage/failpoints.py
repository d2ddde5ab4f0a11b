"""Places where a test can kill the process, to prove that nothing is lost there. Free of cost in production."""

import os
import signal

_NAME, _, _NTH = os.environ.get("TRIAGE_FAILPOINT", "").partition(":")
_left = int(_NTH) if _NTH.isdecimal() else 1


def reach(name: str) -> None:
    """Die as by `kill -9` at the n-th call with this name, when `TRIAGE_FAILPOINT=NAME:N` asks for it.

    The names, in the order of a message's way: "fetched", "in-transaction", "committed", "before-send", "after-send".
    """
    global _left  # noqa: PLW0603 - counts over the life of the process, which is what a test sets it for
    if name != _NAME:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
