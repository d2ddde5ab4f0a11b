from datetime import UTC, datetime, timedelta, timezone

import pytest

from triage.connectors.x.budget import Budget, seconds_to_midnight

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_a_new_day_begins_with_nothing_spent():
    budget = Budget(limit=1.0).on(NOON).plus(0.5)
    assert budget.on(NOON).spent == 0.5
    assert budget.on(NOON + timedelta(days=1)).spent == 0.0


def test_a_day_is_one_of_utc():
    evening = datetime(2026, 11, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert Budget(limit=1.0).on(evening).day == "2026-11-03"
    assert seconds_to_midnight(evening) == 19.5 * 3600


def test_reading_leaves_the_last_tenth_for_replies():
    budget = Budget(limit=1.0).on(NOON).plus(0.9)
    assert not budget.may_read
    assert budget.may_send(0.1)
    assert not budget.plus(0.05).may_send(0.1)


def test_money_that_runs_out_too_fast_makes_us_look_less_often():
    assert Budget(limit=1.0, spent=0.4).slower(NOON) == 1.0
    assert Budget(limit=1.0, spent=0.8).slower(NOON) == 1.6
    assert Budget(limit=1.0, spent=0.8).slower(NOON.replace(hour=0)) == pytest.approx(19.2)
