import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from asking import by_state, next_to_send
from builders import a_message, a_reply

from triage.connectors import Batch
from triage.daemon import senders
from triage.errors import ChannelDown, ChannelRefused, ConfigError, SendLater, SendRefused, SendUnknown
from triage.message import Sent
from triage.store import outbox


@pytest.fixture
def queued(store):
    """Queue replies through the phone, and tell how many are in each state."""
    queued.count = 0

    def queue(number: int = 1, **other):
        now = datetime.now(UTC)
        replies = [
            a_reply(key=f"{n}:acknowledgement", case_id=0, channel="phone", **({"created_at": now} | other))
            for n in range(queued.count, queued.count + number)
        ]
        queued.count += number
        store.run(lambda tx: outbox.queue(tx, replies))

    return queue


@pytest.fixture
def states(store):
    def count() -> dict[str, int]:
        with store.read() as tx:
            return by_state(tx)

    return count


SENDERS = {"only": ("senders",)}


async def test_a_customer_gets_an_acknowledgement(desk, store, far, running, states):
    far["phone"].pulls.append(Batch(items=(a_message(channel="phone"),)))
    async with running(desk()) as house:
        await house.until(lambda: states() == {"sent": 1})
    [reply] = far["phone"].sent
    assert reply.kind == "acknowledgement"


async def test_each_reply_goes_out_once(desk, far, running, queued, states):
    queued(5)
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"sent": 5})
    assert [reply.key for reply in far["phone"].sent] == [f"{n}:acknowledgement" for n in range(5)]


async def test_a_channel_that_can_gets_several_replies_at_once_each_marked_before(
    desk, store, far, running, queued, states
):
    queued(7)
    phone, under_way = far["phone"], []
    phone.at_once = 3

    async def slow():
        started = len(phone.sent)
        with store.read() as tx:
            marked = len(outbox.in_doubt(tx, "phone", datetime.now(UTC) - timedelta(days=1)))
        await asyncio.sleep(0.01)
        under_way.append(marked)
        return Sent(known_as=(f"<{started}@test>",))

    phone.answers.extend([slow] * 7)
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"sent": 7})
    assert under_way == [3, 3, 3, 3, 3, 3, 1]
    assert len({reply.id for reply in phone.sent}) == 7


async def test_what_becomes_of_each_reply_sent_at_once_is_its_own(desk, far, running, queued, states):
    queued(7)
    far["phone"].at_once = 4
    far["phone"].answers += [SendRefused("phone", "no such mailbox"), SendUnknown("phone", "died")]
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"refused": 1, "unknown": 1, "sent": 5})


async def test_when_the_channel_is_down_what_was_sent_beside_it_stays_sent(desk, far, running, queued, states):
    queued(4)
    far["phone"].at_once = 2
    far["phone"].answers.append(ChannelDown("phone", "busy", retry_after=3600))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"sent": 3, "queued": 1})


async def test_a_far_side_that_asks_for_years_is_asked_again_within_hours(desk, store, far, running, queued, states):
    queued(1)
    far["phone"].answers.append(SendLater("phone", "busy", retry_after=1e18))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: len(far["phone"].sent) == 1 and states() == {"queued": 1})
    later = datetime.now(UTC) + timedelta(hours=7)
    assert store.run(lambda tx: outbox.claim(tx, "phone", 1, later))


async def test_a_reply_that_is_refused_does_not_hold_up_the_next(desk, far, running, queued, states):
    queued(2)
    far["phone"].answers.append(SendRefused("phone", "no such mailbox"))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"refused": 1, "sent": 1})


async def test_replies_that_are_not_taken_now_hold_up_the_others_for_a_moment_each(desk, far, running, queued, states):
    queued(6)
    queued(1, kind="answer")
    far["phone"].answers.extend(SendLater("phone", "450 mailbox full") for _ in range(6))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"queued": 6, "sent": 1})
    assert far["phone"].sent[-1].kind == "answer"
    assert max(house.waits) <= 10.0
    assert house.waits.count(senders.MOMENT) >= 6


async def test_a_channel_that_is_down_gets_the_reply_later(desk, store, far, running, queued, states):
    queued()
    far["phone"].answers.append(ChannelDown("phone", "busy", retry_after=0))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: far["phone"].sent and states() == {"queued": 1})
        store.run(lambda tx: outbox.retry(tx, far["phone"].sent[0].id, datetime.now(UTC), "", datetime.now(UTC)))
        await house.until(lambda: states() == {"sent": 1})
    assert len(far["phone"].sent) == 2


async def test_a_secret_that_is_gone_by_now_holds_replies_back_and_loses_none(desk, far, running, queued, states):
    queued()
    far["phone"].answers.append(ConfigError("the secret in /run/mail cannot be read"))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: any(120 <= wait <= 240 for wait in house.waits))
        assert states() == {"queued": 1}


async def test_a_reply_in_doubt_stays_so_while_a_secret_is_gone(desk, store, far, running, queued, states):
    queued()
    store.run(lambda tx: next_to_send(tx, "phone", datetime.now(UTC)))
    far["phone"].look_ups += (ConfigError("the secret in /run/mail cannot be read"), Sent(known_as=("<0@test>",)))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: far["phone"].looked_up)
        house.ahead = 300
        await house.until(lambda: states() == {"sent": 1})
    assert not far["phone"].sent


async def test_a_refused_login_is_waited_out_and_no_reply_is_lost(desk, far, running, queued, states):
    queued()
    far["phone"].answers.append(ChannelRefused("phone", "wrong password"))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: any(120 <= wait <= 240 for wait in house.waits))
        assert states() == {"queued": 1}


@pytest.mark.parametrize(
    ("found", "ends", "sends"),
    [
        (Sent(known_as=("<1@test>",)), {"sent": 1}, 1),
        (None, {"sent": 1}, 2),
        (SendUnknown("phone", "nobody can tell"), {"unknown": 1}, 1),
    ],
)
async def test_a_reply_of_unknown_fate_is_looked_up_and_never_blindly_repeated(
    desk, far, running, queued, states, found, ends, sends
):
    queued()
    far["phone"].answers.append(SendUnknown("phone", "died after the data", ("<1@test>",)))
    far["phone"].look_ups.append(found)
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"unknown": 1})
        assert not far["phone"].looked_up
        house.ahead = 60
        await house.until(lambda: states() == ends and far["phone"].looked_up)
        await asyncio.sleep(0.05)
    assert len(far["phone"].sent) == sends


async def test_what_a_crash_left_half_sent_is_looked_up_before_anything_is_sent(
    desk, store, far, running, queued, states
):
    queued(2)
    store.run(lambda tx: next_to_send(tx, "phone", datetime.now(UTC)))
    far["phone"].look_ups.append(Sent(known_as=("<0@test>",)))
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"sent": 2})
    assert [reply.key for reply in far["phone"].looked_up] == ["0:acknowledgement"]
    assert [reply.key for reply in far["phone"].sent] == ["1:acknowledgement"]


async def test_a_look_up_that_cannot_tell_yet_does_not_hold_up_the_others(desk, store, far, running, queued, states):
    queued(2)
    store.run(lambda tx: next_to_send(tx, "phone", datetime.now(UTC)))
    far["phone"].look_ups += (ChannelDown("phone", "it may be under way", retry_after=120), None)
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"sending": 1, "sent": 1})
        assert len(far["phone"].looked_up) == 1
        house.ahead = 150
        await house.until(lambda: states() == {"sent": 2})


async def test_a_reply_that_was_doubtful_too_often_is_left_as_unknown(desk, store, far, running, queued, states):
    queued()
    for _ in range(3):
        now = datetime.now(UTC)
        reply = store.run(lambda tx, now=now: next_to_send(tx, "phone", now))
        store.run(lambda tx, reply=reply, now=now: outbox.retry(tx, reply.id, now, "", now))
    store.run(lambda tx: next_to_send(tx, "phone", datetime.now(UTC)))
    far["phone"].look_ups.append(None)
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"unknown": 1})
    assert not far["phone"].sent


async def test_a_reply_that_is_too_late_to_be_true_is_not_sent(desk, far, running, queued, states):
    queued(created_at=datetime.now(UTC) - timedelta(days=4), kind="answer")
    queued(created_at=datetime.now(UTC) - timedelta(days=2))  # an acknowledgement is true for a day
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"refused": 1, "withdrawn": 1})
    assert not far["phone"].sent


async def test_an_answer_that_was_to_wait_for_a_week_is_sent_then(desk, far, running, queued, states):
    now = datetime.now(UTC)
    queued(created_at=now - timedelta(days=7), not_before=now - timedelta(minutes=1), kind="answer")
    async with running(desk(), **SENDERS) as house:
        await house.until(lambda: states() == {"sent": 1})


async def test_a_send_under_way_is_finished_when_the_process_ends(desk, far, running, queued, states):
    queued()
    begun = asyncio.Event()

    async def slowly():
        begun.set()
        await asyncio.sleep(0.1)
        return Sent(known_as=("<1@test>",))

    far["phone"].answers.append(slowly)
    async with running(desk(), **SENDERS):
        await begun.wait()
    assert states() == {"sent": 1}


async def test_a_send_that_cannot_be_finished_in_time_is_unknown(desk, far, running, queued, states, monkeypatch):
    monkeypatch.setattr("triage.daemon.crew.DRAIN", 0.05)
    queued()
    begun = asyncio.Event()

    async def never():
        begun.set()
        await asyncio.Event().wait()

    far["phone"].answers.append(never)
    async with running(desk(), **SENDERS):
        await begun.wait()
    assert states() == {"unknown": 1}


async def test_a_fault_of_ours_leaves_the_reply_in_doubt(desk, far, running, queued, states):
    queued()
    far["phone"].answers.append(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        async with running(desk(), **SENDERS) as house:
            await house.ended()
    assert states() == {"sending": 1}
