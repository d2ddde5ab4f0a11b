"""Studying messages: guarding, reading, judging. It takes most of the time and no store, so any process can do it."""

import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.case import Reading, Verdict
from triage.classifier import Judge
from triage.connectors import Item, read
from triage.desk import Desk
from triage.message import Message, Unreadable
from triage.rules import lifecycle, reading
from triage.rules.targets import HOUR
from triage.sealing import guarded, guarded_bytes
from triage.store.waiting import Waiting

_GARBAGE_AFTER = 20_000
"""So many values are made before Python looks for garbage again; its own number is 700."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message that was read and judged; what is left needs the store."""

    waiting: Waiting
    reading: Reading
    verdict: Verdict

    @property
    def message(self) -> Message:
        """Return the message itself."""
        return self.waiting.message

    @property
    def exposed(self) -> bool:
        """Tell whether it held a secret that opens a wallet by itself."""
        return lifecycle.exposed(self.waiting.redacted)


def study(desk: Desk, judge: Judge, items: Iterable[Item]) -> list[Prepared | Unreadable]:
    """Guard, read and judge a batch that is not stored yet; returns one value for each message in it, in order."""
    known = list(read(items))
    safe = [guarded(item, desk.guarding) for item in known if isinstance(item, Message)]
    waiting = [Waiting(id=0, message=message, redacted=redacted, attempts=1) for message, redacted in safe]
    prepared = iter(prepare(desk, judge, waiting))
    return [next(prepared) if isinstance(item, Message) else guarded_bytes(item, desk.guarding) for item in known]


def prepare(desk: Desk, judge: Judge, waiting: Sequence[Waiting]) -> list[Prepared]:
    """Read and judge what was guarded before it was stored. Returns one value for each, in order."""
    readings = [desk.read(w.message) for w in waiting]
    verdicts = judge.judge(readings)
    return [
        Prepared(waiting=w, reading=r, verdict=lifecycle.with_secret(v) if lifecycle.exposed(w.redacted) else v)
        for w, r, v in zip(waiting, readings, verdicts, strict=True)
    ]


def warm_up(desk: Desk, judge: Judge) -> None:
    """Load what the first message would have to wait for: word lists, phrases, the names of hours and days."""
    reading.warm_up()
    for language in desk.languages:
        judge.judge([Reading(text="This is the first letter, and nobody waits for it.", language=language)])
    for language in desk.replies.languages:
        desk.replies.waiting(language, 0, HOUR)
    look_for_garbage_seldom()


def look_for_garbage_seldom() -> None:
    """Let Python leave alone what is loaded by now, and look for garbage among the rest every few messages only.

    Looking through all that is loaded takes 0.1 s, in the midst of some message. A message makes hundreds of values
    that live until its batch is written: Python would look at them again and again, a twentieth of all the time.
    """
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)
