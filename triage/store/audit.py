"""The audit: who did what to which case. It is only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from triage.store import chain
from triage.store.columns import storable
from triage.store.tables import audit
from triage.store.written import DETAILS, dump, load


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that somebody did.

    Attributes:
        who: An agent's name, or "triage".
        action: A name that never changes ("case.resolved").
        case_id: 0 for what concerns no case.
        details: What else there is to know; JSON values.
        at: When; set by the store.
        id: Set by the store.
    """

    who: str
    action: str
    case_id: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    id: int = 0


def record(tx: Connection, who: str, action: str, case_id: int, details: dict[str, Any], now: datetime) -> int:
    """Write down one action; return the entry's id."""
    row = _row(AuditEntry(who=who, action=action, case_id=case_id, details=details), now)
    return int(tx.execute(insert(audit).values(chain.link(tx, [row])).returning(audit.c.id)).scalar_one())


def record_all(tx: Connection, entries: Sequence[AuditEntry], now: datetime) -> None:
    """Write down several actions at once."""
    if rows := [_row(entry, now) for entry in entries]:
        tx.execute(insert(audit), chain.link(tx, rows))


def get(tx: Connection, entry_id: int) -> AuditEntry:
    """Return one entry, which must be there."""
    return _value(tx.execute(select(audit).where(audit.c.id == entry_id)).one())


def find(tx: Connection, entry_id: int) -> AuditEntry | None:
    """Return one entry, or None."""
    row = tx.execute(select(audit).where(audit.c.id == entry_id)).one_or_none() if 0 < entry_id < 2**63 else None
    return None if row is None else _value(row)


def undone(tx: Connection, entry_id: int, by: str) -> bool:
    """Tell whether a later entry of the action `by` says that it undoes this one."""
    later = select(audit).where(audit.c.case_id.is_(None), audit.c.action == by, audit.c.id > entry_id)
    return any(_value(row).details["undoes"] == entry_id for row in tx.execute(later))


def newest(tx: Connection, limit: int, before: int = 0, who: str = "", action: str = "") -> list[AuditEntry]:
    """Return entries newest first, those before an id; only of somebody, or whose action begins so."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before:
        query = query.where(audit.c.id < before)
    if who:
        query = query.where(audit.c.who == who)
    if action:
        query = query.where(audit.c.action.startswith(action, autoescape=True))
    return [_value(row) for row in tx.execute(query)]


def of_case(tx: Connection, case_id: int) -> list[AuditEntry]:
    """Return what was done to a case, oldest first."""
    rows = tx.execute(select(audit).where(audit.c.case_id == case_id).order_by(audit.c.id))
    return [_value(row) for row in rows]


def _row(entry: AuditEntry, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "who": storable(entry.who),
        "action": entry.action,
        "case_id": entry.case_id or None,
        "details": dump(DETAILS, entry.details),
    }


def _value(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        who=row.who,
        action=row.action,
        case_id=row.case_id or 0,
        details=load(DETAILS, row.details),
        at=row.at,
    )
