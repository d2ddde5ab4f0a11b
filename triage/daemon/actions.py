"""What each class of error makes the daemon do, in one table, and how long it waits before it tries again."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from triage.errors import (
    ChannelDown,
    ChannelRefused,
    ConfigError,
    InUse,
    LeaseLost,
    ModelUnusable,
    SendLater,
    SendRefused,
    SendUnknown,
    StoreDown,
    TriageError,
)

LONGEST_ASKED = 6 * 3600.0
"""Seconds that we wait at most when the far side asks us to."""


class Action(StrEnum):
    """What is done about an error; the value is the sentence for the reference pages."""

    END = "the process ends, and the service manager starts it again"
    WAIT = "the task waits, with backoff, and does the same again; nothing is pulled meanwhile"
    RETRY = "the channel alone is tried again, with backoff, or when the far side asked to"
    RETRY_SLOWLY = "the channel alone is left off, health says why, and it is tried again every few minutes"
    POSTPONE_REPLY = "the reply is sent again later; the next one goes out a moment after it"
    CLOSE_REPLY = "the reply is marked refused and not sent again; the next one goes out"
    DOUBT_REPLY = "the reply is marked unknown, looked up at the far side and counted; the next one goes out"
    KEEP_MODEL = "the last good model goes on judging, else the rules alone; health says so"


ACTIONS: Final[Mapping[type[BaseException], Action]] = {
    ConfigError: Action.END,
    InUse: Action.END,
    LeaseLost: Action.END,
    StoreDown: Action.WAIT,
    ChannelDown: Action.RETRY,
    ChannelRefused: Action.RETRY_SLOWLY,
    SendLater: Action.POSTPONE_REPLY,
    SendRefused: Action.CLOSE_REPLY,
    SendUnknown: Action.DOUBT_REPLY,
    ModelUnusable: Action.KEEP_MODEL,
}
"""The table. A class that is not here is treated as the nearest class above it; one without any ends the process."""


def action_for(error: BaseException) -> Action:
    """Return what is done about `error`."""
    return next((ACTIONS[cls] for cls in type(error).__mro__ if cls in ACTIONS), Action.END)


def of_channel(channel: str, error: TriageError) -> TriageError:
    """Return what an error of a connector at work means: a secret's file that is gone by now is that channel's trouble.

    It was read when the process began; whoever puts another one in its place may need a moment for it.
    """
    return ChannelRefused(channel, str(error)) if isinstance(error, ConfigError) else error


@dataclass(slots=True, kw_only=True)
class Backoff:
    """How long to wait before the next try: doubles with each failure in a row, and is never the same for two.

    Attributes:
        first: Seconds before the first new try, at most.
        longest: Seconds that no wait of our own exceeds.
        slow: Seconds between tries when a person must act.
    """

    first: float = 1.0
    longest: float = 300.0
    slow: float = 240.0
    chance: Callable[[], float] = random.random
    _failures: int = field(default=0, init=False)

    def next(self, error: BaseException | None = None) -> float:
        """Return the seconds to wait after one more failure."""
        self._failures += 1
        # Between half and the whole: many daemons that lost the same server must not come back together.
        jitter = 0.5 + self.chance() / 2
        if error is not None and action_for(error) is Action.RETRY_SLOWLY:
            return self.slow * jitter
        own = min(self.first * 2.0 ** min(self._failures - 1, 30), self.longest) * jitter
        asked = error.retry_after if isinstance(error, ChannelDown) else None
        return own if asked is None else max(own, min(asked, LONGEST_ASKED))

    def reset(self) -> None:
        """Begin anew after a success."""
        self._failures = 0
