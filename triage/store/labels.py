"""Corrections: what an agent changed in a verdict. The model learns from them; a new message never undoes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from triage.case import Case, Place, Urgency
from triage.store import cases
from triage.store.tables import corrections


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One field that an agent changed.

    Attributes:
        field: "category", "topic" or "urgency".
        was: What it was before, as people see it ("high").
        now: What the agent made it.
        model: The model that had said otherwise.
    """

    case_id: int
    who: str
    at: datetime
    field: str
    was: str
    now: str
    model: str


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

    What the model had right is pinned too: an agent said so. `place` is the case's new place in the list, for the
    caller to work out. A row is written for each field that really changed.
    """
    before = cases.locked(tx, case_id)
    said: dict[str, Any] = {"category": category, "topic": topic, "urgency": urgency}
    given = {name: value for name, value in said.items() if value is not None}
    pinned = (*before.pinned, *(name for name in given if name not in before.pinned))
    values: dict[str, Any] = {"verdict": replace(before.verdict, **given), "pinned": pinned}
    if place is not None:
        values["place"] = place
    rows = _rows(before, given, who, now)
    if rows:
        tx.execute(insert(corrections), rows)
    details = {row["field"]: [row["was"], row["now"]] for row in rows}
    return cases.change(tx, case_id, values, who, "case.corrected", now, **details)


def since(tx: Connection, moment: datetime) -> list[Correction]:
    """Return the corrections made since then, oldest first."""
    rows = tx.execute(select(corrections).where(corrections.c.at >= moment).order_by(corrections.c.id))
    names = ("case_id", "who", "at", "field", "was", "now", "model")
    return [Correction(**{name: getattr(row, name) for name in names}) for row in rows]


def _rows(before: Case, given: Mapping[str, object], who: str, now: datetime) -> list[dict[str, Any]]:
    about: dict[str, Any] = {"case_id": before.id, "who": who, "at": now, "model": before.verdict.model}
    return [
        about | {"field": name, "was": _words(getattr(before.verdict, name)), "now": _words(value)}
        for name, value in given.items()
        if value != getattr(before.verdict, name)
    ]


def _words(value: object) -> str:
    return value.label if isinstance(value, Urgency) else str(value)
