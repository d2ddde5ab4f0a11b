"""How long an answer takes, as it is told: never what the queue, the night or the calendar would make a lie."""

from datetime import UTC, datetime, timedelta

from builders import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.case import Urgency
from triage.rules.calendar import Calendar
from triage.rules.forecast import LOOK_AHEAD, Forecast, Rates, Sample
from triage.rules.targets import HOUR, Matter

HOUR_NOW = int(NOW.timestamp()) // HOUR
NORMAL = Matter(urgency=Urgency.NORMAL, channel="mail")
WORKED = range(9, 18)


def answers(per_hour=6, hours=WORKED):
    """Return four weeks in which so many answers were given in each of these hours, every day."""
    return {h: per_hour for h in range(HOUR_NOW - 28 * 24, HOUR_NOW) if h % 24 in hours}


def samples(count=40, *, minutes=10, ahead=0, urgency=Urgency.NORMAL, channel="mail"):
    """Return cases of this morning that waited so long each."""
    made = NOW - timedelta(days=1)
    waited = timedelta(minutes=minutes)
    return [
        Sample(urgency=urgency, channel=channel, ahead=ahead, made_at=made, answered_at=made + waited)
        for _ in range(count)
    ]


def a_forecast(*, keys=(), some=None, given_answers=None):
    rates = Rates.of(answers() if given_answers is None else given_answers, NOW, UTC)
    return Forecast(at=NOW, keys=sorted(keys), samples=samples() if some is None else some, rates=rates)


def told(forecast, order_key=0, matter=NORMAL, calendar=None, told_at=NOW):
    return forecast.waiting(matter, order_key, calendar, told_at)


def test_a_desk_without_a_past_says_nothing():
    assert told(a_forecast(some=[])) is None
    assert told(a_forecast(some=samples(4))) is None
    assert told(a_forecast(some=samples(19, urgency=Urgency.HIGH))) is None
    assert told(a_forecast(given_answers={})) is None


def test_a_case_with_nobody_ahead_takes_as_long_as_such_cases_did():
    wait = told(a_forecast())
    assert timedelta(minutes=8) < wait.latest - NOW < timedelta(minutes=12)
    assert wait.ahead == 0


def test_who_has_many_ahead_is_told_longer():
    wait = told(a_forecast(keys=range(-12, 0)))
    assert wait.ahead == 12
    assert timedelta(hours=1.8) < wait.latest - NOW < timedelta(hours=2.5)


def test_what_the_day_does_not_hold_is_told_for_the_next_one():
    wait = told(a_forecast(keys=range(-60, 0)))
    assert wait.latest.date() == NOW.date() + timedelta(days=1)
    assert 9 <= wait.latest.hour < 18


def test_a_holiday_is_no_working_day():
    day = NOW.date() + timedelta(days=1)
    always = dict.fromkeys(range(7), ((0, 1440),))
    wait = told(a_forecast(keys=range(-60, 0)), calendar=Calendar(zone=UTC, hours=always, holidays={day}))
    assert wait.latest.date() == day + timedelta(days=1)


def test_who_is_told_in_the_morning_hears_what_is_left_then():
    morning = NOW + timedelta(hours=23)
    assert told(a_forecast(), told_at=morning).latest == morning + timedelta(minutes=10)


def test_more_urgent_cases_speak_for_more_urgent_ones():
    mixed = [*samples(40, minutes=60), *samples(8, minutes=5, urgency=Urgency.CRITICAL)]
    critical = Matter(urgency=Urgency.CRITICAL, channel="mail")
    forecast = a_forecast(some=mixed)
    assert told(forecast, matter=critical).latest < told(forecast).latest


def test_cases_of_another_channel_speak_where_there_are_too_few_of_ones_own():
    assert told(a_forecast(some=samples(40, channel="chat"))) is not None


def test_nobody_is_told_a_time_further_away_than_can_be_seen():
    assert told(a_forecast(keys=range(-100_000, 0))).latest == NOW + LOOK_AHEAD


def test_an_hour_that_was_never_seen_is_taken_for_a_middling_one():
    rates = Rates.of({HOUR_NOW - 2: 6, HOUR_NOW - 1: 6}, NOW, UTC)
    assert rates.at(HOUR_NOW + 12) > 0


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-100, 100), max_size=80), st.integers(-100, 100), st.integers(-100, 100))
def test_who_stands_further_back_is_never_told_less(keys, one, other):
    forecast = a_forecast(keys=keys)
    assert told(forecast, min(one, other)).latest <= told(forecast, max(one, other)).latest


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 300), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_what_is_told_lies_ahead_and_begins_before_it_ends(ahead, later):
    told_at = NOW + later
    wait = told(a_forecast(keys=range(-ahead, 0)), told_at=told_at)
    assert told_at <= wait.earliest <= wait.latest
    assert wait.latest > told_at


LINE = Rates.of(answers(), NOW, UTC).timeline(None)


@settings(deadline=None, max_examples=40)
@given(st.timedeltas(timedelta(0), timedelta(days=20)), st.floats(0, 200))
def test_time_and_work_undo_each_other(later, work):
    start = NOW + later
    assert abs(LINE.work(start, LINE.after(start, work)) - work) < 0.01


def test_who_joins_stands_before_those_behind_her():
    forecast = a_forecast(keys=[1, 2])
    forecast.joined(0)
    assert (forecast.ahead(-1), forecast.ahead(5)) == (0, 3)


def test_an_hour_of_the_week_is_one_of_the_desks_own_zone():
    hour = int(datetime(2026, 11, 2, 8, tzinfo=UTC).timestamp()) // HOUR
    rates = Rates(now=NOW, zone=UTC, by_hour=tuple(float(n) for n in range(168)))
    assert rates.at(hour) == 8.0
