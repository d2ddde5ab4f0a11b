"""Business calendars: which hours count. Pure; whoever asks brings the clock and the holidays.

Hours are those of the wall clock of the calendar's zone, holidays its dates; spans are exact seconds, also over a
change to summer time.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ONE_DAY = timedelta(days=1)
MINUTES = 24 * 60

MOST_DAYS = 366 * 20
"""Days that are looked through for enough open hours; a calendar that has not got them in so long is always shut."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar:
    """When a team works.

    Attributes:
        hours: Monday is 0: the day's open spans as minutes since midnight, in order, not touching; up to 1440.
        holidays: Dates on which it does not open.
    """

    zone: tzinfo
    hours: Mapping[int, Sequence[tuple[int, int]]]
    holidays: Container[date] = frozenset()
    _days: dict[date, tuple[tuple[int, int], ...]] = field(default_factory=dict, repr=False, compare=False)
    _shares: dict[int, float] = field(default_factory=dict, repr=False, compare=False)

    def add(self, start: datetime, seconds: int) -> datetime:
        """Return when so many open seconds have passed since `start`, in UTC.

        With none to pass it is `start` itself. More seconds, or a later start, never give an earlier moment. Raises
        `OverflowError` where `MOST_DAYS` do not hold as many.
        """
        at, left = int(start.timestamp()), seconds
        if left <= 0:
            return datetime.fromtimestamp(at + left, UTC)
        for opens, closes in self._spans(start):
            open_for = closes - max(opens, at)
            if open_for >= left:
                return datetime.fromtimestamp(max(opens, at) + left, UTC)
            left -= max(open_for, 0)
        raise OverflowError("the calendar has too few open hours")

    def between(self, start: datetime, end: datetime) -> int:
        """Return how many open seconds lie between two moments; 0 where the end is not after the start."""
        first, last, total = int(start.timestamp()), int(end.timestamp()), 0
        for opens, closes in self._spans(start):
            if opens >= last:
                break
            total += max(min(closes, last) - max(opens, first), 0)
        return total

    def share(self, hour: int) -> float:
        """Return which share of an hour, counted from 1970, it is open."""
        found = self._shares.get(hour)
        if found is None:
            start = datetime.fromtimestamp(hour * 3600, UTC)
            found = self._shares[hour] = self.between(start, start + timedelta(hours=1)) / 3600
        return found

    def _spans(self, start: datetime) -> Iterator[tuple[int, int]]:
        """Yield the open spans, in seconds since 1970, of the day of `start` and of those after it."""
        # A span may reach over midnight of UTC, never over that of its own zone.
        day = start.astimezone(self.zone).date()
        for _ in range(MOST_DAYS):
            yield from self._day(day)
            day += ONE_DAY

    def _day(self, day: date) -> tuple[tuple[int, int], ...]:
        found = self._days.get(day)
        if found is None:
            shut = day in self.holidays
            spans = () if shut else self.hours.get(day.weekday(), ())
            found = self._days[day] = tuple((self._second(day, a), self._second(day, b)) for a, b in spans)
        return found

    def _second(self, day: date, minute: int) -> int:
        day += ONE_DAY * (minute // MINUTES)
        clock = time(minute % MINUTES // 60, minute % 60)
        return int(datetime.combine(day, clock, self.zone).timestamp())
