"""Where reading begins, and what happens when a folder or an account is another one than before."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from connectors.contract import keys, opened, received, texts

from triage.connectors.email.cursor import Cursor, Place

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(
    ("start", "found"),
    [("all", ["before"]), ("now", []), (date(2020, 1, 1), ["before"]), (date(2099, 1, 1), [])],
)
async def test_the_start_says_which_old_mail_counts(far, start, found):
    await far.say("before")
    reader = opened(far.connector(start=start))
    batches = [await anext(reader) for _ in range(2)]
    assert texts([item for batch in batches for item in batch.items]) == found
    await far.say("after")
    async with asyncio.timeout(10):
        while not (batch := await anext(reader)).items:
            pass
    assert texts(batch.items) == ["after"]
    await reader.aclose()


async def test_a_renumbered_folder_brings_known_mail_under_known_keys(far):
    await far.say("one")
    await far.say("two")
    first, cursor = await received(far.connector(), 2)
    far.server.renumber(far.user)
    again, later = await received(far.connector(), 2, cursor)
    assert {m.content_key for m in first} == {m.content_key for m in again}
    assert not keys(first) & {key for item in again for key in item.keys[:1]}
    assert cursor != later


async def test_a_renumbered_folder_brings_no_mail_from_before_our_time(far):
    await far.say("ancient")
    old = time.time() - 30 * 86400
    import os

    (file,) = (far.server.maildir(far.user) / "new").iterdir()
    os.utime(file, (old, old))
    reader = opened(far.connector(start="now"))
    cursor = (await anext(reader)).cursor
    await reader.aclose()
    far.server.renumber(far.user)
    await far.say("recent")
    items, _ = await received(far.connector(start="now"), 1, cursor)
    assert texts(items) == ["recent"]


def as_of(cursor, **other):
    """Return a cursor as an account that differs so from the present one would have left it."""
    left = Cursor.of(cursor)
    return str(replace(left, account=replace(left.account, **other)))


async def test_a_new_address_under_an_old_name_begins_as_a_new_account_and_shares_no_ids(far):
    await far.say("one")
    first, cursor = await received(far.connector(), 1)
    old = as_of(cursor, address="old@example.com")
    again, later = await received(far.connector(start="all"), 1, old)
    assert texts(again) == ["one"]
    assert not keys(first) & {item.keys[0] for item in again}
    await far.say("two")
    assert texts((await received(far.connector(start="all"), 1, later))[0]) == ["two"]


async def test_a_new_address_begins_with_what_comes_if_accounts_do(far):
    await far.say("from before")
    _, cursor = await received(far.connector(), 1)
    reader = opened(far.connector(start="now"), as_of(cursor, address="old@example.com"))
    while (await anext(reader)).cursor:
        pass  # up to the batch after which it waits
    await far.say("from now on")
    async with asyncio.timeout(10):
        while not (batch := await anext(reader)).items:
            pass
    assert texts(batch.items) == ["from now on"]
    await reader.aclose()


@pytest.mark.parametrize("other", [{"host": "old.example.com"}, {"login": "old-login"}])
async def test_an_address_that_moved_is_read_again_and_its_mail_is_known_by_what_it_says(far, other):
    began = await begun(far)
    await far.say("one")
    first, cursor = await received(far.connector(start="now"), 1, began)
    await far.say("two")
    again, later = await received(far.connector(start="now"), 2, as_of(cursor, **other))
    assert texts(again) == ["one", "two"]
    assert [m.content_key for m in first] == [again[0].content_key]
    assert not keys(first) & {item.keys[0] for item in again}
    await far.say("three")
    assert texts((await received(far.connector(start="now"), 1, later))[0]) == ["three"]


async def test_a_cursor_of_before_accounts_were_noted_goes_on_as_it_was(far):
    await far.say("one")
    first, cursor = await received(far.connector(), 1)
    reader = opened(far.connector(), as_of(cursor, address="", host="", login=""))
    assert Cursor.of((await anext(reader)).cursor).account == Cursor.of(cursor).account
    await reader.aclose()
    await far.say("two")
    items, _ = await received(far.connector(), 1, as_of(cursor, address="", host="", login=""))
    assert texts(items) == ["two"]
    assert first[0].external_id.rpartition("/")[0] == items[0].external_id.rpartition("/")[0]


async def begun(far) -> str:
    """Return the cursor of an account that has just begun with what comes."""
    reader = opened(far.connector(start="now"))
    cursor = (await anext(reader)).cursor
    await reader.aclose()
    return cursor


async def test_a_damaged_cursor_begins_anew(far):
    await far.say("still here")
    for cursor in ("not json", "[]", '{"INBOX": [1]}', '{"INBOX": null}'):
        items, _ = await received(far.connector(), 1, cursor, stored=False)
        assert texts(items) == ["still here"]


def test_a_cursor_tells_the_time_it_began():
    place = Place(validity=7, uid=3, first=1, since=datetime(2026, 11, 2, tzinfo=UTC).date().isoformat())
    assert Cursor.of(str(Cursor({"已处理": place}))).places == {"已处理": place}
