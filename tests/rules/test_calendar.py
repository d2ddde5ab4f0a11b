from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from builders import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.rules.calendar import Calendar

MADRID = ZoneInfo("Europe/Madrid")
OFFICE = Calendar(
    zone=MADRID, hours=dict.fromkeys(range(5), ((540, 780), (840, 1080))), holidays=holidays.country_holidays("ES")
)
NIGHT = Calendar(zone=ZoneInfo("Asia/Shanghai"), hours=dict.fromkeys(range(7), ((0, 120), (1320, 1440))))

moments = st.timedeltas(timedelta(0), timedelta(days=800)).map(lambda span: NOW + span)
spans = st.integers(0, 40 * 3600)
calendars = st.sampled_from([OFFICE, NIGHT])


def here(*when):
    return datetime(*when, tzinfo=MADRID)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (here(2026, 11, 2, 10), 2, here(2026, 11, 2, 12)),
        (here(2026, 11, 2, 12), 2, here(2026, 11, 2, 15)),  # over lunch
        (here(2026, 11, 2, 17), 2, here(2026, 11, 3, 10)),  # over night
        (here(2026, 11, 6, 17), 2, here(2026, 11, 9, 10)),  # over the weekend
        (here(2026, 12, 24, 17), 2, here(2026, 12, 28, 10)),  # Christmas is a Friday
        (here(2026, 11, 7, 3), 1, here(2026, 11, 9, 10)),  # while it is shut: from the first open moment on
        (here(2026, 3, 27, 17), 2, here(2026, 3, 30, 10)),  # the clocks change on Sunday
    ],
)
def test_only_open_hours_count(start, hours, end):
    assert OFFICE.add(start, hours * 3600) == end


def test_a_holiday_is_a_date_of_the_calendars_own_zone():
    first = Calendar(
        zone=ZoneInfo("Asia/Shanghai"), hours=dict.fromkeys(range(7), ((0, 1440),)), holidays={date(2026, 1, 1)}
    )
    new_year_in_shanghai = datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert first.add(new_year_in_shanghai, 60) == datetime(2026, 1, 1, 16, 1, tzinfo=UTC)


def test_an_hour_that_summer_time_leaves_out_is_not_counted():
    always = Calendar(zone=MADRID, hours=dict.fromkeys(range(7), ((0, 1440),)))
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert always.add(before, 24 * 3600) == before + timedelta(hours=24)


@settings(deadline=None)
@given(calendars, moments, spans)
def test_between_undoes_add(calendar, start, seconds):
    assert calendar.between(start, calendar.add(start, seconds)) == seconds


@settings(deadline=None)
@given(calendars, moments, spans, spans)
def test_more_seconds_never_end_earlier(calendar, start, one, other):
    assert calendar.add(start, min(one, other)) <= calendar.add(start, max(one, other))


@settings(deadline=None)
@given(calendars, moments, moments, spans)
def test_a_later_start_never_ends_earlier(calendar, one, other, seconds):
    assert calendar.add(min(one, other), seconds) <= calendar.add(max(one, other), seconds)


@settings(deadline=None)
@given(calendars, moments, spans, spans)
def test_two_steps_end_where_one_does(calendar, start, one, other):
    if one and other:
        assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


def test_a_calendar_that_never_opens_is_an_error_not_an_endless_loop():
    with pytest.raises(OverflowError):
        Calendar(zone=UTC, hours={}).add(NOW, 1)
