"""What customers are told about waiting is kept as a promise, and what is not kept is said; on both databases."""

from dataclasses import replace
from datetime import time, timedelta, timezone

import pytest
from builders import NOW
from sqlalchemy import text

from triage import agents, promises, regrouping, reverting
from triage.agents import Answer
from triage.case import Kept
from triage.regrouping import Agent
from triage.rules.language import LANGUAGES
from triage.rules.quiet import Quiet
from triage.store import audit, cases, outbox
from triage.store.promises import next_end

STUCK = "My withdrawal is stuck since yesterday, it is still pending and the money does not arrive."
ASKED = "I sent you my documents for the verification and nobody looked at them."


def with_desk(room, **changes):
    return replace(room, desk=replace(room.desk, **changes))


def look(room, case):
    with room.store.read() as tx:
        return cases.get(tx, case.id)


def announce(room):
    return room.store.run(lambda tx: promises.announce(tx, room.desk, room.now))


def say(room, case, key="1", **other):
    wanted = Answer(text="It was sent again a minute ago.", key=key, **other)
    return room.store.run(lambda tx: agents.answer(tx, room.desk, case.id, "mia", wanted, room.now))


def late(room, channel="support-mail"):
    return [reply for reply in room.queued(channel) if reply.kind == "late"]


@pytest.fixture
def case(room):
    """A case whose customer was told 24 hours."""
    room.hear(room.mail(ASKED))
    room.queued()
    return room.cases()[0]


def test_what_the_acknowledgement_says_is_kept_with_the_case(room):
    room.hear(room.mail(ASKED, sent_at=NOW.astimezone(timezone(timedelta(hours=8)))))
    [reply] = room.queued()
    [case] = room.cases()
    assert "up to 24 hours (by November 3, 6:00 PM UTC+8)" in reply.text.replace("\u202f", " ")
    assert (case.promise.made_at, case.promise.by) == (NOW, NOW + timedelta(hours=24))
    assert case.promise.state is Kept.RUNNING
    with room.store.read() as tx:
        assert next_end(tx) == case.promise.by


def test_a_promise_that_breaks_raises_the_case_and_the_customer_is_told_once(room, case):
    room.later(hours=24, seconds=1)
    assert announce(room) == 1
    after = look(room, case)
    assert after.promise.state is Kept.BROKEN
    assert after.place.order_key < case.place.order_key
    assert after.place.due_at == case.place.due_at
    assert sum(part.seconds for part in after.place.parts) == after.place.order_key
    [told] = late(room)
    assert case.number in told.subject
    room.later(days=3)
    assert announce(room) == 0
    assert not late(room)
    with room.store.read() as tx:
        assert [e.action for e in audit.of_case(tx, case.id)] == ["case.promise-broken"]


def test_an_answer_in_time_keeps_the_promise_and_nothing_is_announced(room, case):
    room.later(hours=23)
    say(room, case)
    assert look(room, case).promise.state is Kept.KEPT
    room.later(hours=5)
    assert announce(room) == 0


def test_an_answer_that_comes_too_late_breaks_it_even_if_nobody_had_looked(room, case):
    room.later(hours=25)
    say(room, case)
    assert look(room, case).promise.state is Kept.BROKEN
    assert announce(room) == 0


def test_an_answer_that_is_taken_back_leaves_the_promise_running(room, case):
    _, said = say(room, case, after=timedelta(seconds=10))
    room.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "mia", room.now))
    assert look(room, case).promise == case.promise


def test_resolving_ends_a_promise_and_reopening_lets_it_run_again(room, case):
    room.store.run(lambda tx: cases.resolve(tx, case.id, "mia", room.now))
    assert look(room, case).promise.state is Kept.KEPT
    room.store.run(lambda tx: cases.reopen(tx, case.id, "mia", room.now))
    assert look(room, case).promise == case.promise


def test_who_never_got_the_acknowledgement_was_promised_nothing(room):
    room.hear(room.mail(ASKED))
    [case] = room.cases()
    refuse = lambda tx: outbox.refused(tx, outbox.by_key(tx, f"{case.id}:acknowledgement").id, "no such box", room.now)  # noqa: E731
    room.store.run(refuse)
    room.later(hours=30)
    announce(room)
    after = look(room, case)
    assert after.promise is None
    assert after.place == case.place
    assert not late(room)


def test_a_new_question_after_the_answer_is_not_late(room, case):
    room.later(hours=25)
    announce(room)
    say(room, case)
    room.later(hours=1)
    room.hear(room.mail("Now it shows another error, number 17.", refers_to=("<1@example.org>",)))
    assert "promise" not in [part.name for part in look(room, case).place.parts]


def test_a_follow_up_never_takes_back_what_a_broken_promise_gave(room, case):
    room.later(hours=25)
    announce(room)
    before = look(room, case)
    room.hear(room.mail("It shows error 17 now, on my phone.", refers_to=("<1@example.org>",)))
    assert look(room, case).place.order_key <= before.place.order_key


def test_nobody_is_woken_to_hear_that_it_takes_longer(room, case):
    asleep = with_desk(room, quiet=Quiet(start=time(9), end=time(17), zone=NOW.tzinfo))
    asleep.later(hours=24, seconds=1)
    announce(asleep)
    assert not late(asleep)
    asleep.later(hours=8)
    assert late(asleep)


def test_on_a_channel_that_is_silent_a_case_rises_in_silence(room, case):
    quiet = with_desk(room, silent=frozenset({"support-mail"}))
    quiet.later(hours=25)
    announce(quiet)
    assert look(room, case).promise.state is Kept.BROKEN
    assert not late(quiet)


def test_a_public_post_is_promised_nothing(room):
    room.hear(room.post(STUCK))
    assert room.cases()[0].promise is None


def test_a_dry_run_promises_nothing(room):
    trial = with_desk(room, dry_run=True)
    trial.hear(trial.mail(ASKED))
    assert trial.cases()[0].promise is None


def test_an_acknowledgement_that_waits_for_the_morning_counts_from_the_morning(room):
    asleep = with_desk(room, quiet=Quiet(start=time(9), end=time(17), zone=NOW.tzinfo))
    asleep.hear(asleep.mail(ASKED))
    [case] = asleep.cases()
    assert case.promise.made_at == NOW.replace(hour=17)
    assert case.promise.by == NOW.replace(hour=17) + timedelta(hours=24)


def test_a_merged_case_brings_its_promise_along(room):
    room.hear(room.mail(ASKED))
    room.later(hours=3)
    room.hear(room.mail("How do I change the email address of my account?", sender="eve@example.org"))
    room.queued()
    first, second = sorted(room.cases(), key=lambda case: case.id)
    by = Agent(desk=room.desk, who="mia", now=room.now)
    after = room.store.run(lambda tx: regrouping.merge(tx, by, first.id, second.id))
    assert after.promise.by == first.promise.by
    room.later(hours=22)
    announce(room)
    assert len(late(room)) == 1


def test_every_language_can_say_that_it_takes_longer(room):
    for language in LANGUAGES:
        subject, said = room.desk.replies.render("late", language, desk="Acme", number="00A5-4Q2M9XRC")
        assert "00A5-4Q2M9XRC" in subject + said


def test_the_status_tells_what_is_left_of_the_promise(room, case):
    room.later(hours=20)
    room.hear(room.mail(case.number, known_as=("<status@example.org>",)))
    assert "up to 4 hours" in room.queued()[-1].text


def a_past(room, count=30, minutes=30):
    """Let so many cases be answered, each after so long."""
    for n in range(count):
        room.hear(room.mail(ASKED, sender=f"p{n}@example.org"))
        room.later(minutes=minutes)
        [case] = room.cases()
        say(room, case, resolve=True)
        room.later(minutes=5)
    room.queued()


def test_the_waiting_time_comes_from_the_live_queue(room):
    a_past(room)
    room.hear(room.mail(ASKED, sender="new@example.org"))
    [quick] = [reply for reply in room.queued() if reply.kind == "acknowledgement"]
    [case] = room.cases()
    told = case.promise.by - room.now
    assert timedelta(minutes=25) <= told <= timedelta(minutes=90)
    assert f"{told // timedelta(minutes=1)} minutes" in quick.text
    # Twenty more at once: whoever comes after them waits longer, within one batch too.
    room.hear(*(room.mail(ASKED, sender=f"q{n}@example.org") for n in range(20)))
    spans = [c.promise.by - c.promise.made_at for c in sorted(room.cases(), key=lambda case: case.id)]
    assert spans == sorted(spans)
    assert spans[-1] > 5 * spans[0]
    assert room.cases()[-1].promise.ahead == 20


def test_the_next_promise_that_ends_is_found_by_an_index(room, case):
    if room.store.dialect != "sqlite":
        pytest.skip("PostgreSQL prefers to read a table of one row")
    wanted = "SELECT promised_by FROM cases WHERE promise_state = 'running' ORDER BY promised_by LIMIT 1"
    with room.store.read() as tx:
        plan = " ".join(str(row) for row in tx.execute(text(f"EXPLAIN QUERY PLAN {wanted}")))
    assert "ix_cases_promise_running" in plan
    assert "TEMP B-TREE" not in plan
