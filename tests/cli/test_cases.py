from contextlib import closing
from datetime import UTC, datetime

import pytest

from triage import settings
from triage.store import cases


@pytest.fixture
def numbers(triage, a_file):
    """Take two cases in: one that must come first, one that can wait. Return their numbers in the order of the list."""
    triage(
        "ingest",
        a_file(
            "Could you add a dark mode? I like the app.", "Someone stole my account, my coins are being sent away now!"
        ),
    )
    return [case["number"] for case in triage("cases", "--json").objects]


def test_the_list_says_what_is_next_and_why(triage, numbers):
    first, second = triage("cases", "--json").objects
    assert first["place"] == 1
    assert first["urgency"] == "critical"
    assert first["order_key"] == sum(part["seconds"] for part in first["why"])
    assert first["order_key"] < second["order_key"]


def test_people_see_the_same_list_as_a_table(triage, numbers):
    shown = triage("cases").out
    assert shown.index(numbers[0]) < shown.index(numbers[1])


def test_filters_narrow_the_list(triage, numbers):
    assert [c["number"] for c in triage("cases", "--urgency", "critical", "--json").objects] == numbers[:1]
    assert triage("cases", "--channel", "other", "--json").objects == []
    assert len(triage("cases", "-n", "1", "--json").objects) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--urgency", "huge"), 'there is no urgency "huge"; there are critical, high, normal, low'),
        (("--status", "shut"), 'there is no status "shut"; there are open, answered, resolved, merged'),
    ],
)
def test_a_filter_that_does_not_exist_is_named(triage, home, words, said):
    found = triage("cases", *words)
    assert (found.code, found.err) == (1, f"triage: {said}\n")


def test_a_case_is_shown_with_every_message_and_reason(triage, numbers):
    [case] = triage("show", numbers[0], "--json").objects
    assert [m["disposition"] for m in case["messages"]] == ["new"]
    shown = triage("show", numbers[0]).out
    assert "my coins are being sent away" in shown
    assert "because" in shown


def test_a_case_shows_how_its_customer_liked_the_help(triage, numbers, home):
    [case] = triage("show", numbers[0], "--json").objects
    assert case["rating"] is None
    assert "rated" not in triage("show", numbers[0]).out
    now = datetime.now(UTC)
    with closing(settings.load(home / "triage.toml").open_store()) as store:
        store.run(lambda tx: cases.change(tx, case["id"], {"rating": 4}, "triage", "case.rated", now))
    assert "the customer rated our help 4 of 5" in triage("show", numbers[0]).out
    assert triage("show", numbers[0], "--json").objects[0]["rating"] == 4


def test_a_number_is_understood_as_people_type_it(triage, numbers):
    assert triage("show", numbers[0].lower().replace("-", " ")).code == 0


@pytest.mark.parametrize("number", ["1", "018-AAAAAAAA", "", "not a number"])
def test_a_number_that_is_not_ours_opens_nothing(triage, numbers, number):
    found = triage("show", number)
    assert found.code == 1
    assert "check code" in found.err


def test_an_agent_takes_resolves_and_reopens(triage, numbers):
    assert triage("take", numbers[0], "--as", "mia", "--json").objects[0]["assignee"] == "mia"
    assert triage("resolve", numbers[0], "--as", "mia", "--json").objects[0]["status"] == "resolved"
    assert [c["number"] for c in triage("cases", "--json").objects] == numbers[1:]
    assert triage("reopen", numbers[0], "--as", "mia", "--json").objects[0]["status"] == "open"
    [case] = triage("show", numbers[0], "--json").objects
    assert [step["action"] for step in case["audit"]] == ["case.taken", "case.resolved", "case.reopened"]
    assert {step["who"] for step in case["audit"]} == {"mia"}


def test_a_correction_moves_the_case_to_its_right_place(triage, numbers):
    [case] = triage("correct", numbers[1], "--urgency", "critical", "--category", "security", "--json").objects
    assert (case["urgency"], case["category"]) == ("critical", "security")
    assert case["pinned"] == ["category", "urgency"]
    assert case["order_key"] == sum(part["seconds"] for part in case["why"])
    assert all(c["urgency"] == "critical" for c in triage("cases", "--json").objects)


def test_a_correction_says_what_is_to_be_corrected(triage, numbers):
    assert triage("correct", numbers[0]).code == 1


def test_a_file_that_is_no_store_is_told_in_one_line(triage, home):
    (home / "triage.db").write_bytes(b"this is a shopping list, not a database" * 100)
    found = triage("cases")
    assert (found.code, len(found.err.splitlines())) == (74, 1)


def test_a_category_that_is_none_is_refused_with_those_there_are(triage, home):
    found = triage("correct", "T1-00000000", "--category", "acount")
    assert found.code == 1
    assert 'there is no category "acount"; there are security' in found.err
