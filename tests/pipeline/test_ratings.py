"""How a customer tells how she liked the help, from the agent's last word to the figure, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from triage import agents, reverting
from triage.case import Disposition
from triage.cli.case_views import as_object
from triage.store import cases

STUCK = "My withdrawal is stuck since yesterday, it is still pending and the money does not arrive."


@pytest.fixture
def asking(room):
    return replace(room, desk=replace(room.desk, asks_rating=True))


def helped(room, message, *, resolve=True):
    """Let a message open a case and an agent answer it; return the case with nothing left to be sent."""
    room.hear(message)
    case = next(c for c in room.cases() if c.channel == message.channel)
    answer = agents.Answer(text="Please update the app.", key="1", resolve=resolve)
    room.store.run(lambda tx: agents.answer(tx, room.desk, case.id, "ann", answer, room.now))
    room.queued(message.channel)
    return case


def question(room, channel):
    """Wait until the customer is asked, and return the reply that asks."""
    room.later(minutes=11)
    [reply] = room.queued(channel)
    assert reply.kind == "rating"
    return reply


def of(room, case):
    with room.store.read() as tx:
        return cases.get(tx, case.id)


def test_who_was_helped_is_asked_once_and_answers_with_one_digit(asking):
    first = asking.mail(STUCK)
    case = helped(asking, first)
    asked = question(asking, "support-mail")
    assert case.number in asked.subject
    sent = (f"<sent-{asked.id}@wallet.example>",)
    asking.hear(asking.mail("4", subject=f"Re: {asked.subject}", refers_to=sent))
    assert (of(asking, case).rating, as_object(of(asking, case))["rating"]) == (4, 4)
    assert asking.totals()["rated.4"] == 1
    assert asking.queued() == []  # no mail to thank for a mail
    assert asking.cases() == []


def test_in_a_chat_one_tap_is_enough_and_is_thanked_for(asking):
    case = helped(asking, asking.chat(STUCK))
    assert "/rate_5" in question(asking, "bot").text
    asking.hear(asking.chat("", command="rate_5"))
    assert of(asking, case).rating == 5
    assert [reply.kind for reply in asking.queued("bot")] == ["rated"]


def test_a_rating_is_told_once(asking):
    case = helped(asking, asking.chat(STUCK))
    question(asking, "bot")
    asking.hear(asking.chat("", command="rate_2"), asking.chat("", command="rate_5"))
    assert of(asking, case).rating == 2
    assert {name: n for name, n in asking.totals().items() if name.startswith("rated")} == {"rated.2": 1}
    assert [reply.kind for reply in asking.queued("bot")] == ["rated"]


def test_a_customer_who_says_what_is_wrong_is_no_digit(asking):
    case = helped(asking, asking.chat(STUCK))
    question(asking, "bot")
    asking.hear(asking.chat("1 because my money is still not there and nobody helps me"))
    assert of(asking, case).rating is None
    assert len(asking.cases()) == 1


def test_a_stranger_rates_nothing(asking):
    case = helped(asking, asking.mail(STUCK))
    asked = question(asking, "support-mail")
    sent = (f"<sent-{asked.id}@wallet.example>",)
    asking.hear(asking.mail("1", sender="mallory@example.net", refers_to=sent), asking.chat("", command="rate_1"))
    assert of(asking, case).rating is None


def test_nobody_is_asked_unless_the_desk_says_so_or_an_agent_answered(room, asking):
    helped(room, room.mail(STUCK))
    asking.hear(asking.mail("How do I export my history?", sender="bob@example.org"))
    [case] = asking.cases()
    asking.queued()
    asking.store.run(lambda tx: agents.resolve(tx, asking.desk, case.id, "ann", asking.now))
    asking.later(hours=1)
    assert asking.queued() == []


def test_to_resolve_after_an_answer_asks_too_and_twice_asks_once(asking):
    case = helped(asking, asking.mail(STUCK), resolve=False)
    for _ in range(2):
        asking.store.run(lambda tx: agents.resolve(tx, asking.desk, case.id, "ann", asking.now))
    assert question(asking, "support-mail")
    asking.later(days=1)
    assert asking.queued() == []


def test_an_answer_that_is_taken_back_takes_the_question_with_it(asking):
    asking.hear(asking.mail(STUCK))
    [case] = asking.cases()
    asking.queued()
    answer = agents.Answer(text="Please update.", key="1", resolve=True, after=timedelta(minutes=1))
    _, said = asking.store.run(lambda tx: agents.answer(tx, asking.desk, case.id, "ann", answer, asking.now))
    asking.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "ann", asking.now))
    asking.later(hours=1)
    assert asking.queued() == []


def test_to_be_asked_does_not_use_up_what_acknowledgements_may_spend(asking):
    for n in range(2):
        asking.later(minutes=30)
        helped(
            asking, asking.mail(f"Question {n * 7919}: how do I export list {n * 104729}?", subject=f"Export {n * 31}")
        )
    asking.later(days=1, minutes=1)
    asking.queued()
    asking.hear(asking.mail("I cannot log in to my account any more, the password is refused."))
    assert [reply.kind for reply in asking.queued()] == ["acknowledgement"]


def test_a_rating_is_in_the_messages_of_the_day_and_in_no_case(asking):
    case = helped(asking, asking.chat(STUCK))
    asking.hear(asking.chat("5"))
    assert asking.totals()["messages.command"] == 1
    assert [e.disposition for e in asking.entries(case)] == [Disposition.NEW]
