"""Quiet hours: when what we say by ourselves waits for the morning. Pure; whoever asks brings the clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """From `start` to `end` by the clock of `zone`, over midnight where the end is earlier."""

    start: time
    end: time
    zone: tzinfo

    def until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours that `now` lies in end, or None when it lies in none."""
        here = now.astimezone(self.zone)
        clock = here.timetz().replace(tzinfo=None)
        over_midnight = self.end <= self.start
        if not (clock >= self.start or clock < self.end if over_midnight else self.start <= clock < self.end):
            return None
        day = here.date() + timedelta(days=over_midnight and clock >= self.start)
        # An hour that the change to summer time leaves out becomes the one after it.
        return datetime.combine(day, self.end, tzinfo=self.zone).astimezone(now.tzinfo)
