"""Mail that is stored is marked at the server, after and not before."""

import pytest
from connectors.contract import opened, received

pytestmark = pytest.mark.servers


def flags(far) -> list[str]:
    return [found for found, _ in far.server.stored(far.user)]


async def test_stored_mail_is_marked_as_read(far):
    await far.say("mark me")
    await received(far.connector(), 1, stored=False)
    assert "S" not in flags(far)[0]
    await received(far.connector(), 1)
    assert "S" in flags(far)[0]


async def test_stored_mail_moves_to_a_folder_that_is_made(far):
    await far.say("move me")
    await received(far.connector(mark="move:Erledigt & 已处理"), 1)
    assert not far.server.stored(far.user)
    (moved,) = [p for p in far.server.maildir(far.user).glob(".Erledigt*") if p.is_dir()]
    assert moved.name == ".Erledigt &- &XfJZBHQG-"
    assert len(far.server.stored(far.user, moved.name[1:])) == 1


async def test_nothing_is_marked_when_nothing_is_asked(far):
    await far.say("leave me")
    await received(far.connector(mark="nothing"), 1)
    assert "S" not in flags(far)[0]


@pytest.mark.parametrize("mark", ["seen", "move:Done"])
async def test_what_a_crash_left_unmarked_is_marked_at_the_next_start(far, mark):
    await far.say("old, before our time")
    connector = far.connector(start="now", mark=mark)
    reader = opened(connector)
    await anext(reader)
    for number in range(3):
        await far.say(f"stored {number}")
    items, cursor = [], None
    while len(items) < 3:  # stored with its cursor, then the process dies
        batch = await anext(reader)
        items, cursor = [*items, *batch.items], batch.cursor or cursor
    await reader.aclose()
    reader = opened(far.connector(start="now", mark=mark), cursor)
    assert (await anext(reader)).items == ()
    await reader.aclose()
    left = flags(far)
    assert (len(left), "S" in left[0]) == ((4, False) if mark == "seen" else (1, False))
    assert all("S" in found for found in left[1:])
