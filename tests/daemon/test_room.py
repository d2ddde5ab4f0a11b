"""Before the store's disk is full, pulling pauses; once there is room again it goes on, and nothing was lost."""

import shutil
from collections import namedtuple

import pytest
from builders import a_message

from triage.connectors import Batch
from triage.daemon import room as rooms
from triage.daemon.room import Room
from triage.errors import ChannelDown
from triage.store import health, lists

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def free(monkeypatch):
    """Return what sets how many megabytes are free."""

    def leave(megabytes: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, megabytes * 1_000_000))

    return leave


def test_there_is_room_until_the_least_and_again_a_little_above_it(free, tmp_path):
    room = Room(tmp_path, 500 * 1_000_000)
    for megabytes, is_room in ((501, True), (499, False), (540, False), (551, True), (501, True)):
        free(megabytes)
        if is_room:
            room.check("mail")
        else:
            with pytest.raises(ChannelDown, match="paused: less than 500 MB"):
                room.check("mail")


def test_a_database_server_looks_after_its_own_disk(free):
    free(0)
    Room(None, 500).check("mail")
    Room(None, 0).check("mail")


async def test_pulling_pauses_says_so_and_goes_on(desk, store, far, running, free, caplog):
    far["phone"].pulls.append(Batch(items=(a_message(channel="phone"),), cursor="c1"))
    free(100)
    async with running(desk()) as house:
        await house.until(lambda: any("paused" in c.why for c in channels(store)))
        assert far["phone"].pulls
        free(10_000)
        await house.until(lambda: totals(store)["cases"] == 1)
    assert rooms.MARGIN > 1


def channels(store):
    with store.read() as tx:
        return health.all(tx)


def totals(store):
    with store.read() as tx:
        return lists.totals(tx)
