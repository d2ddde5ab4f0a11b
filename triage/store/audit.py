"""The audit: who did what to which case. It is only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

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
    """

    who: str
    action: str
    case_id: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def record(tx: Connection, who: str, action: str, case_id: int, details: dict[str, Any], now: datetime) -> None:
    """Write down one action."""
    record_all(tx, [AuditEntry(who=who, action=action, case_id=case_id, details=details)], now)


def record_all(tx: Connection, entries: Sequence[AuditEntry], now: datetime) -> None:
    """Write down several actions at once."""
    rows = [
        {"at": now, "who": e.who, "action": e.action, "case_id": e.case_id or None, "details": dump(DETAILS, e.details)}
        for e in entries
    ]
    if rows:
        tx.execute(insert(audit), rows)


def of_case(tx: Connection, case_id: int) -> list[AuditEntry]:
    """Return what was done to a case, oldest first."""
    rows = tx.execute(select(audit).where(audit.c.case_id == case_id).order_by(audit.c.id))
    return [_value(row) for row in rows]


def of_no_case(tx: Connection) -> list[AuditEntry]:
    """Return what was done that concerns no case (quarantine, addresses), oldest first."""
    rows = tx.execute(select(audit).where(audit.c.case_id.is_(None)).order_by(audit.c.id))
    return [_value(row) for row in rows]


def _value(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        who=row.who, action=row.action, case_id=row.case_id or 0, details=load(DETAILS, row.details), at=row.at
    )
