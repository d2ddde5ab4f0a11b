"""The stream of what happens, for programs."""

import asyncio
import json

import pytest

from triage.case import Role
from triage.store import cases, events
from triage.web.api.events import _body
from triage.web.live import Pulse

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


@pytest.fixture
def program(calls):
    return calls(Role.READ_ONLY)


def told(text):
    """The events of a stream, each as its fields."""
    found = [dict(line.partition(": ")[::2] for line in part.splitlines()) for part in text.split("\n\n") if part]
    return [one for one in found if "event" in one]


def read(program, after, **headers):
    return told(program.get("events", params={"follow": "false", "after": after}, headers=headers).text)


def test_messages_and_actions_are_told_once_and_without_the_customers_words(room, program):
    room.hear(room.mail(STUCK))
    [case] = room.cases()
    room.store.run(lambda tx: cases.take(tx, case.id, "mia", room.now))
    found = read(program, "0.0")
    data = {one["event"]: json.loads(one["data"]) for one in found}
    assert data["message.new"]["number"] == data["case.taken"]["number"] == case.number
    assert data["case.taken"]["who"] == "mia"
    assert "withdrawal" not in str(found)
    assert "ada@example.org" not in str(found)
    assert read(program, found[-1]["id"]) == []


def test_after_an_interruption_it_goes_on_where_it_was(room, program, monkeypatch):
    monkeypatch.setattr(events, "MOST", 2)
    for n in range(5):
        room.hear(room.mail(f"{STUCK} Order 4711{n}.", sender=f"c{n}@example.org"))
    whole = read(program, "0.0")
    assert len({one["id"] for one in whole}) == len(whole) >= 5
    for place, one in enumerate(whole):
        # Messages and actions each keep their order; which comes first between them is not promised.
        after = read(program, "", **{"Last-Event-ID": one["id"]})
        for kind in (True, False):
            said = [
                [o["data"] for o in some if o["event"].startswith("message.") is kind]
                for some in (whole[place + 1 :], after)
            ]
            assert said[0] == said[1]


def test_without_a_place_only_what_comes_is_told_and_nonsense_is_refused(room, program):
    room.hear(room.mail(STUCK))
    assert read(program, "") == []
    for wrong in ("x", "1", "1.-1", "1." + "9" * 40):
        assert program.get("events", params={"follow": "false", "after": wrong}).status_code == 422


def test_a_stream_tells_what_comes_and_ends_when_its_reader_may_not_read_any_more(app, room, monkeypatch):
    monkeypatch.setattr("triage.web.live.EVERY", 0.01)
    allowed = [True]
    monkeypatch.setattr("triage.web.api.events.caller_of", lambda *_: allowed[0] or None)
    front = app.state.front

    async def listen():
        with room.store.read() as tx:
            body = _body(None, front, events.newest(tx), Pulse(front))
        await anext(body)
        await asyncio.to_thread(room.hear, room.mail(STUCK))
        heard = ""
        while "message.new" not in heard:
            heard += await anext(body)
        allowed[0] = False
        await asyncio.to_thread(room.hear, room.mail(f"{STUCK} Order 47111.", sender="bob@example.org"))
        return heard + "".join([part async for part in body])

    async def bounded():
        async with asyncio.timeout(20):
            return await listen()

    assert asyncio.run(bounded()).count("message.new") == 1
