"""Corrections: what an agent said about a verdict. The model learns from them; a new message never undoes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from triage.case import Case, Disposition, Entry, Place, Urgency
from triage.message import Message
from triage.rules import snooze
from triage.store import audit, cases
from triage.store.rows import case_of, entry_of, message_of
from triage.store.tables import cases as cases_table
from triage.store.tables import corrections, messages
from triage.store.written import words

_SAYING = messages.c.disposition.in_((Disposition.NEW.value, Disposition.FOLLOW_UP.value))

MOST_LOOKED_AT = 5000
"""Of so many of the newest cases the least sure are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One field that an agent changed, or confirmed.

    Attributes:
        field: "category", "topic" or "urgency".
        was: What it was before, as people see it ("high").
        now: What the agent said; the same as `was` confirms it.
        model: The model that had judged.
    """

    case_id: int
    who: str
    at: datetime
    field: str
    was: str
    now: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A case that agents said something about.

    Attributes:
        said: What its people wrote that opened or continued it, oldest first.
        corrections: Oldest first.
    """

    case: Case
    said: Sequence[tuple[Message, Entry]]
    corrections: Sequence[Correction]


def correct(
    tx: Connection,
    case_id: int,
    who: str,
    *,
    category: str | None = None,
    topic: str | None = None,
    urgency: Urgency | None = None,
    place: Place | None = None,
    now: datetime,
) -> Case:
    """Change what is given, pin it, and return the case; raises `NoSuchCase`.

    What the model had right is pinned too: an agent said so. A topic belongs to its category: with another category and
    no topic there is none. `place` is the case's new place in the list, for the caller to work out. A row is written
    for each field given, changed or confirmed; the same word of the same agent is written once.
    """
    before = cases.locked(tx, case_id)
    said: dict[str, Any] = {"category": category, "topic": topic, "urgency": urgency}
    given = {name: value for name, value in said.items() if value is not None}
    pinned = (*before.pinned, *(name for name in given if name not in before.pinned))
    moved = category not in (None, before.verdict.category)
    verdict = replace(before.verdict, **({"topic": ""} if moved else {}) | given)
    values: dict[str, Any] = {"verdict": verdict, "pinned": pinned}
    if place is not None:
        values["place"] = place
        values["snoozed_until"] = snooze.after_moved(before, replace(before, place=place))
    rows = _rows(before, given, who, now)
    new = [row for row in rows if row["was"] != row["now"] or not _said_before(tx, row)]
    if new:
        tx.execute(insert(corrections), new)
    changed = {row["field"]: [row["was"], row["now"]] for row in rows if row["was"] != row["now"]}
    confirmed = [row["field"] for row in new if row["was"] == row["now"]]
    if confirmed:
        audit.record(tx, who, "case.confirmed", case_id, {"fields": confirmed}, now)
    return cases.change(tx, case_id, values, who, "case.corrected", now, **changed)


def since(tx: Connection, moment: datetime) -> list[Correction]:
    """Return what agents said since then, oldest first."""
    rows = tx.execute(select(corrections).where(corrections.c.at >= moment).order_by(corrections.c.id))
    return [_correction(row) for row in rows]


def labelled(tx: Connection) -> Iterator[Labelled]:
    """Yield every case that an agent said something about, in order of its id."""
    yield from _labelled(tx)


def calmed(tx: Connection) -> Iterator[Labelled]:
    """Yield every case that was high or critical, and that an agent called less, in order of its id."""
    said, urgent = corrections.c, [urgency.label for urgency in Urgency if urgency >= Urgency.HIGH]
    of_urgency = select(said.case_id).where(said.field == "urgency")
    were, are = of_urgency.where(said.was.in_(urgent)), of_urgency.where(said.now.not_in(urgent))
    yield from _labelled(tx, said.case_id.in_(were), said.case_id.in_(are))


def _labelled(tx: Connection, *which: ColumnElement[bool]) -> Iterator[Labelled]:
    said = tx.execute(select(corrections).where(*which).order_by(corrections.c.case_id, corrections.c.id))
    for case_id, rows in groupby(said.all(), key=lambda row: row.case_id):
        case = tx.execute(select(cases_table).where(cases_table.c.id == case_id)).one()
        made = [_correction(row) for row in rows]
        said_then = _merged_from(tx, case_id) if case.merged_into else what_was_said(tx, case_id)
        yield Labelled(case=case_of(case), said=said_then, corrections=made)


def unlabelled(tx: Connection, since: datetime, limit: int) -> list[Labelled]:
    """Return the cases opened since then that no agent has said anything about, those the model is least sure of first.

    Cases in which a customer sent a secret are left out: the guard has judged them, and is sure.
    """
    table = cases_table.c
    fresh = (table.opened_at >= since, table.pinned == words(()), table.secret_exposed.is_(False))
    query = select(cases_table).where(*fresh).order_by(table.id.desc()).limit(MOST_LOOKED_AT)
    newest = [case_of(row) for row in tx.execute(query)]
    unsure = sorted(newest, key=lambda case: (case.verdict.category != "unsorted", case.verdict.confidence, case.id))
    return [Labelled(case=case, said=what_was_said(tx, case.id), corrections=()) for case in unsure[:limit]]


def withdraw(tx: Connection, before: Case, who: str, at: datetime, now: datetime) -> Case:
    """Take back what an agent said of a case at a moment, and return the case with its verdict and place of before."""
    said = (corrections.c.case_id == before.id, corrections.c.who == who, corrections.c.at == at)
    tx.execute(delete(corrections).where(*said))
    values = {"verdict": before.verdict, "pinned": before.pinned, "place": before.place}
    return cases.change(tx, before.id, values, who, "case.correction-withdrawn", now)


def what_was_said(tx: Connection, case_id: int) -> list[tuple[Message, Entry]]:
    """Return the messages of a case that opened or continued it, oldest first."""
    return _said(tx, messages.c.case_id == case_id)


def _merged_from(tx: Connection, case_id: int) -> list[tuple[Message, Entry]]:
    """Return what was said in a case before it was merged: its corrections are about that."""
    acts = [entry for entry in audit.of_case(tx, case_id) if entry.action == "case.merged"]
    ids = acts[-1].details["messages"] if acts else []
    return _said(tx, messages.c.id.in_(ids))


def _said(tx: Connection, which: ColumnElement[bool]) -> list[tuple[Message, Entry]]:
    rows = tx.execute(select(messages).where(which, _SAYING).order_by(messages.c.id))
    return [(message_of(row), entry_of(row)) for row in rows]


def _rows(before: Case, given: Mapping[str, object], who: str, now: datetime) -> list[dict[str, Any]]:
    about: dict[str, Any] = {"case_id": before.id, "who": who, "at": now, "model": before.verdict.model}
    return [
        about | {"field": name, "was": _as_word(getattr(before.verdict, name)), "now": _as_word(value)}
        for name, value in given.items()
    ]


def _said_before(tx: Connection, row: Mapping[str, Any]) -> bool:
    """Return whether this agent's last word about this field was the same."""
    same = [corrections.c[name] == row[name] for name in ("case_id", "who", "field")]
    last = tx.execute(select(corrections.c.now).where(*same).order_by(corrections.c.id.desc()).limit(1))
    return bool(last.scalar_one_or_none() == row["now"])


def _correction(row: Any) -> Correction:
    names = ("case_id", "who", "at", "field", "was", "now", "model")
    return Correction(**{name: getattr(row, name) for name in names})


def _as_word(value: object) -> str:
    return value.label if isinstance(value, Urgency) else str(value)
