"""Notes: what agents write down about a case, for agents only."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from triage.case import Note
from triage.store import audit, cases
from triage.store.columns import storable
from triage.store.tables import notes


def add(tx: Connection, case_id: int, who: str, text: str, now: datetime) -> Note:
    """Write a note down and return it; raises `NoSuchCase`."""
    cases.locked(tx, case_id)
    note = Note(case_id=case_id, who=who, at=now, text=storable(text))
    values = {"case_id": case_id, "who": who, "at": now, "text": note.text}
    note_id = tx.execute(insert(notes).values(values).returning(notes.c.id)).scalar_one()
    audit.record(tx, who, "case.noted", case_id, {"note": note_id}, now)
    return replace(note, id=note_id)


def of_case(tx: Connection, case_id: int) -> list[Note]:
    """Return the notes of a case, oldest first."""
    rows = tx.execute(select(notes).where(notes.c.case_id == case_id).order_by(notes.c.id))
    return [Note(id=row.id, case_id=row.case_id, who=row.who, at=row.at, text=row.text) for row in rows]
