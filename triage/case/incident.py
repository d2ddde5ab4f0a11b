"""An incident: many cases, one cause."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class IncidentStatus(StrEnum):
    """How far an incident is."""

    PROPOSED = "proposed"  # a burst was seen; nobody is told anything until a person says that it is one
    CONFIRMED = "confirmed"  # an agent says that it is one: later cases join it
    RESOLVED = "resolved"  # over, and its customers were told
    DROPPED = "dropped"  # it was none


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Many cases with one cause.

    Attributes:
        sign: What its cases have in common ("topic:pending network:TRON").
        title: The same in words.
        count: How many cases had the sign when it was proposed, within two hours.
        expected: How many were to be expected then.
        first_hour: Cases since this hour belong to it, in hours since 1970.
        since: When it was proposed.
        status_at: When it got its status.
        who: Who gave it its status; "triage" for a proposed one.
        news: How many times its customers were told something.
        texts: The last news, by language.
        cases: How many cases belong to it.
        to_tell: How many of them wait for the last news.
    """

    id: int
    sign: str
    title: str
    status: IncidentStatus
    count: int
    expected: float
    first_hour: int
    since: datetime
    status_at: datetime
    who: str = "triage"
    news: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    cases: int = 0
    to_tell: int = 0
