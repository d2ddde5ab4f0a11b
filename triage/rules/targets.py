"""Targets: how long a case may wait for its first human answer, by urgency, category, topic and channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from triage.case import Urgency
from triage.rules.calendar import Calendar
from triage.rules.worth import WORTHS

HOUR = 3600
Hours = Mapping[Urgency, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a target depends on."""

    urgency: Urgency
    channel: str
    category: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Hours until a first human answer. The nearest rule wins: channel and category, then channel, then category.

    Attributes:
        hours: For every urgency.
        by_category: Category to the hours that differ there.
        by_channel: Channel name to the hours that differ there.
        by_both: (channel, category) to the hours that differ there.
        calendar: In whose open hours they are counted; None: round the clock.
        calendars: Channel name to a calendar of its own.
        round_the_clock: From this urgency on no calendar counts; None: it always does.
        complaint: Hours within which a complaint is answered whatever else holds, in open hours; None: no such clock.
        complaint_topics: Which topics are complaints.
        escalate_at: So many follow-ups without an answer escalate a case.
        worths: What one of a coin or currency is worth in US dollars, roughly: sums are claimed in any of them.
    """

    hours: Hours = field(
        default_factory=lambda: {Urgency.CRITICAL: 0.25, Urgency.HIGH: 2.0, Urgency.NORMAL: 24.0, Urgency.LOW: 48.0}
    )
    by_category: Mapping[str, Hours] = field(default_factory=lambda: {"feedback": {Urgency.NORMAL: 48.0}})
    by_channel: Mapping[str, Hours] = field(default_factory=dict)
    by_both: Mapping[tuple[str, str], Hours] = field(default_factory=dict)
    calendar: Calendar | None = None
    calendars: Mapping[str, Calendar | None] = field(default_factory=dict)
    round_the_clock: Urgency | None = Urgency.CRITICAL
    complaint: float | None = 24.0
    complaint_topics: frozenset[str] = frozenset({"complaint", "legal-threat"})
    escalate_at: int = 3
    worths: Mapping[str, float] = field(default_factory=lambda: WORTHS)

    def seconds(self, matter: Matter) -> int:
        """Return the target in whole seconds of open time; never more than a less urgent matter would have."""
        hours = self._least(matter)
        return round((self.complaint if self.complaint and self.is_complaint(matter) else hours) * HOUR)

    def is_complaint(self, matter: Matter) -> bool:
        """Tell whether it is the clock of complaints that sets the target."""
        return (
            matter.topic in self.complaint_topics
            and self.complaint is not None
            and (self.complaint < self._least(matter))
        )

    def calendar_of(self, matter: Matter) -> Calendar | None:
        """Return the calendar that counts for a matter; None: round the clock."""
        if self.round_the_clock is not None and matter.urgency >= self.round_the_clock:
            return None
        return self.calendars.get(matter.channel, self.calendar)

    @property
    def zone(self) -> tzinfo:
        """Return the zone in which the desk's days begin: that of its calendar."""
        return UTC if self.calendar is None else self.calendar.zone

    def due(self, matter: Matter, since: datetime, seconds: int) -> datetime:
        """Return when so many seconds of open time have passed since a moment, in whole seconds."""
        calendar = self.calendar_of(matter)
        if calendar is not None:
            return calendar.add(since, seconds)
        return since.replace(microsecond=0) + timedelta(seconds=seconds)

    def _least(self, matter: Matter) -> float:
        rules = (
            self.by_both.get((matter.channel, matter.category), {}),
            self.by_channel.get(matter.channel, {}),
            self.by_category.get(matter.category, {}),
        )
        hours = {**self.hours, **rules[2], **rules[1], **rules[0]}  # the nearest rule comes last
        return min(hours[urgency] for urgency in Urgency if urgency <= matter.urgency)
