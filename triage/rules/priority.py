"""Where a case stands in the list: one number that no clock changes, and its explanation.

The list is sorted by `Place.order_key`, smallest first. The key is the moment a first human answer is due,
moved forward by whole named parts. Two cases never change their order by waiting: both wait equally long.
So an index holds the order at any size, and nothing has to be recomputed (`docs/adr/0008`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from triage.case import Part, Place, Urgency

HOUR = 3600
DAY = 24 * HOUR

LEAD = {Urgency.CRITICAL: 365 * DAY, Urgency.HIGH: 7 * DAY, Urgency.NORMAL: 0, Urgency.LOW: 0}
"""Seconds a case of this urgency goes before one that is due at the same moment. Finite, so that nothing starves."""

FOLLOW_UP_SHARE, MOST_FOLLOW_UPS = 0.10, 5
REPEAT_SHARE, MOST_REPEATS = 0.02, 5
ESCALATION_SHARE, ESCALATION_AT = 0.25, 3
"""Shares of the target by which a follow-up, a repeat and the third unanswered follow-up tighten it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Hours until a first human answer, by urgency; a channel may have its own.

    Attributes:
        hours: For every urgency.
        by_channel: Channel name to the hours that differ there.
    """

    hours: Mapping[Urgency, float] = field(
        default_factory=lambda: {Urgency.CRITICAL: 0.25, Urgency.HIGH: 2.0, Urgency.NORMAL: 24.0, Urgency.LOW: 48.0}
    )
    by_channel: Mapping[str, Mapping[Urgency, float]] = field(default_factory=dict)

    def seconds(self, urgency: Urgency, channel: str) -> int:
        """Return the target in whole seconds."""
        return round(self.by_channel.get(channel, {}).get(urgency, self.hours[urgency]) * HOUR)


def place(*, since: datetime, urgency: Urgency, channel: str, follow_ups: int, repeats: int, targets: Targets) -> Place:
    """Return the place of a case whose oldest unanswered message came at `since`.

    More urgency, an earlier `since`, more follow-ups or repeats never move a case back. The parts add up to
    the key exactly.
    """
    target = targets.seconds(urgency, channel)
    parts = [
        Part(name="waiting", seconds=int(since.timestamp()), text=f"waiting since {since:%Y-%m-%d %H:%M} UTC"),
        Part(name="target", seconds=target, text=f"a first answer is due within {_hours(target)} ({urgency.label})"),
    ]
    parts += _tightened(target, follow_ups, repeats)
    due = sum(part.seconds for part in parts)
    if LEAD[urgency]:
        parts.append(Part(name="urgency", seconds=-LEAD[urgency], text=f"{urgency.label} goes first"))
    key = sum(part.seconds for part in parts)
    return Place(due_at=datetime.fromtimestamp(due, UTC), order_key=key, parts=tuple(parts))


def _tightened(target: int, follow_ups: int, repeats: int) -> list[Part]:
    parts = []
    if follow_ups:
        less = -int(target * FOLLOW_UP_SHARE * min(follow_ups, MOST_FOLLOW_UPS))
        parts.append(Part(name="follow-ups", seconds=less, text=f"{follow_ups} follow-up(s) without an answer"))
    if repeats:
        less = -int(target * REPEAT_SHARE * min(repeats, MOST_REPEATS))
        parts.append(Part(name="repeats", seconds=less, text=f"{repeats} repeat(s)"))
    if follow_ups >= ESCALATION_AT:
        less = -int(target * ESCALATION_SHARE)
        parts.append(Part(name="escalated", seconds=less, text=f"escalated: {follow_ups} follow-ups and no answer"))
    return parts


def _hours(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds < 2 * HOUR else f"{seconds / HOUR:g} h"
