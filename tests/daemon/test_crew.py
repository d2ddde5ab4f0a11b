import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from builders import a_message

from triage.connectors import Batch
from triage.daemon.lease import Leases
from triage.errors import ConfigError, InUse, LeaseLost
from triage.store import leases, lists, webhooks

READERS = {"only": ("connectors",)}


def fed(house) -> list[str]:
    return [line for line in house.heard if line.startswith("WATCHDOG=1")]


async def test_the_manager_hears_ready_then_progress_then_the_end(desk, store, running):
    async with running(desk(), **READERS) as house:
        await house.until(lambda: fed(house))
    assert house.heard[0].startswith("READY=1")
    assert house.heard[-1].startswith("STOPPING=1")
    assert "in the inbox" in fed(house)[-1]


async def test_the_manager_hears_of_a_configured_webhook_that_is_off(desk, store, running, tmp_path):
    (tmp_path / "secret").write_text("whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY")
    (tmp_path / "secret").chmod(0o400)
    for name in ("crm", "well", "gone"):
        store.run(lambda tx, name=name: webhooks.begin(tx, name))
    for name in ("crm", "gone"):
        store.run(lambda tx, name=name: webhooks.switch_off(tx, name, "its receiver is gone for good (410)"))
    told = {"url": "https://crm.example/hook", "secret": {"file": "secret"}, "events": ["case.*"]}
    async with running(desk(webhooks={"crm": told, "well": told}), **READERS) as house:
        await house.until(lambda: fed(house))
        assert "webhook crm off" in fed(house)[-1]
        assert "well off" not in fed(house)[-1]
        assert "gone" not in fed(house)[-1]


async def test_a_stuck_reader_starves_the_watchdog(desk, store, far, running):
    far["phone"].pulls.append(asyncio.Event().wait)
    async with running(desk(), **READERS) as house:
        await house.until(lambda: len(fed(house)) > 2)
        house.ahead = 300
        await house.until(lambda: house.heard[-1].startswith("STATUS=stuck"))
        assert "reader phone" in house.heard[-1]


async def test_a_channel_that_waits_on_purpose_does_not_starve_the_watchdog(desk, store, far, running):
    from triage.errors import ChannelDown

    hold = asyncio.Event()
    far["phone"].pulls.extend([ChannelDown("phone", "busy", retry_after=3000), hold.wait])
    async with running(desk(), **READERS) as house:
        await house.until(lambda: 3000 in house.waits)
        house.ahead = 200
        before = len(fed(house))
        await house.until(lambda: len(fed(house)) > before + 2)


async def test_a_second_daemon_on_the_same_store_is_refused(desk, store, running):
    def taken(tx):
        return leases.acquire(tx, "acc/phone", "elsewhere:1:1", datetime.now(UTC), timedelta(minutes=5))

    store.run(taken)
    with pytest.raises(InUse, match="elsewhere:1:1"):
        async with running(desk()) as house:
            await house.ended()
    free = Leases(store, ["triage", "send/phone"])
    free.acquire(datetime.now(UTC))


async def test_a_daemon_that_lost_its_lease_ends(desk, store, running):
    async with running(desk(), **READERS) as house:
        await house.until(lambda: fed(house))
        later = datetime.now(UTC) + timedelta(hours=1)
        store.run(lambda tx: leases.acquire(tx, "acc/phone", "elsewhere:1:1", later, timedelta(minutes=5)))
        with pytest.raises(LeaseLost):
            await house.ended()


async def test_leases_are_given_back_at_the_end(desk, store, far, running):
    async with running(desk()) as house:
        await house.until(lambda: fed(house))

    def take(tx):
        return leases.acquire(tx, "triage", "elsewhere:1:1", datetime.now(UTC), timedelta(minutes=5))

    assert store.run(take) > 1
    assert far["phone"].closed == 1


@pytest.mark.parametrize(
    ("only", "held"),
    [
        (("connectors",), {"acc/phone"}),
        (("triage",), {"triage"}),
        (("senders",), {"send/phone"}),
        (("connectors", "triage", "senders"), {"acc/phone", "triage", "send/phone"}),
    ],
)
async def test_a_role_takes_only_its_own_leases(desk, store, running, only, held):
    def is_free(name: str) -> bool:
        try:
            epoch = store.run(lambda tx: leases.acquire(tx, name, "other:1:1", datetime.now(UTC), timedelta(seconds=1)))
        except InUse:
            return False
        store.run(lambda tx: leases.release(tx, name, epoch))
        return True

    async with running(desk(), only=only) as house:
        await house.until(lambda: fed(house))
        assert {name for name in ("acc/phone", "triage", "send/phone") if not is_free(name)} == held


async def test_a_new_configuration_is_taken_whole(desk, store, far, running):
    far["desk"].pulls.append(Batch(items=(a_message(channel="desk"),)))
    async with running(desk("phone"), **READERS, load=lambda: desk("phone", "desk")) as house:
        await house.until(lambda: fed(house))
        house.reload.set()
        await house.until(lambda: far["desk"].marked)
        assert any(line.startswith("RELOADING=1") for line in house.heard)
        assert sum(line.startswith("READY=1") for line in house.heard) == 2
    assert far["phone"].closed == 2


@pytest.mark.parametrize("error", [ConfigError("triage.toml: [desk] is missing"), RecursionError("nested too deep")])
async def test_a_broken_configuration_is_refused_whole_and_the_old_one_stays(desk, store, far, running, error):
    def broken():
        raise error

    async with running(desk(), **READERS, load=broken) as house:
        await house.until(lambda: fed(house))
        house.reload.set()
        await house.until(lambda: sum(line.startswith("READY=1") for line in house.heard) == 2)
        far["phone"].pulls.append(Batch(items=(a_message(channel="phone"),)))
        await house.until(lambda: far["phone"].marked)
    assert far["phone"].closed == 1
    assert far["phone"].cursors == [None]


async def test_a_new_configuration_that_needs_what_another_process_holds_ends_with_its_name(desk, store, running):
    def taken(tx):
        return leases.acquire(tx, "acc/desk", "elsewhere:1:1", datetime.now(UTC), timedelta(minutes=5))

    store.run(taken)
    async with running(desk("phone"), **READERS, load=lambda: desk("phone", "desk")) as house:
        await house.until(lambda: fed(house))
        house.reload.set()
        with pytest.raises(InUse, match="elsewhere:1:1"):
            await house.ended()


async def test_what_waits_in_the_inbox_is_worked_by_whoever_has_the_role(desk, store, far, running):
    far["phone"].pulls.append(Batch(items=(a_message(channel="phone"),)))
    async with running(desk(), only=("connectors",)) as house:
        await house.until(lambda: far["phone"].marked)
    with store.read() as tx:
        assert lists.totals(tx)["waiting"] == 1
    async with running(desk(), only=("triage",)) as house:
        await house.until(lambda: _cases(store) == 1)


async def test_without_any_duty_there_is_nothing_to_run(desk, store, running):
    with pytest.raises(ConfigError, match="no channel"):
        async with running(desk(channels={}), only=("connectors",)) as house:
            await house.ended()


def _cases(store) -> int:
    with store.read() as tx:
        return lists.totals(tx)["cases"]
