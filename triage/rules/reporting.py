"""How well the desk serves: figures of cases, by channel, category, language or agent."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

BY = ("channel", "category", "language", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a report needs of one case.

    Attributes:
        acknowledged_at: When its acknowledgement was sent; None for none.
        promise: "kept", "broken", "running", or "" for none.
        waiting: It is open.
        once: It is resolved after one answer.
    """

    channel: str
    category: str
    language: str
    agent: str
    opened_at: datetime
    acknowledged_at: datetime | None
    first_answered_at: datetime | None
    resolved: bool
    waiting: bool
    once: bool
    promise: str
    rating: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The figures of some cases; None where there is nothing to measure.

    Attributes:
        name: What they have in common; "" for all of them.
        acknowledged: Median seconds to the acknowledgement.
        answered: Median seconds to the first answer of a person.
        slow: Seconds to it that nine in ten cases did not exceed.
        once: Share of the resolved cases that took one answer.
        kept: Share of the promised waiting times that were kept.
        rated: Mean of what customers said, 1 to 5.
    """

    name: str
    cases: int
    waiting: int
    acknowledged: float | None
    answered: float | None
    slow: float | None
    once: float | None
    kept: float | None
    rated: float | None


def report(served: Sequence[Served], by: str) -> list[Line]:
    """Return a line for all cases and one for each value of `by`, most cases first; raises ValueError for another."""
    if by not in BY:
        raise ValueError(f"there is no report by {by}")
    groups: dict[str, list[Served]] = defaultdict(list)
    for one in served:
        groups[getattr(one, by) or "-"].append(one)
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [_line("", served), *(_line(name, some) for name, some in ranked)]


def opened_by_day(served: Iterable[Served], days: Sequence[date]) -> list[int]:
    """Return how many cases were opened on each day (UTC)."""
    count: dict[date, int] = defaultdict(int)
    for one in served:
        count[one.opened_at.date()] += 1
    return [count[day] for day in days]


def _line(name: str, served: Sequence[Served]) -> Line:
    acknowledged = [(o.acknowledged_at - o.opened_at).total_seconds() for o in served if o.acknowledged_at]
    answered = [(o.first_answered_at - o.opened_at).total_seconds() for o in served if o.first_answered_at]
    promised = [o.promise == "kept" for o in served if o.promise in {"kept", "broken"}]
    return Line(
        name=name,
        cases=len(served),
        waiting=sum(o.waiting for o in served),
        acknowledged=statistics.median(acknowledged) if acknowledged else None,
        answered=statistics.median(answered) if answered else None,
        slow=_ninth(answered),
        once=_share([o.once for o in served if o.resolved]),
        kept=_share(promised),
        rated=statistics.fmean(ratings) if (ratings := [o.rating for o in served if o.rating]) else None,
    )


def _share(told: Sequence[bool]) -> float | None:
    return sum(told) / len(told) if told else None


def _ninth(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return statistics.quantiles(values, n=10, method="inclusive")[8]
