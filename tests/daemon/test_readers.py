import asyncio

import pytest
from builders import a_message

from triage import pipeline
from triage.connectors import Batch
from triage.errors import ChannelDown, ChannelRefused, ConfigError, StoreDown
from triage.store import health, inbox, lists

READERS = {"only": ("connectors",)}


def a_batch(*ids: str, cursor: str | None = None, channel: str = "phone") -> Batch:
    return Batch(items=tuple(a_message(external_id=i, channel=channel, text=f"matter {i}") for i in ids), cursor=cursor)


def received(store) -> int:
    with store.read() as tx:
        return lists.totals(tx)["received"]


def state_of(store, channel: str = "phone") -> str:
    with store.read() as tx:
        return next((c.state for c in health.all(tx) if c.channel == channel), "")


async def test_a_batch_is_marked_only_once_it_is_stored(desk, store, far, running):
    stored_when_marked = []

    async def look():
        stored_when_marked.append(received(store))

    far["phone"].pulls.extend([a_batch("1", "2", cursor="c2"), look])
    async with running(desk(), **READERS) as house:
        await house.until(lambda: stored_when_marked)
    assert stored_when_marked == [2]
    assert len(far["phone"].marked) == 1


async def test_a_reader_goes_on_where_the_store_says(desk, store, far, running):
    far["phone"].pulls.append(a_batch("1", cursor="c1"))
    async with running(desk(), **READERS) as house:
        await house.until(lambda: far["phone"].marked)
    async with running(desk(), **READERS) as house:
        await house.until(lambda: len(far["phone"].cursors) == 2)
    assert far["phone"].cursors == [None, "c1"]


async def test_a_channel_that_is_down_is_tried_again_and_the_others_go_on(desk, store, far, running):
    far["phone"].pulls.extend([ChannelDown("phone", "no answer"), a_batch("1")])
    far["desk"].pulls.append(a_batch("1", channel="desk"))
    async with running(desk("phone", "desk"), **READERS) as house:
        await house.until(lambda: received(store) == 2)
        await house.until(lambda: state_of(store) == "up")


async def test_the_far_side_is_asked_no_sooner_than_it_wants(desk, store, far, running):
    far["phone"].pulls.extend([ChannelDown("phone", "too many", retry_after=900), a_batch("1")])
    async with running(desk(), **READERS) as house:
        await house.until(lambda: received(store) == 1)
    assert 900 in house.waits


async def test_a_channel_that_refuses_us_is_never_given_up(desk, store, far, running):
    hold = asyncio.Event()
    far["phone"].pulls.extend([ChannelRefused("phone", "wrong password"), hold.wait, a_batch("1")])
    async with running(desk(), **READERS) as house:
        await house.until(lambda: state_of(store) == "refused")
        hold.set()
        await house.until(lambda: received(store) == 1)
    assert any(120 <= wait <= 240 for wait in house.waits)


async def test_a_secret_that_is_gone_by_now_is_the_trouble_of_one_channel(desk, store, far, running):
    far["phone"].pulls.extend([ConfigError("the secret in /run/mail cannot be read"), a_batch("1")])
    far["desk"].pulls.append(a_batch("1", channel="desk"))
    async with running(desk("phone", "desk"), **READERS) as house:
        await house.until(lambda: received(store) == 2)
    assert any(120 <= wait <= 240 for wait in house.waits)


async def test_a_fault_of_ours_ends_the_process(desk, store, far, running):
    far["phone"].pulls.append(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        async with running(desk(), **READERS) as house:
            await house.ended()
    assert far["phone"].closed == 1


async def test_while_the_store_is_down_the_batch_waits_and_nothing_is_pulled(desk, store, far, running, monkeypatch):
    real, failures = pipeline.receive, [StoreDown("disk full"), StoreDown("disk full")]

    def receive(*args):
        if failures:
            raise failures.pop()
        return real(*args)

    monkeypatch.setattr(pipeline, "receive", receive)
    far["phone"].pulls.append(a_batch("1"))
    async with running(desk(), **READERS) as house:
        await house.until(lambda: received(store) == 1)
    assert far["phone"].cursors == [None]


async def test_a_channel_that_says_nothing_for_too_long_is_connected_anew(desk, store, far, running, monkeypatch):
    monkeypatch.setattr("triage.daemon.readers.LONGEST_PULL", 0.05)
    far["phone"].pulls.extend([asyncio.Event().wait, a_batch("1")])
    async with running(desk(), **READERS) as house:
        await house.until(lambda: received(store) == 1)
    assert len(far["phone"].cursors) == 2


async def test_what_was_stored_is_still_marked_when_the_process_ends(desk, store, far, running):
    marked = asyncio.Event()

    async def slow_mark():
        await asyncio.sleep(0.1)
        marked.set()

    far["phone"].pulls.extend([a_batch("1"), slow_mark])
    async with running(desk(), **READERS) as house:
        await house.until(lambda: received(store) == 1)
    assert marked.is_set()


async def test_a_message_that_came_twice_is_one(desk, store, far, running):
    far["phone"].pulls.extend([a_batch("1"), ChannelDown("phone", "gone"), a_batch("1", "2")])
    async with running(desk()) as house:
        await house.until(lambda: len(far["phone"].marked) == 2)
        await house.until(lambda: not _waiting(store))
    with store.read() as tx:
        assert lists.totals(tx)["messages"] == 2


def _waiting(store) -> int:
    with store.read() as tx:
        return inbox.backlog(tx)
