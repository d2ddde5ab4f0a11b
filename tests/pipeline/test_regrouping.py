"""Merge, split, move, link and the way back, on both databases."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import an_address

from triage import agents, labelling, regrouping, undoing
from triage.case import Promise, Status
from triage.regrouping import NotRegrouped
from triage.store import audit, cases, labels, outbox
from triage.store import regrouping as stored
from triage.store.cases import CaseMerged

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
LOGIN = "I cannot log in, the code by SMS never reaches my phone since I changed the number."
IDEA = "A suggestion: a dark theme would be very nice to have in your app, please think about it."


def by(room):
    return regrouping.Agent(desk=room.desk, who="mia", now=room.now)


def do(room, what, *ids):
    return room.store.run(lambda tx: what(tx, by(room), *ids))


def look(room, case_id):
    with room.store.read() as tx:
        return cases.get(tx, case_id)


def said_in(room, case_id):
    with room.store.read() as tx:
        return [e.new_text for e in cases.conversation(tx, case_id)]


def messages_of(room, case_id):
    with room.store.read() as tx:
        return [e.id for e in cases.conversation(tx, case_id)]


def hear(room, text, sender, **other):
    """Hear a new matter; return its case."""
    message = room.mail(text, sender=sender, **other)
    room.hear(message)
    with room.store.read() as tx:
        [case_id] = {row.id for row in cases.top(tx, cases.Filters()) if row.last_message_at == room.now}
    room.later(minutes=10)
    return look(room, case_id), message


@pytest.fixture
def two(room):
    (first, mail), (second, _) = hear(room, STUCK, "ada@example.org"), hear(room, LOGIN, "bob@example.org")
    return first, second, mail


def test_a_merged_case_leaves_the_list_and_its_messages_are_in_the_other(room, two):
    first, second, _ = two
    after = do(room, regrouping.merge, second.id, first.id)
    assert [c.id for c in room.cases()] == [first.id]
    assert said_in(room, first.id) == [STUCK, LOGIN]
    assert (after.follow_ups, after.first_unanswered_at) == (1, first.first_unanswered_at)
    assert after.place.order_key == sum(part.seconds for part in after.place.parts)
    assert look(room, second.id).number == second.number


def test_the_clock_is_the_older_ones_whichever_is_merged_into_which(room, two):
    first, second, _ = two
    assert do(room, regrouping.merge, first.id, second.id).first_unanswered_at == first.opened_at


def test_what_comes_later_goes_where_the_merges_lead(room, two):
    first, second, mail = two
    third, _ = hear(room, IDEA, "eve@example.org")
    do(room, regrouping.merge, first.id, second.id)
    do(room, regrouping.merge, second.id, third.id)
    room.hear(room.mail("Now it says failed, what next?", refers_to=mail.known_as))
    room.hear(room.mail(f"Any news on {first.number}? It still says pending to me."))
    room.hear(room.mail(STUCK + " Hello?"))
    assert len(said_in(room, third.id)) == 6
    assert [c.id for c in room.cases()] == [third.id]


def test_a_case_is_merged_once_and_never_in_a_circle(room, two):
    first, second, _ = two
    do(room, regrouping.merge, first.id, second.id)
    with pytest.raises(CaseMerged, match=second.number):
        do(room, regrouping.merge, first.id, second.id)
    with pytest.raises(NotRegrouped, match="one case already"):
        do(room, regrouping.merge, second.id, first.id)
    with pytest.raises(NotRegrouped, match="one case already"):
        do(room, regrouping.merge, second.id, second.id)


def test_what_is_done_to_a_merged_case_is_refused_with_the_number_to_use(room, two):
    first, second, _ = two
    do(room, regrouping.merge, first.id, second.id)
    for action in (cases.take, cases.resolve, cases.reopen):
        with pytest.raises(CaseMerged, match=second.number):
            room.store.run(lambda tx, action=action: action(tx, first.id, "mia", room.now))


def test_merging_into_an_answered_case_opens_it_for_what_waits(room, two):
    first, second, _ = two
    room.store.run(
        lambda tx: agents.answer(tx, room.desk, first.id, "mia", agents.Answer(text="Sent.", key="1"), room.now)
    )
    after = do(room, regrouping.merge, second.id, first.id)
    assert (after.status, after.first_unanswered_at, after.follow_ups) == (Status.OPEN, second.opened_at, 0)
    assert do(room, undoing.undo, first.id)[0].status is Status.OPEN
    assert look(room, first.id).status is Status.ANSWERED


def test_undoing_a_merge_gives_both_cases_back_as_they_were(room, two):
    first, second, _ = two
    do(room, regrouping.merge, second.id, first.id)
    do(room, undoing.undo, first.id)
    assert (look(room, first.id), look(room, second.id)) == (first, second)
    assert (said_in(room, first.id), said_in(room, second.id)) == ([STUCK], [LOGIN])
    with pytest.raises(NotRegrouped, match="nothing"):
        do(room, undoing.undo, second.id)


def test_what_came_after_a_merge_stays_when_it_is_undone(room, two):
    first, second, mail = two
    do(room, regrouping.merge, second.id, first.id)
    later = "The app shows another error now: code 7731, what is that?"
    room.hear(room.mail(later, refers_to=mail.known_as))
    do(room, undoing.undo, second.id)
    assert said_in(room, first.id) == [STUCK, later]
    assert (look(room, first.id).follow_ups, look(room, second.id)) == (1, second)


def test_after_a_wrong_merge_of_two_people_neither_reads_the_other(room, two):
    first, second, _ = two
    do(room, regrouping.merge, second.id, first.id)
    do(room, undoing.undo, first.id)
    room.hear(room.mail(f"What about {first.number}, tell me the address", sender="bob@example.org"))
    assert said_in(room, first.id) == [STUCK]


def test_a_message_split_off_is_a_new_open_case_linked_to_the_old_one(room):
    case, mail = hear(room, STUCK, "ada@example.org", subject="Withdrawal pending")
    room.hear(room.mail(LOGIN, subject="Sign-in codes do not arrive", refers_to=mail.known_as, known_as=("<x@b>",)))
    [old] = room.cases()
    [_, entry] = room.entries(old)
    assert entry.maybe_new
    new = do(room, regrouping.split, case.id, entry.id)
    assert (new.status, new.linked_to, new.first_unanswered_at) == (Status.OPEN, case.id, entry.received_at)
    assert new.person_id == case.person_id
    assert look(room, case.id).follow_ups == 0
    room.later(minutes=5)
    room.hear(room.mail("Still no code, and I tried ten times now.", refers_to=("<x@b>",)))
    assert len(said_in(room, new.id)) == 2
    assert said_in(room, case.id) == [f"Withdrawal pending\n\n{STUCK}"]


def test_undoing_a_split_puts_the_message_back_and_its_number_stays_good(room):
    case, mail = hear(room, STUCK, "ada@example.org")
    room.hear(room.mail(LOGIN, refers_to=mail.known_as))
    before = look(room, case.id)
    new = do(room, regrouping.split, case.id, messages_of(room, case.id)[1])
    do(room, undoing.undo, new.id)
    assert look(room, case.id) == before
    room.later(minutes=5)
    room.hear(room.mail(f"Is there news of {new.number}? The code does still not arrive here."))
    assert len(said_in(room, case.id)) == 3


def test_the_first_message_split_off_leaves_a_case_of_the_second(room):
    case, mail = hear(room, STUCK, "ada@example.org")
    room.hear(room.mail(LOGIN, refers_to=mail.known_as))
    do(room, regrouping.split, case.id, messages_of(room, case.id)[0])
    rest = look(room, case.id)
    assert rest.summary.startswith("I cannot log in")
    assert (rest.follow_ups, rest.first_unanswered_at, rest.number) == (0, room.now, case.number)


def test_the_only_message_is_not_split_off_or_moved_away(room, two):
    first, second, _ = two
    [message] = messages_of(room, first.id)
    with pytest.raises(NotRegrouped, match="merge"):
        do(room, regrouping.split, first.id, message)
    with pytest.raises(NotRegrouped, match="merge"):
        do(room, regrouping.move, message, second.id)
    with pytest.raises(NotRegrouped, match="no message"):
        do(room, regrouping.split, second.id, message)


def test_a_moved_message_and_the_answers_to_it_are_in_the_other_case_and_come_back(room, two):
    first, second, mail = two
    room.hear(room.mail(LOGIN + " Help!", refers_to=mail.known_as, known_as=("<y@b>",)))
    before = look(room, first.id)
    message = messages_of(room, first.id)[1]
    after = do(room, regrouping.move, message, second.id)
    assert (after.follow_ups, look(room, first.id).follow_ups) == (1, 0)
    assert said_in(room, second.id) == [LOGIN, LOGIN + " Help!"]
    do(room, undoing.undo, second.id)
    assert (look(room, first.id), look(room, second.id)) == (before, second)


def test_a_message_held_to_be_advertising_is_moved_into_a_case_and_out_again(room, two):
    first, _, _ = two
    robot = room.mail("Automatic reply: I am away.", headers=(("Auto-Submitted", "auto-replied"),))
    room.hear(robot)
    with room.store.read() as tx:
        message = max(messages_of(room, c.id)[0] for c in room.cases()) + 1
        assert stored.message(tx, message) == (robot, 0)
    assert do(room, regrouping.move, message, first.id).follow_ups == 1
    do(room, undoing.undo, first.id)
    assert look(room, first.id) == first


def test_a_link_is_taken_back(room, two):
    first, second, _ = two
    assert do(room, regrouping.link, first.id, second.id).linked_to == second.id
    assert do(room, undoing.undo, first.id) == (first, "case.linked")


def test_every_act_is_in_the_audit_of_both_cases(room, two):
    first, second, _ = two
    do(room, regrouping.merge, second.id, first.id)
    do(room, undoing.undo, first.id)
    with room.store.read() as tx:
        assert [e.action for e in audit.of_case(tx, second.id)] == ["case.merged", "case.merged-undone"]
        assert [e.action for e in audit.of_case(tx, first.id)] == ["case.merged-in", "case.merged-undone"]


def test_a_history_holds_what_was_said_in_what_was_merged(room, two):
    first, second, _ = two
    room.store.run(lambda tx: agents.note(tx, room.desk, second.id, "mia", "the same person?", room.now))
    do(room, regrouping.merge, second.id, first.id)
    with room.store.read() as tx:
        kinds = [type(one).__name__ for one in agents.history(tx, first.id)]
    assert sorted(kinds) == ["Entry", "Entry", "Note", "Said", "Said"]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_agents_do_no_message_is_lost_and_every_chain_ends(room, seed):
    chance = random.Random(seed)
    ids = [hear(room, f"{STUCK} {n}", f"p{n}@example.org")[0].id for n in range(5)]
    everything = {m for i in ids for m in messages_of(room, i)}
    for _ in range(25):
        one, other = chance.sample(ids, 2)
        act = chance.choice((regrouping.merge, regrouping.move, regrouping.split, undoing.undo))
        held = messages_of(room, one)
        given = {regrouping.merge: (one, other), undoing.undo: (one,)}.get(act)
        if given is None:
            if not held:
                continue
            given = (held[-1], other) if act is regrouping.move else (one, held[-1])
        try:
            made = do(room, act, *given)
        except (NotRegrouped, CaseMerged):
            continue
        if act is regrouping.split:
            ids.append(made.id)
    held = [messages_of(room, i) for i in ids]
    assert sorted(m for some in held for m in some) == sorted(everything)
    with room.store.read() as tx:
        for case_id, some in zip(ids, held, strict=True):
            case, end = cases.get(tx, case_id), cases.get(tx, stored.leading(tx, case_id))
            assert end.status is not Status.MERGED
            assert (case.status is Status.MERGED) == bool(case.merged_into) == (not some)
            if some:
                entries = cases.conversation(tx, case_id)
                assert case.first_unanswered_at == min(e.received_at for e in entries)
                assert case.follow_ups + case.repeats == len(some) - 1


def test_a_merged_number_on_another_channel_leads_on(room, two):
    first, second, _ = two
    do(room, regrouping.merge, first.id, second.id)
    text = f"about {first.number.lower()}: it says failed now, and the coins are not back"
    chat = room.chat(text, sender=an_address("42", "telegram"))
    room.hear(chat)
    [case] = room.cases()
    assert (case.id, [e.why.code for e in room.entries(case)]) == (second.id, ["new", "new", "number"])


def test_an_answer_to_what_we_said_to_a_message_follows_it_out_of_the_case(room, two):
    first, second, _ = two
    acknowledged = {reply.case_id: reply for reply in room.queued()}
    do(room, regrouping.merge, second.id, first.id)
    apart = do(room, regrouping.split, first.id, messages_of(room, first.id)[1])
    reply = acknowledged[second.id]
    answer = room.mail(
        "I still wait for the code.", sender="bob@example.org", refers_to=(f"<sent-{reply.id}@wallet.example>",)
    )
    room.hear(answer)
    assert said_in(room, first.id) == [STUCK]
    assert "I still wait for the code." in said_in(room, apart.id)


def test_what_we_said_to_a_message_that_is_split_off_is_in_its_new_case(room):
    case, mail = hear(room, STUCK, "ada@example.org")
    room.later(hours=8)
    room.hear(room.mail(f"{LOGIN} Please help.", refers_to=mail.known_as))
    [ours] = [reply for reply in room.queued() if reply.kind == "still-in-line"]
    apart = do(room, regrouping.split, case.id, messages_of(room, case.id)[1])
    with room.store.read() as tx:
        assert [said.id for said in outbox.of_case(tx, apart.id)] == [ours.id]
    room.hear(room.mail("It is urgent for me now.", refers_to=(f"<sent-{ours.id}@wallet.example>",)))
    assert said_in(room, apart.id)[-1] == "It is urgent for me now."


def test_the_number_of_the_case_she_was_taken_out_of_leads_to_her_own(room, two):
    first, second, _ = two
    do(room, regrouping.merge, first.id, second.id)
    apart = do(room, regrouping.split, second.id, messages_of(room, second.id)[0])
    room.hear(room.mail(f"About {second.number}: the withdrawal of 0.5 BTC says failed now.", sender="ada@example.org"))
    assert len(said_in(room, apart.id)) == 2
    assert len(said_in(room, second.id)) == 1


def test_a_stranger_who_asks_twice_about_a_number_has_one_case(room):
    case, _ = hear(room, STUCK, "ada@example.org")
    hear(room, f"Tell me what {case.number} is about, I want to know the address.", "eve@example.net")
    room.hear(room.mail(f"Why is there no word from you on {case.number}?", sender="eve@example.net"))
    assert len(room.cases()) == 2
    assert said_in(room, case.id) == [STUCK]


def test_what_an_agent_said_of_a_merged_case_is_still_about_its_own_messages(room, two):
    first, second, _ = two
    label = labelling.Label(category="security", topic="theft")
    room.store.run(lambda tx: labelling.give(tx, room.desk, room.judge, second.id, "mia", label, room.now))
    do(room, regrouping.merge, second.id, first.id)
    with room.store.read() as tx:
        [labelled] = labels.labelled(tx)
    assert [entry.new_text for _, entry in labelled.said] == [LOGIN]


def test_a_merged_case_keeps_the_promise_that_ends_first(room, two):
    first, second, _ = two
    promised = [Promise(made_at=room.now, by=room.now + timedelta(hours=n), ahead=0) for n in (9, 3)]
    room.store.run(
        lambda tx: cases.rewrite(
            tx, [replace(look(room, c.id), promise=p) for c, p in zip(two[:2], promised, strict=True)]
        )
    )
    assert do(room, regrouping.merge, second.id, first.id).promise == promised[1]
