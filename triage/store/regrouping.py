"""Which messages make up which case: moved by agents, never by the pipeline."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, select, update

from triage.errors import TriageError
from triage.message import Message
from triage.store.bulk import insert_many
from triage.store.columns import digest
from triage.store.lists import get, is_id
from triage.store.rows import message_of
from triage.store.tables import cases, messages, outbox, participants, threads
from triage.store.written import REPLY, load, read_words


def message(tx: Connection, message_id: int) -> tuple[Message, int]:
    """Return a message as it came in, and its case (0 for none); raises `TriageError` when there is none."""
    row = tx.execute(select(messages).where(messages.c.id == message_id)).one_or_none() if is_id(message_id) else None
    if row is None:
        raise TriageError("there is no message %(id)s", id=message_id)
    return message_of(row), row.case_id or 0


def still_in(tx: Connection, case_id: int, ids: Collection[int]) -> list[int]:
    """Return those of some messages that are in a case, oldest first."""
    own = select(messages.c.id).where(messages.c.case_id == case_id).order_by(messages.c.id)
    return [one for one in tx.execute(own).scalars() if one in ids]


def move(tx: Connection, ids: Sequence[int], case_id: int) -> None:
    """Put messages into a case, or (0) into none."""
    for start in range(0, len(ids), 500):
        some = messages.c.id.in_(ids[start : start + 500])
        tx.execute(update(messages).where(some).values(case_id=case_id or None))


def lead(tx: Connection, keys: Collection[str], case_id: int) -> None:
    """Let answers to these ids lead to a case from now on, wherever they led before; (0) to none."""
    hashes = sorted({digest(key) for key in keys})
    tx.execute(delete(threads).where(threads.c.hash.in_(hashes)))
    if case_id:
        insert_many(tx, threads, [{"hash": hash_, "case_id": case_id} for hash_ in hashes], known=True)


def follow(tx: Connection, message_: Message, from_id: int, to_id: int) -> None:
    """Let what we said by ourselves to a message be in the case where it is now, and answers to that lead there."""
    if not from_id or not message_.known_as:
        return
    query = select(outbox.c.id, outbox.c.known_as, outbox.c.reply)
    for row in tx.execute(query.where(outbox.c.case_id == from_id, outbox.c.kind != "answer")).all():
        if message_.known_as[0] in load(REPLY, row.reply).in_reply_to[:1]:
            tx.execute(update(outbox).where(outbox.c.id == row.id).values(case_id=to_id or None))
            lead(tx, read_words(row.known_as), to_id)


def count_participants(tx: Connection, case_id: int) -> None:
    """Make those the participants of a case who wrote the messages that are in it now."""
    tx.execute(delete(participants).where(participants.c.case_id == case_id))
    senders = tx.execute(select(messages.c.sender).where(messages.c.case_id == case_id).distinct()).scalars()
    rows = [{"case_id": case_id, "hash": digest(key), "key": key} for key in sorted(senders)]
    insert_many(tx, participants, rows, known=True)


def leading(tx: Connection, case_id: int) -> int:
    """Return where a case is continued: itself, or what it was merged into, through any number of merges."""
    been: set[int] = set()
    while case_id not in been and (case := get(tx, case_id)) is not None and case.merged_into:
        been.add(case_id)
        case_id = case.merged_into
    return case_id


def parts(tx: Connection, case_id: int) -> list[int]:
    """Return a case and every case that was merged into it, directly or not."""
    found, new = [case_id], [case_id]
    while new:
        rows = tx.execute(select(cases.c.id).where(cases.c.merged_into.in_(new)).order_by(cases.c.id))
        new = [one for one in rows.scalars() if one not in found]
        found += new
    return found


def lock(tx: Connection, *ids: int) -> None:
    """Lock cases in the order of their ids, so that two agents never wait in a circle."""
    tx.execute(select(cases.c.id).where(cases.c.id.in_(ids)).order_by(cases.c.id).with_for_update()).all()
