"""A recovery phrase that comes in pieces leaves the store, whichever piece was stored before."""

from sqlalchemy import text as sql

from triage.case import Urgency

FIRST, SECOND = "legal winner thank year wave sausage", "worth useful legal winner thank yellow"


def everything(room) -> str:
    with room.store.read() as tx:
        tables = ("inbox", "messages", "cases", "outbox", "audit")
        return "\n".join(str(row) for name in tables for row in tx.execute(sql(f"SELECT * FROM {name}")))


def test_both_halves_are_replaced_wherever_they_stand(room):
    room.hear(room.chat(FIRST))
    assert "sausage" in everything(room)
    room.later(minutes=3)
    room.hear(room.chat(SECOND))
    assert not {"sausage", "useful", "yellow"} & set(everything(room).replace('"', " ").split())
    [case] = room.cases()
    assert (case.secret_exposed, case.verdict.urgency) == (True, Urgency.CRITICAL)
    assert case.summary == "[seed phrase removed]"
    assert [e.redacted for e in room.entries(case)] == [("seed phrase",)] * 2


def test_halves_in_one_batch_are_replaced_before_they_are_stored(room):
    room.hear(room.chat(FIRST), room.chat(SECOND))
    assert not {"sausage", "useful", "yellow"} & set(everything(room).replace('"', " ").split())


def test_what_another_person_said_or_what_is_old_is_no_piece(room):
    room.hear(room.chat(FIRST))
    room.hear(room.mail(SECOND, sender="bob@example.org"))
    room.later(minutes=11)
    room.hear(room.chat(SECOND))
    assert not any(case.secret_exposed for case in room.cases())
