"""The tables of targets and calendars: how long a case may wait, and which hours count."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from triage.case import Urgency
from triage.rules.calendar import Calendar
from triage.rules.targets import Targets
from triage.rules.worth import WORTHS
from triage.settings.table import Table

Hours = Annotated[float, Field(gt=0, le=24 * 366)]
Worth = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


def known_zone(value: str) -> str:
    """Return the name of a time zone; raises `ValueError` for one that there is not."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{value}"; a name such as "Europe/Madrid" is meant') from None
    return value


class CalendarSettings(Table):
    """When a team works. Targets count these hours only."""

    time_zone: str = Field("UTC", description='Of its hours and dates ("Asia/Shanghai").')
    hours: dict[str, str] = Field(
        default_factory=lambda: {"mon-fri": "09:00-18:00"},
        description='Opening hours by day or days: `{ mon-fri = "09:00-13:00, 14:00-18:00", sat = "10:00-14:00" }`.',
    )
    holidays: str = Field(
        "", description='Public holidays of a country or a part of it ("ES", "US-NY", "CN"), or none.'
    )
    closed: tuple[date, ...] = Field((), description="Further days on which it does not open (2026-12-24).")
    open: tuple[date, ...] = Field((), description="Holidays on which it does open.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_zone(value)

    @field_validator("hours")
    @classmethod
    def _can_be_read(cls, value: dict[str, str]) -> dict[str, str]:
        if not any(_week(value).values()):
            raise ValueError("a calendar that never opens would make nothing ever due")
        return value

    @field_validator("holidays")
    @classmethod
    def _known_country(cls, value: str) -> str:
        if value:
            _holidays(value)
        return value

    def calendar(self) -> Calendar:
        """Return the calendar that these settings describe."""
        named = _holidays(self.holidays) if self.holidays else frozenset()
        return Calendar(
            zone=ZoneInfo(self.time_zone),
            hours=_week(self.hours),
            holidays=_Closed(named, frozenset(self.closed), frozenset(self.open)),
        )


class ByUrgency(Table):
    """Hours until a first human answer is due, by urgency, where they differ."""

    critical: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")
    high: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")
    normal: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")
    low: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")

    def hours(self) -> dict[Urgency, float]:
        """Return what is given here."""
        given = {urgency: getattr(self, urgency.label) for urgency in Urgency}
        return {urgency: hours for urgency, hours in given.items() if hours is not None}


class CategoryTargets(ByUrgency):
    """Targets of one category where they differ."""


class ChannelTargets(ByUrgency):
    """Targets of one channel where they differ; they go before those of a category.

    Those of a category on this channel, `[targets.channels.NAME.categories.CATEGORY]`, go before both.
    """

    calendar: str | None = Field(None, description='Default: as in `[targets]`; "" for round the clock.')
    categories: dict[str, CategoryTargets] = Field(
        default_factory=dict, description="Other targets for single categories on this channel."
    )


class TargetSettings(Table):
    """Hours until a first human answer is due, by urgency."""

    critical: Hours = Field(0.25, description="Hours, for theft under way and leaked keys.")
    high: Hours = Field(2.0, description="Hours, for money that cannot move or has not arrived.")
    normal: Hours = Field(24.0, description="Hours.")
    low: Hours = Field(48.0, description="Hours, for feedback and thanks.")
    complaint: Hours = Field(24.0, description="Hours at most for a complaint, whatever else holds.")
    complaint_topics: tuple[str, ...] = Field(("complaint", "legal-threat"), description="Topics that are complaints.")
    calendar: str = Field("", description="The calendar whose hours count; empty: round the clock.")
    round_the_clock: Literal["critical", "high", "normal", "low", "none"] = Field(
        "critical",
        description='From this urgency on no calendar counts; "none": it always does.',
    )
    escalate_at: int = Field(3, ge=1, le=100, description="So many follow-ups without an answer escalate a case.")
    categories: dict[str, CategoryTargets] = Field(
        default_factory=lambda: {"feedback": CategoryTargets(normal=48.0)},
        description="Other targets for single categories. Default: 48 hours for feedback of normal urgency.",
    )
    channels: dict[str, ChannelTargets] = Field(default_factory=dict, description="Other targets for single channels.")
    worths: dict[str, Worth] = Field(
        default_factory=dict,
        description="What one of a coin or currency is worth in US dollars, roughly, where it is not what we think; "
        "0: sums of it count for nothing (`{ BTC = 100000, EUR = 1.1 }`).",
    )

    @field_validator("worths")
    @classmethod
    def _known_units(cls, value: dict[str, float]) -> dict[str, float]:
        for unit in value:
            if unit not in WORTHS:
                raise ValueError(f'no sum is ever read in "{unit}"; one of {", ".join(WORTHS)} is meant')
        return value

    def targets(self, calendars: Mapping[str, CalendarSettings]) -> Targets:
        """Return the targets; `calendars` has every calendar that is named here."""
        made = {"": None} | {name: calendar.calendar() for name, calendar in calendars.items()}
        return Targets(
            hours={urgency: getattr(self, urgency.label) for urgency in Urgency},
            by_category={name: category.hours() for name, category in self.categories.items()},
            by_channel={name: channel.hours() for name, channel in self.channels.items()},
            by_both={
                (name, category): own.hours()
                for name, channel in self.channels.items()
                for category, own in channel.categories.items()
            },
            calendar=made[self.calendar],
            calendars={
                name: made[channel.calendar] for name, channel in self.channels.items() if channel.calendar is not None
            },
            round_the_clock=next((u for u in Urgency if u.label == self.round_the_clock), None),
            complaint=self.complaint,
            complaint_topics=frozenset(self.complaint_topics),
            escalate_at=self.escalate_at,
            worths={**WORTHS, **self.worths},
        )

    def named(self) -> dict[str, str]:
        """Return the calendars that are named, by the table that names them."""
        own = {f"[targets.channels.{name}]": channel.calendar or "" for name, channel in self.channels.items()}
        return {"[targets]": self.calendar} | own


class _Closed:
    """The dates on which a calendar does not open."""

    def __init__(self, holidays: object, closed: frozenset[date], opened: frozenset[date]) -> None:
        self._holidays, self._closed, self._opened = holidays, closed, opened

    def __contains__(self, day: object) -> bool:
        return day in self._closed or (day not in self._opened and day in self._holidays)  # type: ignore[operator]


def _holidays(place: str) -> object:
    """Return the public holidays of a place as what holds dates; raises `ValueError` for one that is not known."""
    import holidays

    country, _, part = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise ValueError(
            f'nothing is known of the holidays of "{place}"; "ES", "US-NY" or another ISO 3166 code is meant'
        ) from None


def _week(hours: Mapping[str, str]) -> dict[int, list[tuple[int, int]]]:
    """Return the open spans of each day in minutes; raises `ValueError` for what is no day or no span."""
    week: dict[int, list[tuple[int, int]]] = {}
    for days, spans in hours.items():
        first, _, last = days.partition("-")
        if first not in DAYS or (last and last not in DAYS) or (last and DAYS.index(last) < DAYS.index(first)):
            raise ValueError(f'"{days}" is no day; one of {", ".join(DAYS)}, or "mon-fri", is meant')
        for day in range(DAYS.index(first), DAYS.index(last or first) + 1):
            if day in week:
                raise ValueError(f"{DAYS[day]} is there twice")
            week[day] = _spans(spans)
    return week


def _spans(said: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for one in said.split(",") if said.strip() else ():
        match = _SPAN.fullmatch(one.strip())
        if match is None:
            raise ValueError(f'"{one.strip()}" is no span of hours; "09:00-18:00" is meant')
        start = int(match[1]) * 60 + int(match[2])
        end = 24 * 60 if match[3] is None else int(match[3]) * 60 + int(match[4])
        if start >= end or (found and start < found[-1][1]):
            raise ValueError(f'"{said}": each span must end after it begins, and begin after the one before it ends')
        found.append((start, end))
    return found
