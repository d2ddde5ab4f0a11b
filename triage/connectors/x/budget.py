"""What a day may cost: pure, the clock is the caller's. A day is one of X's: UTC."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

FOR_REPLIES = 0.1
"""The part of the budget that reading leaves for replies: an answer is worth more than one more look."""

SLOWEST = 20.0
"""How many times slower than usual we look when money runs out too fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What was spent on one day.

    Attributes:
        limit: What the day may cost.
        day: The UTC day, ISO.
        spent: What it has cost.
        requests: How many requests were made; for people to see, nothing depends on it.
    """

    limit: float
    day: str = ""
    spent: float = 0.0
    requests: int = 0

    def on(self, now: datetime) -> "Budget":
        """Return the budget of the day of `now`: this one, or a new day's, of which nothing is spent."""
        today = now.astimezone(UTC).date().isoformat()
        return self if self.day == today else Budget(limit=self.limit, day=today)

    def plus(self, cost: float) -> "Budget":
        """Return the budget after one more request that cost this much."""
        return replace(self, spent=round(self.spent + cost, 6), requests=self.requests + 1)

    @property
    def may_read(self) -> bool:
        """Return whether reading may go on."""
        return self.spent < self.limit * (1 - FOR_REPLIES)

    def may_send(self, cost: float) -> bool:
        """Return whether a reply of this cost may go out."""
        return self.spent + cost <= self.limit

    def slower(self, now: datetime) -> float:
        """Return how many times slower than usual to look: 1 while the spent part keeps behind the day's part.

        The first hour's part is given at once, so that a morning's backlog is read at full speed.

        >>> half_past = datetime(2026, 11, 2, 12, tzinfo=UTC)
        >>> Budget(limit=4.0, day="2026-11-02", spent=2.0).slower(half_past)
        1.0
        >>> Budget(limit=4.0, day="2026-11-02", spent=3.0).slower(half_past)
        1.5
        """
        gone = max(1 - seconds_to_midnight(now) / 86400, 1 / 24)
        return min(max(1.0, self.spent / self.limit / gone), SLOWEST)

    def __str__(self) -> str:
        """Return what people read in the status."""
        return f"{self.spent:.2f} of {self.limit:.2f} spent today in {self.requests} requests"


def seconds_to_midnight(now: datetime) -> float:
    """Return how long the UTC day of `now` still lasts."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1) - now).total_seconds()
