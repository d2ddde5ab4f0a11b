"""What happens is told to a webhook: all of it, in order, until it was taken, and nobody's words."""

import asyncio
from datetime import timedelta

import pytest
from receivers import SECRET, receiving
from standardwebhooks import Webhook

from triage import agents
from triage.daemon import webhooks as couriers
from triage.errors import LeaseLost
from triage.store import cases, events, health, webhooks
from triage.store.leases import acquire

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


def hear(room, count=1, start=0):
    for n in range(start, start + count):
        room.hear(room.mail(f"{STUCK} Order 4711{n}.", sender=f"c{n}@example.org"))


def told_by_the_api(room, place):
    with room.store.read() as tx:
        return [(event.name.replace("-", "_"), event.number) for event in events.since(tx, place)]


def now(room):
    with room.store.read() as tx:
        return events.newest(tx)


def shown(room):
    with room.store.read() as tx:
        return {one.channel: (one.state, one.why) for one in health.all(tx)}["webhook:crm"]


async def test_what_happens_is_told_once_as_the_stream_of_events_tells_it(room, receiver, telling_):
    place = now(room)
    async with telling_() as house:
        hear(room, 3)
        [case, *_] = room.cases()
        room.store.run(lambda tx: cases.take(tx, case.id, "mia", room.now))
        wanted = told_by_the_api(room, place)
        await house.until(lambda: house.hook().taken == len(wanted))
    told = [(one.event["type"], one.event["data"]["number"]) for one in receiver.told]
    assert sorted(told) == sorted(wanted)
    assert ("case.taken", case.number) in told
    assert len({one.id for one in receiver.told}) == len(told)
    assert all(one.id.startswith("msg_") and "." not in one.id for one in receiver.told)
    assert shown(room) == ("up", "")


async def test_no_word_and_no_address_of_a_customer_is_told(room, receiver, telling_):
    async with telling_() as house:
        hear(room)
        [case] = room.cases()
        wanted = agents.Answer(text="We look into it, Ada.", key="k1")
        room.store.run(lambda tx: agents.answer(tx, room.desk, case.id, "mia", wanted, room.now))
        room.store.run(lambda tx: agents.note(tx, room.desk, case.id, "mia", "She sounds upset.", room.now))
        await house.until(lambda: "case.noted" in receiver.types)
    bodies = b"".join(one.body for one in receiver.told).decode()
    assert "mia" in bodies
    for word in ("withdrawal", "example.org", "Ada", "upset", "4711"):
        assert word not in bodies


async def test_only_what_is_wanted_is_told(room, receiver, telling_):
    async with telling_(wanted=("case.resolved",)) as house:
        hear(room, 2)
        for case in room.cases():
            room.store.run(lambda tx, case=case: cases.take(tx, case.id, "mia", room.now))
            room.store.run(lambda tx, case=case: agents.resolve(tx, room.desk, case.id, "mia", room.now))
        await house.until(lambda: house.hook().place == now(room))
    assert receiver.types == ["case.resolved"] * 2


async def test_a_new_webhook_is_told_what_happens_from_now_on(room, receiver, telling_):
    hear(room)
    async with telling_() as house:
        await house.until(lambda: house.hook().place == now(room))
        hear(room, start=1)
        await house.until(lambda: receiver.told)
    assert receiver.told[0].event["data"]["number"] == room.cases()[-1].number


async def test_what_happens_between_two_lives_of_the_process_is_told_by_the_next(room, receiver, telling_):
    async with telling_():
        pass
    hear(room, 20)
    async with telling_() as house:
        await house.until(lambda: house.hook().place == now(room))
    assert receiver.types.count("message.new") == 20
    assert len({one.id for one in receiver.told}) == len(receiver.told)


async def test_an_event_that_is_refused_holds_up_no_other_and_comes_again_with_its_own_id(room, receiver, telling_):
    receiver.answers.append(500)
    async with telling_(wanted=("message.*",)) as house:
        hear(room, 3)
        await house.until(lambda: house.hook().taken == 2)
        [refused] = {one.id for one in receiver.told[:1]}
        assert house.hook().waiting == 1
        room.later(seconds=5)
        await house.until(lambda: house.hook().taken == 3)
    again = [one for one in receiver.told if one.id == refused]
    assert len(again) == 2
    assert again[0].body == again[1].body
    for one in again:
        # Its time is that of the request, so that nobody can send an old one again; both are signed.
        assert "v1," in one.headers["webhook-signature"]
    assert int(again[1].headers["webhook-timestamp"]) - int(again[0].headers["webhook-timestamp"]) == 5


async def test_a_refused_event_is_sent_again_as_the_specification_advises_and_then_given_up(room, receiver, telling_):
    receiver.always = 400
    async with telling_(wanted=("message.*",)) as house:
        hear(room)
        for count, wait in enumerate(couriers.SCHEDULE, 1):
            await house.until(lambda count=count: house.hook().failed == count)
            room.later(seconds=wait - 0.001)
            await asyncio.sleep(0.03)
            assert len(receiver.told) == count
            room.later(seconds=0.001)
        await house.until(lambda: house.hook().given_up == 1)
        assert house.hook().waiting == 0
    assert len({one.id for one in receiver.told}) == 1
    assert len(receiver.told) == len(couriers.SCHEDULE) + 1
    assert timedelta(seconds=sum(couriers.SCHEDULE)) > timedelta(days=3)


async def test_while_the_receiver_is_busy_everything_waits_and_nothing_is_lost(room, receiver, telling_):
    receiver.answers.append(503)
    async with telling_(wanted=("message.*",)) as house:
        hear(room)
        await house.until(lambda: house.hook().failures == 1)
        hear(room, 9, start=1)
        await asyncio.sleep(0.05)
        assert len(receiver.told) == 1
        assert shown(room) == ("down", "answered 503")
        room.later(seconds=5)
        await house.until(lambda: house.hook().taken == 10)
    assert len({one.id for one in receiver.told}) == 10
    assert len(receiver.told) == 11
    assert shown(room) == ("up", "")


async def test_a_receiver_that_is_not_there_is_asked_with_one_event_at_a_time(room, receiver, telling_):
    async with receiving() as gone:
        url = gone.url
    async with telling_(url=url, wanted=("message.*",)) as house:
        hear(room, 30)
        for count in range(1, 6):
            await house.until(lambda count=count: house.hook().failures == count)
            room.later(seconds=1800)
        assert house.hook().waiting <= couriers.AT_ONCE + 5
        assert shown(room) == ("down", "it cannot be reached")
    async with telling_(wanted=("message.*",)) as house:
        room.later(days=3)
        await house.until(lambda: house.hook().taken == 30)
    assert len({one.id for one in receiver.told}) == 30


async def test_a_receiver_that_asks_for_time_gets_it(room, receiver, telling_):
    receiver.answers.append(b"HTTP/1.1 429 Slow down\r\nRetry-After: 600\r\n\r\n")
    async with telling_(wanted=("message.*",)) as house:
        hear(room)
        await house.until(lambda: house.hook().failures == 1)
        assert house.hook().resume_at == room.now + timedelta(seconds=600)


async def test_one_that_refuses_everything_has_a_bounded_heap_of_events_set_aside(
    room, receiver, telling_, monkeypatch
):
    monkeypatch.setattr(couriers, "MOST_ASIDE", 10)
    receiver.always = 404
    async with telling_(wanted=("message.*",)) as house:
        hear(room, 40)
        await house.until(lambda: house.hook().waiting >= 10)
        await asyncio.sleep(0.05)
        assert house.hook().waiting < 10 + couriers.AT_ONCE
        receiver.always = 200
        room.later(seconds=6)
        await house.until(lambda: house.hook().taken == 40)


async def test_who_is_gone_is_told_nothing_more_until_a_person_says_so(room, receiver, telling_):
    receiver.answers.append(410)
    async with telling_(wanted=("message.*",)) as house:
        hear(room)
        await house.until(lambda: house.hook().off)
        state, why = shown(room)
        assert (state, "410" in why, "triage webhook enable crm" in why) == ("refused", True, True)
        hear(room, 2, start=1)
        room.later(days=30)
        await asyncio.sleep(0.05)
        assert len(receiver.told) == 1
        room.store.run(lambda tx: webhooks.switch_on(tx, "crm", skip=False))
        await house.until(lambda: house.hook().taken == 3)
    assert len({one.id for one in receiver.told}) == 3


async def test_switched_on_again_it_may_leave_out_what_happened_meanwhile(room, receiver, telling_):
    receiver.answers.append(410)
    async with telling_(wanted=("message.*",)) as house:
        hear(room, 3)
        await house.until(lambda: house.hook().off)
        already = len(receiver.told)
        room.store.run(lambda tx: webhooks.switch_on(tx, "crm", skip=True))
        hear(room, start=9)
        await house.until(lambda: len(receiver.told) > already)
        await house.until(lambda: house.hook().place == now(room))
    assert len(receiver.told) == already + 1


async def test_one_that_fails_for_days_is_switched_off_and_said_to_be(room, receiver, telling_):
    receiver.always = 503
    async with telling_(wanted=("message.*",)) as house:
        hear(room)
        await house.until(lambda: house.hook().failures == 1)
        room.later(days=4)
        await house.until(lambda: house.hook().failures == 2)
        assert not house.hook().off
        room.later(days=2)
        await house.until(lambda: house.hook().off)
    state, why = shown(room)
    assert state == "refused"
    assert "failed for 5 days: answered 503" in why


async def test_a_process_that_was_replaced_tells_nothing_down(room, receiver, telling_):
    receiver.answers.append(500)
    later = room.now + timedelta(hours=1)
    async with telling_() as house:
        room.store.run(lambda tx: acquire(tx, "hook/crm", "elsewhere:1:1", later, timedelta(1)))
        hear(room)
        async with asyncio.timeout(20):
            await asyncio.wait({house.task})
        with pytest.raises(LeaseLost):
            house.task.result()
    with room.store.read() as tx:
        assert webhooks.get(tx, "crm").failed == 0


async def test_each_request_is_signed_with_the_time_at_which_it_is_made(room, receiver, telling_, monkeypatch):
    async with telling_() as house:
        hear(room)
        await house.until(lambda: receiver.told)
    told = receiver.told[0]
    assert int(told.headers["webhook-timestamp"]) == int(room.now.timestamp())
    signature = Webhook(SECRET).sign(told.id, room.now, told.body.decode())
    assert told.headers["webhook-signature"] == signature
