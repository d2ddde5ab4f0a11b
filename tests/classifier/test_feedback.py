from datetime import timedelta

import pytest
from builders import NOW

from triage.case import Urgency
from triage.classifier.dataset import Row
from triage.classifier.feedback import HALF_LIFE, Judged, Opinion, lessons

DAY = timedelta(days=1)


def said(who, field, was, now, days=0):
    return Opinion(who=who, at=NOW + days * DAY, field=field, was=was, now=now)


def a_case(number, *opinions, text="", category="transaction", topic="pending", urgency="normal"):
    """A case as it stands after the opinions."""
    called = {"category": category, "topic": topic, "urgency": urgency} | {o.field: o.now for o in opinions}
    return Judged(number=number, text=text or f"the story of {number}", lang="en", called=called, opinions=opinions)


def trusted(count=100, category="transaction", topic="pending"):
    values = {"lang": "en", "nature": "request", "category": category, "topic": topic, "urgency": Urgency.NORMAL}
    return [Row(text=f"{category} {topic} {n}", **values) for n in range(count)]


CORPUS = [*trusted(), *trusted(category="account", topic="login"), *trusted(category="security", topic="theft")]


def test_a_correction_teaches_what_the_case_is_called_now():
    case = a_case("T1", said("bob", "category", "transaction", "account"), said("bob", "topic", "", "login"))
    [row] = lessons([case], CORPUS).rows
    assert (row.category, row.topic, row.urgency, row.weight) == ("account", "login", Urgency.NORMAL, 1.0)


def test_a_confirmation_teaches_too():
    [row] = lessons([a_case("T1", said("bob", "category", "transaction", "transaction"))], CORPUS).rows
    assert row.category == "transaction"


def test_an_old_opinion_counts_less():
    old, new = (
        a_case("T1", said("bob", "topic", "x", "pending")),
        a_case("T2", said("bob", "topic", "x", "pending", 365)),
    )
    rows = lessons([new, old], CORPUS).rows
    assert [row.weight for row in rows] == [0.5, 1.0]
    assert timedelta(days=365) == HALF_LIFE


def test_an_agent_whom_others_contradict_counts_less():
    fine = a_case("T9", said("ann", "topic", "failed", "pending"))
    disputed = [
        a_case(f"T{n}", said("bob", "topic", "pending", "failed"), said("ann", "topic", "failed", "pending", 1))
        for n in range(8)
    ]
    alone = a_case("T8", said("bob", "topic", "pending", "failed", 1))
    found = {row.text: row.weight for row in lessons([fine, *disputed, alone], CORPUS, share=1.0).rows}
    assert found["the story of T8"] < 0.5


def test_the_latest_word_counts_and_the_dispute_is_told():
    case = a_case(
        "T1",
        said("bob", "category", "transaction", "account"),
        said("ann", "category", "account", "security", 1),
        topic="",
    )
    found = lessons([case], CORPUS)
    assert found.rows[0].category == "security"
    assert found.contradictions == ("T1: category: bob says account, ann says security; the latest counts",)


def test_of_two_cases_that_say_the_same_the_latest_counts_and_it_is_told():
    first = a_case("T1", said("bob", "category", "transaction", "account"), text="My money is gone!", topic="")
    second = a_case("T2", said("ann", "category", "transaction", "security", 1), text="my money  is GONE!", topic="")
    found = lessons([second, first], CORPUS)
    assert [row.category for row in found.rows] == ["security"]
    assert found.contradictions == ("T2 says the same as T1, is called otherwise, and counts",)


@pytest.mark.parametrize("was", ["critical", "high"])
def test_one_agent_alone_teaches_no_urgent_message_to_be_calm(was):
    found = lessons([a_case("T1", said("bob", "urgency", was, "normal"))], CORPUS)
    assert found.rows == ()
    assert found.held_back == ("T1",)


def test_the_same_agent_twice_is_one_agent():
    case = a_case("T1", said("bob", "urgency", "critical", "low"), said("bob", "urgency", "low", "normal", 1))
    assert lessons([case], CORPUS).held_back == ("T1",)


def test_raising_and_lowering_again_does_not_hide_what_the_model_said():
    case = a_case(
        "T1",
        said("bob", "urgency", "critical", "low"),
        said("bob", "urgency", "low", "low", 1),
        said("ann", "urgency", "low", "high", 2),
        said("bob", "urgency", "high", "low", 3),
    )
    assert lessons([case], CORPUS).held_back == ("T1",)


def test_two_agents_may_calm_an_urgent_message():
    case = a_case("T1", said("bob", "urgency", "critical", "normal"), said("ann", "urgency", "normal", "normal", 1))
    found = lessons([case], CORPUS)
    assert found.held_back == ()
    assert found.rows[0].urgency is Urgency.NORMAL


def test_one_agent_may_warn():
    [row] = lessons([a_case("T1", said("bob", "urgency", "normal", "critical"))], CORPUS).rows
    assert row.urgency is Urgency.CRITICAL


def test_one_agent_moves_at_most_a_share_of_a_topic_elsewhere():
    cases = [
        a_case(f"T{n}", said("eve", "category", "security", "account"), said("eve", "topic", "theft", "login"))
        for n in range(65)
    ]
    found = lessons(cases, CORPUS)
    assert sum(row.weight for row in found.rows) == pytest.approx(10, abs=0.1)
    assert found.capped == {"eve": pytest.approx(10 / 65, abs=0.01)}


def test_what_several_agents_say_counts_for_each_of_them():
    cases = [a_case(f"T{n}", said(f"agent{n % 5}", "topic", "x", "pending")) for n in range(40)]
    found = lessons(cases, CORPUS)
    assert sum(row.weight for row in found.rows) == pytest.approx(40)
    assert found.capped == {}


def test_a_category_that_the_data_does_not_have_is_left_out_and_told():
    cases = [
        a_case("T1", said("bob", "urgency", "low", "high"), category="unsorted", topic=""),
        a_case("T2", said("bob", "category", "account", "billing"), topic=""),
    ]
    found = lessons(cases, CORPUS)
    assert (found.rows, found.foreign) == ((), ("T1", "T2"))


def test_without_a_text_nothing_is_learned():
    assert lessons([a_case("T1", said("bob", "topic", "x", "pending"), text=" ")], CORPUS).rows == ()
    assert lessons([], CORPUS).rows == ()
