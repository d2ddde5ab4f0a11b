"""What agents do to a case, on both databases."""

from datetime import timedelta

import pytest

from triage import agents, regrouping, reverting
from triage.agents import Answer, CaseMoved, NotAnswered
from triage.case import Entry, Note, Said, Status
from triage.reverting import NotWithdrawn
from triage.store import audit, cases, lists, outbox

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"


@pytest.fixture
def case(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending"))
    room.queued()
    return room.cases()[0]


def say(room, case, text="It was sent again a minute ago.", key="1", **other):
    wanted = Answer(text=text, key=key, **other)
    return room.store.run(lambda tx: agents.answer(tx, room.desk, case.id, "mia", wanted, room.now))


def look(room, case):
    with room.store.read() as tx:
        return cases.get(tx, case.id)


def test_an_answer_goes_to_the_customer_where_she_wrote_last_and_in_her_thread(room, case):
    message = room.mail("One more thing: it says FAILED now.", refers_to=("<1@example.org>",))
    room.later(hours=1)
    room.hear(message)
    say(room, case)
    [reply] = room.queued()
    assert (reply.kind, reply.who, reply.to.value) == ("answer", "mia", "ada@example.org")
    assert reply.in_reply_to[0] == message.known_as[0]
    assert case.number in reply.subject


def test_an_answered_case_leaves_the_list_and_is_hers_who_answered(room, case):
    after, _ = say(room, case)
    assert (after.status, after.assignee, after.first_unanswered_at) == (Status.ANSWERED, "mia", None)
    assert room.cases() == []


def test_what_the_customer_writes_then_opens_it_again_with_a_new_clock(room, case):
    say(room, case)
    [reply] = room.queued()
    room.later(hours=5)
    room.hear(room.mail("It failed a second time, what now?", refers_to=(f"<sent-{reply.id}@wallet.example>",)))
    [again] = room.cases()
    assert (again.id, again.status, again.first_unanswered_at) == (case.id, Status.OPEN, room.now)
    assert again.follow_ups == 0
    assert again.first_answered_at is not None


def test_thanks_do_not_open_an_answered_case(room, case):
    say(room, case)
    [reply] = room.queued()
    room.hear(room.mail("Thank you very much!", refers_to=(f"<sent-{reply.id}@wallet.example>",)))
    assert look(room, case).status is Status.ANSWERED


def test_the_same_answer_twice_is_one(room, case):
    _, first = say(room, case)
    _, second = say(room, case)
    assert first.id == second.id
    assert len(room.queued()) == 1


def test_an_answer_to_what_the_agent_has_not_seen_is_refused_and_nothing_is_sent(room, case):
    with room.store.read() as tx:
        _, seen = lists.last_message(tx, case.id)
    room.hear(room.mail("Wait, it is another address!", refers_to=("<1@example.org>",)))
    room.queued()
    with pytest.raises(CaseMoved):
        say(room, case, seen=seen)
    assert room.queued() == []
    assert look(room, case).status is Status.OPEN


@pytest.mark.parametrize(
    ("text", "why"),
    [(" ", "needs a text"), ("x" * 20_001, "too long"), (f"use {SEED}", "contains a secret")],
)
def test_what_must_not_be_sent_is_refused(room, case, text, why):
    with pytest.raises(NotAnswered, match=why):
        say(room, case, text=text)
    assert look(room, case).status is Status.OPEN


def test_a_public_answer_is_meant_to_be_public(room):
    room.hear(room.post("@wallet my withdrawal is stuck for two days, please help"))
    [case] = room.cases()
    with pytest.raises(NotAnswered, match="everybody"):
        say(room, case)
    say(room, case, in_public=True)


def test_an_answer_waits_as_long_as_was_said_and_can_be_taken_back_meanwhile(room, case):
    _, said = say(room, case, after=timedelta(seconds=10))
    assert room.queued() == []
    back = room.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "mia", room.now))
    assert (back.status, back.first_unanswered_at, back.assignee) == (Status.OPEN, case.first_unanswered_at, "")
    room.later(minutes=1)
    assert room.queued() == []
    assert [c.id for c in room.cases()] == [case.id]


def withdraw(room, case, said):
    return room.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "mia", room.now))


@pytest.mark.parametrize("answered", [True, False])
def test_an_answer_is_taken_back_of_a_case_that_was_merged_since_and_the_whole_waits_again(room, case, answered):
    _, said = say(room, case, after=timedelta(days=1))
    room.later(minutes=5)
    room.hear(room.mail("A dark theme would be very nice to have, please think about it.", sender="bob@example.org"))
    [other] = room.cases()
    if answered:
        say(room, other)
    by = regrouping.Agent(desk=room.desk, who="lea", now=room.now)
    room.store.run(lambda tx: regrouping.merge(tx, by, case.id, other.id))
    after = withdraw(room, other, said)
    assert (after.id, after.status, after.first_unanswered_at) == (other.id, Status.OPEN, case.first_unanswered_at)
    room.later(days=2)
    assert said.id not in [reply.id for reply in room.queued()]


def test_an_answer_that_is_taken_back_leaves_what_another_agent_did_meanwhile(room, case):
    _, said = say(room, case, after=timedelta(days=1))
    room.later(minutes=5)
    room.store.run(lambda tx: cases.assign(tx, case.id, "bob", "lea", room.now))
    after = withdraw(room, case, said)
    assert (after.status, after.assignee) == (Status.OPEN, "bob")
    assert after.first_unanswered_at == case.first_unanswered_at


def test_a_case_that_was_resolved_stays_so_when_an_answer_is_taken_back(room, case):
    _, said = say(room, case, after=timedelta(days=1))
    room.later(minutes=5)
    room.store.run(lambda tx: agents.resolve(tx, room.desk, case.id, "bob", room.now))
    after = withdraw(room, case, said)
    assert (after.status, after.first_unanswered_at) == (Status.RESOLVED, None)
    with room.store.read() as tx:
        assert audit.of_case(tx, case.id)[-1].action == "case.answer-withdrawn"


def test_a_customer_who_wrote_meanwhile_has_her_old_clock_again_when_the_answer_is_taken_back(room, case):
    _, said = say(room, case, after=timedelta(days=1))
    room.later(hours=2)
    room.hear(room.mail("It failed a second time, what now?", refers_to=("<1@example.org>",)))
    after = withdraw(room, case, said)
    assert (after.status, after.first_unanswered_at) == (Status.OPEN, case.first_unanswered_at)


def test_a_case_whose_answers_were_all_taken_back_waits_again_in_whatever_order(room, case):
    for order in ((0, 1), (1, 0)):
        both = []
        for n in (1, 2):
            room.later(minutes=1)
            both.append(say(room, case, key=f"{order}{n}", text=f"Answer {n}.", after=timedelta(days=1))[1])
        room.later(minutes=1)
        assert withdraw(room, case, both[order[0]]).status is Status.ANSWERED
        after = withdraw(room, case, both[order[1]])
        assert (after.status, after.first_unanswered_at) == (Status.OPEN, case.first_unanswered_at)


def test_another_answer_under_the_same_key_is_refused_and_not_lost(room, case):
    say(room, case, text="It was sent again.", key="1")
    with pytest.raises(NotAnswered, match="another answer"):
        say(room, case, text="It failed for good.", key="1")


def test_an_answer_that_went_out_cannot_be_taken_back(room, case):
    _, said = say(room, case)
    room.queued()
    with pytest.raises(NotWithdrawn, match="too late"):
        room.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "mia", room.now))


def test_nobody_takes_back_an_answer_of_another_case_or_an_acknowledgement(room, case):
    with room.store.read() as tx:
        [acknowledgement] = outbox.of_case(tx, case.id)
    for reply_id in (acknowledgement.id, 999):
        with pytest.raises(NotWithdrawn, match="no such answer"):
            room.store.run(lambda tx, i=reply_id: reverting.withdraw(tx, case.id, i, "mia", room.now))


def test_resolving_with_an_answer_is_one_step(room, case):
    after, _ = say(room, case, resolve=True)
    assert (after.status, after.resolved_at) == (Status.RESOLVED, room.now)


def test_notes_are_for_agents_and_hold_no_secret(room, case):
    note = room.store.run(lambda tx: agents.note(tx, room.desk, case.id, "mia", f"she sent {SEED}", room.now))
    assert "sausage" not in note.text
    assert room.queued() == []


def test_the_history_holds_what_was_said_in_and_out_and_the_notes_in_order(room, case):
    room.later(minutes=1)
    room.store.run(lambda tx: agents.note(tx, room.desk, case.id, "mia", "looks like the node was down", room.now))
    room.later(minutes=1)
    say(room, case)
    with room.store.read() as tx:
        kinds = [type(one) for one in agents.history(tx, case.id)]
        done = [entry.action for entry in audit.of_case(tx, case.id)]
    assert kinds == [Entry, Said, Note, Said]
    assert done == ["case.noted", "case.answered"]


def test_two_agents_who_ask_for_the_next_case_get_two(room):
    room.hear(room.mail(STUCK), room.mail("I forgot my password and cannot log in.", sender="bob@example.org"))
    first, second = room.cases()

    def take(who):
        return room.store.run(lambda tx: cases.take_next(tx, who, lists.Filters(), room.now))

    assert [take("mia").id, take("leo").id] == [first.id, second.id]
    assert take("zoe") is None
