"""Storing and settling at once: the same outcome as by way of the inbox, and never before what waits there."""

from triage import pipeline
from triage.store import inbox
from triage.studying import study


def take_in(room, *items, cursor=None):
    studied = study(room.desk, room.judge, items)
    return pipeline.take_in(room.store, room.desk, "support-mail", studied, room.now, cursor=cursor)


def waiting(room) -> int:
    with room.store.read() as tx:
        return inbox.backlog(tx)


def test_a_batch_its_case_and_its_cursor_are_stored_together(room):
    mail = room.mail("My withdrawal of 100 USDT is stuck")
    received = take_in(room, mail, mail, cursor="c1")
    assert (received.new, received.known, len(room.cases()), waiting(room)) == (1, 1, 1, 0)
    with room.store.read() as tx:
        assert inbox.cursor_of(tx, "support-mail") == "c1"
    assert take_in(room, mail).new == 0
    assert len(room.queued()) == 1


def test_what_waits_in_the_inbox_came_first(room):
    room.take(room.mail("first"))
    take_in(room, room.mail("second"), cursor="c2")
    assert (room.cases(), waiting(room)) == ([], 2)
    room.work()
    assert [entry.text for case in sorted(room.cases(), key=lambda c: c.id) for entry in room.entries(case)] == [
        "first", "second",
    ]  # fmt: skip
    with room.store.read() as tx:
        assert inbox.cursor_of(tx, "support-mail") == "c2"
