"""What is answered by itself: not too often, not too late, and commands on request."""

from datetime import timedelta

import pytest

from triage import agents, reverting
from triage.store import outbox

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


def test_no_address_gets_more_automatic_replies_than_the_limits(room):
    for n in range(6):
        room.later(minutes=10)
        room.hear(
            room.mail(f"Question number {n * 7919}: how do I export list {n * 104729}?", subject=f"Export {n * 31}")
        )
    assert len(room.queued()) == room.desk.limits.per_day


def test_a_storm_is_acknowledged_no_faster_than_the_breaker_lets_through(room):
    small = room.with_limits(per_minute_total=5)
    small.hear(*[small.mail(f"My deposit {n * 7919} is missing", sender=f"p{n}@mail{n}.example") for n in range(12)])
    sent = []
    for _ in range(4):
        sent.append(len(small.queued()))
        small.later(minutes=1)
    assert (sent, small.totals()["cases"]) == ([5, 5, 2, 0], 12)


def test_an_agent_who_is_faster_overtakes_the_acknowledgement(room):
    small = room.with_limits(per_minute_total=0)
    small.hear(small.mail(STUCK))
    [case] = small.cases()
    answer = agents.Answer(text="Please update the app.", key="1", after=timedelta(seconds=10))
    _, said = small.store.run(lambda tx: agents.answer(tx, small.desk, case.id, "ann", answer, small.now))
    with small.store.read() as tx:
        assert [one.state for one in outbox.of_case(tx, case.id)] == ["withdrawn", "queued"]
    small.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "ann", small.now))
    with small.store.read() as tx:
        assert [one.state for one in outbox.of_case(tx, case.id)] == ["queued", "withdrawn"]


def test_a_flood_of_matters_from_one_sender_makes_few_cases(room):
    topics = ("deposit", "withdrawal", "login", "refund", "password", "fee", "swap", "staking", "export")
    for batch in range(4):
        room.hear(*[
            room.mail(f"Where is my {topics[n % 9]} number {n * 7919}?", subject=f"{topics[n % 9]} {n * 31}")
            for n in range(batch * 25, batch * 25 + 25)
        ])  # fmt: skip
        room.later(hours=7)
    room.hear(room.mail("My deposit did not arrive", sender="bob@example.org"))
    assert len(room.cases()) <= room.desk.limits.open_cases + 1
    assert room.totals()["messages"] == 101
    crowded = [e for case in room.cases() for e in room.entries(case) if e.why.code.startswith("crowded")]
    assert all(entry.maybe_new for entry in crowded)
    assert len(room.queued()) <= room.desk.limits.per_week + 1


def test_status_on_request_tells_the_owner_and_nobody_else(room):
    room.hear(room.chat(STUCK))
    [case] = room.cases()
    room.queued("bot")
    room.hear(room.chat(case.number, command="status"), room.chat(case.number, user="666", command="status"))
    owner, stranger = room.queued("bot")
    assert case.number in owner.text
    assert stranger.kind == "status-unknown"
    assert room.totals()["cases"] == 1


def test_commands_have_a_limit_of_their_own_and_silence_nobody(room):
    small = room.with_limits(commands_per_day=3, per_minute_total=1)
    small.hear(*[small.chat("", command="start") for _ in range(3)])
    small.hear(*[small.chat("", command="start") for _ in range(3)])
    small.hear(small.chat(STUCK))
    kinds = [reply.kind for reply in small.queued("bot")]
    assert kinds == ["start", "start", "start", "acknowledgement"]


@pytest.mark.parametrize("command", ["help", "start"])
def test_a_story_told_behind_a_command_is_a_case(room, command):
    room.hear(room.chat("My wallet was hacked and my funds are being stolen right now", command=command))
    assert room.totals()["cases"] == 1


def test_a_command_alone_and_the_word_of_a_link_are_no_case(room):
    room.hear(room.chat("", command="help"), room.chat("from_site", command="start"))
    assert room.totals()["cases"] == 0
    assert [reply.kind for reply in room.queued("bot")] == ["start", "start"]
