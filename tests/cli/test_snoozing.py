"""`triage snooze`: out of the list, and back."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def number(triage, a_file):
    triage("ingest", a_file("Could you add a dark mode? I like the app."))
    return triage("cases", "--json").objects[0]["number"]


def test_a_case_that_is_put_off_is_listed_alone_and_comes_back_by_hand(triage, number):
    done = triage("snooze", number, "4h", "--as", "mia")
    assert done.code == 0
    assert "put off until" in done.out
    assert triage("cases", "--json").objects == []
    assert triage("next", "--json", "--as", "mia").out == ""
    assert [case["number"] for case in triage("cases", "--snoozed", "--json").objects] == [number]
    assert [case["number"] for case in triage("cases", "--search", "dark", "--json").objects] == [number]
    assert "put off until" in triage("show", number).out
    assert triage("snooze", number, "off", "--as", "mia").code == 0
    [case] = triage("cases", "--json").objects
    assert case["snoozed_until"] is None
    [shown] = triage("show", number, "--json").objects
    assert [step["action"] for step in shown["audit"]] == ["case.snoozed", "case.woken"]


def test_a_moment_is_named_by_its_date(triage, number):
    until = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0)
    [case] = triage("snooze", number, until.isoformat(), "--json").objects
    assert datetime.fromisoformat(case["snoozed_until"]) == until


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("soon", '"soon" is no span of time; say 90m, 2h, 7d'),
        ("2020-01-01", "a case is put off until a time that is to come, at most a year away"),
        ("99999d", "a case is put off until a time that is to come, at most a year away"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_one_line(triage, number, until, said):
    refused = triage("snooze", number, until)
    assert (refused.code, refused.err) == (1, f"triage: {said}\n")
