"""How long an answer will take, told from what the queue holds and how fast it moved of late. Pure.

Time is measured in *work*: how many first answers the desk usually gives in it, by the hour of the week and the
calendar. A night is worth nothing, a Monday morning much. A case that has `ahead` others before it needs work for
`ahead` + 1; how much more or less cases like it really needed is what recent ones show. The range that is told
leaves out the fastest and the slowest tenth of them (split conformal prediction: Vovk et al. 2005).
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from math import ceil

from triage.case import Urgency
from triage.rules.calendar import Calendar
from triage.rules.targets import HOUR, Matter

LEAST_ALIKE, LEAST_AS_URGENT, LEAST_OF_ALL = 30, 5, 20
"""So many recent cases are needed: of the same urgency and channel, else of the same urgency, else of all."""

FAST, SLOW = 0.10, 0.92
"""The quantiles that the range reaches from and to."""

LOOK_BACK = timedelta(days=28)
LOOK_AHEAD = timedelta(days=60)
"""Nobody is told a time further away."""

SHORTEST = 600
"""Seconds: the least that is told."""

WEEK = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A case whose customer was told a time not long ago.

    Attributes:
        answered_at: When an agent answered; for one that still waits, now.
    """

    urgency: Urgency
    channel: str
    ahead: int
    made_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is told: an answer comes between the two moments, with so many cases ahead now."""

    earliest: datetime
    latest: datetime
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How many first answers the desk gives in each hour of the week, Monday 00:00 in `zone` first."""

    now: datetime
    zone: tzinfo
    by_hour: tuple[float, ...]
    _lines: dict[Calendar | None, "Timeline"] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, answers: Mapping[int, int], now: datetime, zone: tzinfo) -> "Rates":
        """Return the rates that so many answers in each hour (counted from 1970) show; all 0 without any.

        An hour of the week was seen four times at most, so it leans a little on the same hour of other days, and one
        that was never seen on all of them.
        """
        first, last = min(answers, default=0), int(now.timestamp()) // HOUR
        if not answers:
            return cls(now=now, zone=zone, by_hour=(0.0,) * WEEK)
        seen, given = [0] * WEEK, [0] * WEEK
        for hour in range(max(first, last - LOOK_BACK // timedelta(hours=1)), last):
            at = _hour_of_week(hour, zone)
            seen[at] += 1
            given[at] += answers.get(hour, 0)
        mean = sum(answers.values()) / max(last - first, 1)
        daily = [_mean(sum(given[h::24]), sum(seen[h::24]), mean) for h in range(24)]
        by_hour = tuple((given[h] + daily[h % 24]) / (seen[h] + 1) for h in range(WEEK))
        return cls(now=now, zone=zone, by_hour=by_hour)

    def at(self, hour: int) -> float:
        """Return the answers given in an hour, counted from 1970."""
        return self.by_hour[_hour_of_week(hour, self.zone)]

    def timeline(self, calendar: Calendar | None) -> "Timeline":
        """Return the work of time, nothing of it while `calendar` is closed; made once for each."""
        if calendar not in self._lines:
            self._lines[calendar] = Timeline(self, calendar)
        return self._lines[calendar]


class Timeline:
    """Work as a function of time, and back; it never falls."""

    def __init__(self, rates: Rates, calendar: Calendar | None) -> None:
        """Reach from well before the moment of the rates to `LOOK_AHEAD` after it."""
        self._first = int((rates.now - LOOK_BACK).timestamp()) // HOUR
        last = int((rates.now + LOOK_AHEAD).timestamp()) // HOUR
        self._done = [0.0]
        for hour in range(self._first, last):
            share = 1.0 if calendar is None else calendar.share(hour)
            self._done.append(self._done[-1] + rates.at(hour) * share)

    def work(self, start: datetime, end: datetime) -> float:
        """Return the work that the desk does between two moments."""
        return self._at(end) - self._at(start)

    def after(self, start: datetime, work: float) -> datetime:
        """Return when so much work is done; `LOOK_AHEAD` at most."""
        wanted = self._at(start) + work
        hour = bisect_left(self._done, wanted)
        if hour >= len(self._done):
            return start + LOOK_AHEAD
        if hour == 0:
            return start
        rate = self._done[hour] - self._done[hour - 1]
        part = (wanted - self._done[hour - 1]) / rate if rate else 0.0
        seconds = round((self._first + hour - 1 + part) * HOUR)
        return max(start, datetime.fromtimestamp(seconds, start.tzinfo))

    def _at(self, moment: datetime) -> float:
        hours = moment.timestamp() / HOUR - self._first
        hour = min(max(int(hours), 0), len(self._done) - 2)
        part = min(max(hours - hour, 0.0), 1.0)
        return self._done[hour] + part * (self._done[hour + 1] - self._done[hour])


@dataclass(slots=True, kw_only=True)
class Forecast:
    """What the queue is like at a moment, and what follows from it.

    Attributes:
        at: When it was looked at.
        keys: The order keys of the open cases, sorted.
        samples: Recent cases whose customers were told a time, answered or not.
    """

    at: datetime
    keys: list[int]
    samples: Sequence[Sample]
    rates: Rates
    _ratios: dict[tuple[object, ...], list[float]] = field(default_factory=dict)

    def joined(self, order_key: int) -> None:
        """Count one more case that waits."""
        insort(self.keys, order_key)

    def waiting(self, matter: Matter, order_key: int, calendar: Calendar | None, told_at: datetime) -> Wait | None:
        """Return when a case with this place will be answered, as it is told at a moment; None: nobody can say yet."""
        ahead = bisect_right(self.keys, order_key)
        ratios = self._ratios_of(matter, calendar) if any(self.rates.by_hour) else None
        if ratios is None:
            return None
        line = self.rates.timeline(calendar)
        low, high = (_quantile(ratios, share) * (ahead + 1) for share in (FAST, SLOW))
        # The clock of the queue runs from now, be it told in the morning only.
        earliest, latest = line.after(self.at, low), line.after(self.at, high)
        least = told_at + timedelta(seconds=SHORTEST)
        return Wait(earliest=max(earliest, told_at), latest=max(latest, least), ahead=ahead)

    def ahead(self, order_key: int) -> int:
        """Return how many cases stand before this place."""
        return bisect_right(self.keys, order_key)

    def _ratios_of(self, matter: Matter, calendar: Calendar | None) -> list[float] | None:
        """Return how much of the expected work cases like this one needed, sorted; the nearest that are enough."""
        likes = ((matter.urgency, matter.channel), (matter.urgency,), ())
        for like, least in zip(likes, (LEAST_ALIKE, LEAST_AS_URGENT, LEAST_OF_ALL), strict=True):
            key = (*like, calendar)
            if key not in self._ratios:
                line = self.rates.timeline(calendar)
                self._ratios[key] = sorted(
                    line.work(s.made_at, s.answered_at) / (s.ahead + 1)
                    for s in self.samples
                    if (s.urgency, s.channel)[: len(like)] == like
                )
            if len(self._ratios[key]) >= least:
                return self._ratios[key]
        return None


@lru_cache(maxsize=8192)  # a line reaches over two thousand hours, and the next hour's over almost the same
def _hour_of_week(hour: int, zone: tzinfo) -> int:
    here = datetime.fromtimestamp(hour * HOUR, zone)
    return here.weekday() * 24 + here.hour


def _mean(total: float, count: int, otherwise: float) -> float:
    return total / count if count else otherwise


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of cases like these stay under, counting the next one among them."""
    place = ceil(share * (len(values) + 1)) if share > 0.5 else int(share * (len(values) + 1))
    return values[min(max(place, 1), len(values)) - 1]
