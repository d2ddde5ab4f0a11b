"""A guess that two messages of one person are about one matter: by topic, sum, words and time, and never beyond."""

from datetime import timedelta

import pytest
from builders import NOW, a_case, a_message, a_verdict, an_address
from rules.matching import ADA, LATER, evidence, find

from triage.case import Disposition, Urgency
from triage.rules.followup import (
    WINDOW,
    Evidence,
)
from triage.rules.same_matter import TOPIC_WINDOW


def test_a_guess_never_reaches_beyond_the_window():
    story = "I sent 300 USDT to my other wallet and it never arrived, please help me"
    message = a_message(received_at=NOW + WINDOW + timedelta(days=1))
    assert find(message, evidence(own=True, said=story), story).follow_up is None


def test_another_matter_of_the_same_person_is_a_new_case():
    assert find(a_message(received_at=LATER), evidence(own=True), topic="fees").follow_up is None


def test_two_people_never_share_a_case_by_a_guess():
    assert find(a_message(sender="bob@example.org"), Evidence()).follow_up is None


def test_lines_typed_one_after_the_other_in_a_private_chat_are_one_matter():
    case = a_case(kind="telegram", channel="bot")
    line = a_message(
        kind="telegram", channel="bot", sender=an_address("42", "telegram"), received_at=NOW + timedelta(minutes=2)
    )
    match = find(line, evidence(case, own=True, people=frozenset({"telegram:42"})), "it is on tron", category="account")
    assert match.follow_up.reason.code == "same-chat"


def test_a_chat_goes_on_within_a_day_only_with_the_same_kind_of_matter():
    case = a_case(kind="telegram", channel="bot")
    line = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"), received_at=LATER)
    known = evidence(case, own=True, people=frozenset({"telegram:42"}))
    assert find(line, known).follow_up is not None
    assert find(line, known, category="account").follow_up is None


def test_of_two_cases_about_like_topics_the_nearer_one_is_continued():
    likely = (("transaction/pending", 0.6), ("transaction/cannot-withdraw", 0.4))
    near = a_case(1, verdict=a_verdict(likely=likely))
    newest = a_case(2, verdict=a_verdict(likely=(("transaction/pending", 0.5), ("transaction/fees", 0.5))))
    known = Evidence(own=[newest, near], participants={1: ADA, 2: ADA})
    for text, code in (("Where is my money?", "same-topic"), ("I wrote before: where is it?", "same-topic")):
        follow_up = find(a_message(received_at=LATER), known, text, likely=likely).follow_up
        assert (follow_up.case_id, follow_up.reason.code) == (1, code)


def test_the_topic_must_be_nearer_after_two_days_and_nearer_between_matters_of_one_category():
    case = a_case(verdict=a_verdict(likely=(("transaction/pending", 0.5), ("transaction/fees", 0.5))))
    text = "Where is my money? Nothing has come in since I asked for it to be paid out."
    soon, late = NOW + timedelta(hours=20), NOW + timedelta(days=4)
    same = (("transaction/pending", 0.5), ("transaction/failed", 0.5))  # 0.5 of the topic, 1 of the category
    assert find(a_message(received_at=soon), evidence(case, own=True), text, likely=same).follow_up is not None
    assert find(a_message(received_at=late), evidence(case, own=True), text, likely=same).follow_up is None
    less = (("transaction/pending", 0.3), ("transaction/failed", 0.7))
    other = (("transaction/pending", 0.3), ("account/login", 0.7))
    assert find(a_message(received_at=soon), evidence(case, own=True), text, likely=less).follow_up is None
    assert find(a_message(received_at=soon), evidence(case, own=True), text, likely=other).follow_up is not None


def test_a_line_about_something_else_of_the_same_kind_does_not_join_the_chat_of_the_day():
    verdict = a_verdict(likely=(("transaction/fees", 1.0),))
    case = a_case(kind="telegram", channel="bot", verdict=verdict)
    line = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"), received_at=LATER)
    known = evidence(case, own=True, people=frozenset({"telegram:42"}))
    likely = (("transaction/wrong-address", 1.0),)
    assert find(line, known, "the coins went to the wrong network", likely=likely).follow_up is None
    assert find(line, known, "and the fee for it?", likely=verdict.likely).follow_up is not None


def test_who_says_that_she_wrote_before_means_the_case_that_is_nearest():
    likely = (("account/login", 0.9), ("account/locked", 0.1))
    near = a_case(1, verdict=a_verdict(likely=(("account/locked", 0.6), ("account/code", 0.4))))
    newest = a_case(2, verdict=a_verdict(likely=(("transaction/fees", 1.0),)))
    known = Evidence(own=[newest, near], participants={1: ADA, 2: ADA})
    follow_up = find(a_message(received_at=LATER), known, "This is my second message about it", likely=likely).follow_up
    assert (follow_up.case_id, follow_up.reason.code) == (1, "wrote-before")


def test_the_same_topic_in_other_words_within_days_is_the_same_matter():
    text = "Where is my money? Nothing has come in since I asked for it to be paid out."
    follow_up = find(a_message(received_at=LATER), evidence(own=True), text).follow_up
    assert (follow_up.reason.code, follow_up.disposition) == ("same-topic", Disposition.FOLLOW_UP)


def test_the_same_topic_after_the_topic_window_is_a_new_matter():
    assert find(a_message(received_at=NOW + TOPIC_WINDOW + timedelta(days=1)), evidence(own=True)).follow_up is None


def test_a_second_story_in_a_chat_is_a_case_of_its_own():
    case = a_case(kind="telegram", channel="bot")
    line = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"), received_at=NOW)
    known = evidence(case, own=True, people=frozenset({"telegram:42"}))
    story = "By the way, I changed my phone and the code for signing in never reaches the new number."
    assert find(line, known, story, category="account", topic="code").follow_up is None
    assert find(line, known, "and the code?", category="account", topic="code").follow_up is not None
    assert find(line, known, story, category="account", topic="code", confidence=0.5).follow_up is not None
    assert find(line, known, story, category="security", urgency=Urgency.CRITICAL).follow_up is not None


PENDING = (("transaction/pending", 0.6), ("transaction/cannot-withdraw", 0.3))


@pytest.mark.parametrize(
    ("likely", "joined"),
    [
        ((("transaction/cannot-withdraw", 0.7), ("transaction/pending", 0.2)), True),
        ((("transaction/fees", 0.9), ("transaction/pending", 0.05)), False),
    ],
)
def test_messages_are_near_by_all_their_likely_topics_not_by_the_first_alone(likely, joined):
    case = a_case(verdict=a_verdict(likely=PENDING))
    text = "The money that I asked you to pay out does not leave, what is the matter with it?"
    match = find(a_message(received_at=LATER), evidence(case, own=True), text, topic="other", likely=likely)
    assert (match.follow_up is not None) == joined


def test_what_an_agent_said_of_the_topic_counts_more_than_what_the_model_said():
    case = a_case(verdict=a_verdict(topic="fees", likely=PENDING), pinned=("topic",))
    known = evidence(case, own=True)
    assert find(a_message(received_at=LATER), known, topic="pending", likely=PENDING).follow_up is None
    assert find(a_message(received_at=LATER), known, topic="fees", likely=PENDING).follow_up is not None


@pytest.mark.parametrize("text", ["I wrote to you already, please help me with this", "一直没有人回复，请处理我的问题"])
def test_who_says_that_she_wrote_before_means_her_open_case(text):
    match = find(a_message(received_at=LATER), evidence(own=True), text, category="feedback", topic="complaint")
    assert match.follow_up.reason.code == "wrote-before"
    assert find(a_message(received_at=LATER), Evidence(), text).follow_up is None


def test_naming_the_same_sum_continues_the_case():
    known = evidence(own=True, said="I sent 312.5 USDT and it never arrived")
    match = find(a_message(received_at=LATER), known, "the 312.5 USDT are still not there", topic="fees")
    assert match.follow_up.reason.code == "same-sum"


def test_a_bare_nudge_continues_the_case_whatever_the_model_makes_of_it():
    match = find(a_message(received_at=LATER), evidence(own=True), "any update on this?", category="account")
    assert match.follow_up.reason.code == "nudge"


def test_the_same_form_about_another_order_is_a_new_matter_in_a_chat_too():
    case = a_case(kind="telegram", channel="bot")
    known = evidence(case, own=True, said="Order 7331962: paid, not completed", people=frozenset({"telegram:42"}))
    line = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"), received_at=NOW)
    assert find(line, known, "Order 3502847: paid, not completed").follow_up is None
