"""Spans and points of time in the customer's words; the words are CLDR's, by Babel."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil, floor
from typing import Literal

from babel.dates import format_skeleton, format_time, format_timedelta, get_datetime_format

Unit = Literal["minute", "hour", "day"]

_SECONDS: dict[Unit, int] = {"minute": 60, "hour": 3600, "day": 86400}
_DIGITS = re.compile("[0-9]+")
# How two numbers with one unit are joined; a dash between digits turns round in a line that runs from the right.
_RANGE = {"zh": "{}至{}", "ja": "{}～{}", "ko": "{}~{}", "ar": "{} إلى {}"}


def span(low: float, high: float, language: str) -> tuple[str, bool]:
    """Return a span of `low` to `high` seconds ("2-6 hours"), and whether it has a lower end worth telling.

    Rounded outwards, to whole minutes below two hours, hours up to three days, then days. Where nothing is left of
    the lower end, the upper one stands alone.
    """
    unit = _unit(high)
    least, most = _whole(low, high, unit)
    said = _spoken(most, unit, language)
    if not 0 < least < most or not _DIGITS.search(said):
        return said, False
    both = _RANGE.get(language[:2], "{}–{}").format(least, most)
    return _DIGITS.sub(both, said, count=1), True


def rounded_up(high: float) -> int:
    """Return the upper end of a span as `span` tells it, in seconds."""
    unit = _unit(high)
    return _whole(0, high, unit)[1] * _SECONDS[unit]


def moment(at: datetime, language: str) -> str:
    """Return day and time of `at` and its distance from UTC ("November 26, 6:05 PM UTC+8")."""
    locale = _locale(language)
    day = format_skeleton("MMMMd", at, locale=locale)
    # CLDR writes "PM" into Korean.
    time = format_time(at, "HH:mm" if language == "ko" else "short", tzinfo=at.tzinfo, locale=locale)
    said = str(get_datetime_format("medium", locale=locale)).format(time, day).replace("\u202f", " ")
    return f"{said} {_zone(at)}"


def _zone(at: datetime) -> str:
    minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


def _whole(low: float, high: float, unit: Unit) -> tuple[int, int]:
    step = _SECONDS[unit]
    least, most = floor(max(low, 0) / step), max(ceil(high / step), 1)
    if unit == "minute" and most > 10:
        return least // 5 * 5, -(-most // 5) * 5  # nobody knows it to the minute
    return least, most


def _unit(seconds: float) -> Unit:
    if seconds < 2 * 3600:
        return "minute"
    return "hour" if seconds <= 72 * 3600 else "day"  # people who wait prefer "24 hours" to "1 day"


@lru_cache(maxsize=4096)
def _spoken(number: int, unit: Unit, language: str) -> str:
    # The threshold keeps the unit.
    span = timedelta(seconds=number * _SECONDS[unit])
    said = format_timedelta(span, granularity=unit, threshold=1e9, locale=_locale(language))
    return said.replace(" ", "") if language[:2] in {"zh", "ja"} else said


def _locale(language: str) -> str:
    return language.replace("-", "_")
