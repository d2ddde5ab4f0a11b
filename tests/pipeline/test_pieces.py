"""A recovery phrase that comes in pieces leaves the store, whichever piece was stored before."""

from sqlalchemy import text as sql

from triage.case import Urgency

FIRST, SECOND, THIRD = "legal winner thank year", "wave sausage worth useful", "legal winner thank yellow"
HALVES = ("ribbon velvet kitchen orbit lemon tiger", "and anchor gossip hammer violin dolphin copper")


def everything(room) -> str:
    with room.store.read() as tx:
        tables = ("inbox", "messages", "cases", "outbox", "audit")
        return "\n".join(str(row) for name in tables for row in tx.execute(sql(f"SELECT * FROM {name}")))


def words_in(room) -> set[str]:
    return set(everything(room).replace('"', " ").split())


def words_that_decided(room) -> list[str]:
    verdicts = [
        verdict for case in room.cases() for verdict in (case.verdict, *(e.verdict for e in room.entries(case)))
    ]
    return [reason.text for verdict in verdicts if verdict for reason in verdict.reasons if reason.code == "word"]


def test_all_pieces_are_replaced_wherever_they_stand(room):
    room.hear(room.chat(FIRST))
    room.hear(room.chat(SECOND))
    assert "sausage" in everything(room)
    assert words_that_decided(room)
    room.later(minutes=3)
    room.hear(room.chat(THIRD))
    assert not {"winner", "sausage", "useful", "yellow"} & words_in(room)
    assert not words_that_decided(room)
    [case] = room.cases()
    assert (case.secret_exposed, case.verdict.urgency) == (True, Urgency.CRITICAL)
    assert case.summary == "[seed phrase removed]"
    assert [e.redacted for e in room.entries(case)] == [("seed phrase",)] * 3


def test_pieces_in_one_batch_are_replaced_before_they_are_stored(room):
    room.hear(room.chat(FIRST), room.chat(SECOND), room.chat(THIRD))
    assert not {"winner", "sausage", "useful", "yellow"} & words_in(room)


def test_half_a_phrase_is_replaced_before_anything_is_stored(room):
    room.take(room.chat(HALVES[0]))
    assert not {"ribbon", "orbit", "tiger"} & words_in(room)
    room.work()
    [case] = room.cases()
    assert (case.secret_exposed, case.verdict.urgency) == (True, Urgency.CRITICAL)


def test_the_rest_of_a_phrase_goes_with_the_half_that_went(room):
    room.hear(room.chat("violin dolphin copper"))
    room.hear(room.chat(HALVES[0]))
    room.hear(room.chat("rest: anchor gossip hammer"))
    assert not {"violin", "copper", "anchor", "gossip", "hammer"} & words_in(room)
    assert [e.redacted for e in room.entries(room.cases()[0])] == [("seed phrase",)] * 3


def test_what_another_person_said_or_what_is_old_is_no_piece(room):
    room.hear(room.chat(FIRST))
    room.hear(room.chat(SECOND))
    room.hear(room.mail(THIRD, sender="bob@example.org"))
    room.later(minutes=11)
    room.hear(room.chat(THIRD))
    assert not any(case.secret_exposed for case in room.cases())
