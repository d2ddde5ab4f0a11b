"""Where a case stands in the list: one number that no clock changes, and its explanation.

The list is sorted by `Place.order_key`, smallest first. The key is the moment a first human answer is due,
moved forward by whole named parts. Two cases never change their order by waiting: both wait equally long.
So an index holds the order at any size, and nothing has to be recomputed (`docs/adr/0008`).
"""

from datetime import UTC, datetime

from triage.case import Part, Place, Urgency
from triage.rules.targets import HOUR, Matter, Targets
from triage.rules.worth import STEPS

DAY = 24 * HOUR

LEAD = {Urgency.CRITICAL: 365 * DAY, Urgency.HIGH: 7 * DAY, Urgency.NORMAL: 0, Urgency.LOW: 0}
"""Seconds a case of this urgency goes before one that is due at the same moment. Finite, so that nothing starves."""

BROKEN_LEAD = DAY
"""Seconds a case goes forward once its customer waits for longer than she was told."""

FOLLOW_UP_SHARE, MOST_FOLLOW_UPS = 0.10, 5
REPEAT_SHARE, MOST_REPEATS = 0.02, 5
ESCALATION_SHARE = 0.25
"""Shares of the target by which a follow-up, a repeat and the escalation tighten it."""

SUM_SHARE = 0.25
"""Share of the target by which each step of a claimed sum moves a case of high urgency forward: four are one target."""


def place(
    *,
    since: datetime,
    matter: Matter,
    targets: Targets,
    follow_ups: int = 0,
    repeats: int = 0,
    late: bool = False,
    claimed: int = 0,
    before: Place | None = None,
) -> Place:
    """Return the place of a case whose oldest unanswered message came at `since`.

    More urgency, an earlier `since`, more follow-ups or repeats, a promise that was broken (`late`), a larger sum
    (`claimed`, in dollars) never move a case back, nor does anything once it had the place `before`. The parts add up
    to the key exactly.
    """
    target = targets.seconds(matter)
    parts = [
        Part(name="waiting", seconds=int(since.timestamp()), text=f"waiting since {since:%Y-%m-%d %H:%M} UTC"),
        Part(name="target", seconds=target, text=_told(target, matter, targets)),
    ]
    parts += _tightened(target, follow_ups, repeats, targets.escalate_at)
    due = targets.due(matter, since, sum(part.seconds for part in parts[1:]))
    shut = int(due.timestamp()) - sum(part.seconds for part in parts)
    if shut:
        parts.append(Part(name="closed", seconds=shut, text=f"{_hours(shut)} of it the desk is closed"))
    if LEAD[matter.urgency]:
        parts.append(Part(name="urgency", seconds=-LEAD[matter.urgency], text=f"{matter.urgency.label} goes first"))
    if claimed and matter.urgency is Urgency.HIGH:
        parts.append(_by_sum(target, claimed))
    if late:
        parts.append(Part(name="promise", seconds=-BROKEN_LEAD, text="we told a waiting time and did not keep it"))
    key = sum(part.seconds for part in parts)
    if before is not None and before.order_key < key:
        parts.append(Part(name="kept", seconds=before.order_key - key, text="it keeps the place it had before"))
        key = before.order_key
    return Place(due_at=due.astimezone(UTC), order_key=key, parts=tuple(parts))


def _told(target: int, matter: Matter, targets: Targets) -> str:
    what = "a complaint" if targets.is_complaint(matter) else matter.urgency.label
    return f"a first answer is due within {_hours(target)} ({what})"


def _tightened(target: int, follow_ups: int, repeats: int, escalate_at: int) -> list[Part]:
    parts = []
    if follow_ups:
        less = -int(target * FOLLOW_UP_SHARE * min(follow_ups, MOST_FOLLOW_UPS))
        parts.append(Part(name="follow-ups", seconds=less, text=f"{follow_ups} follow-up(s) without an answer"))
    if repeats:
        less = -int(target * REPEAT_SHARE * min(repeats, MOST_REPEATS))
        parts.append(Part(name="repeats", seconds=less, text=f"{repeats} repeat(s)"))
    if follow_ups >= escalate_at:
        less = -int(target * ESCALATION_SHARE)
        parts.append(Part(name="escalated", seconds=less, text=f"escalated: {follow_ups} follow-ups and no answer"))
    return parts


def _by_sum(target: int, claimed: int) -> Part:
    """Return what a sum is worth: money that cannot move goes by sum and age. Theft does not, and a question neither.

    It is only a claim, so it is worth no more than one target: less than any step of urgency.
    """
    less = -int(target * SUM_SHARE * sum(step <= claimed for step in STEPS))
    return Part(name="claimed", seconds=less, text=f"speaks of {claimed:,} US dollars or more")


def _hours(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.4g} h"
