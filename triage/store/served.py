"""What reports are made of: the cases of a time, with when each was acknowledged and answered."""

from datetime import datetime

from sqlalchemy import Connection, String, and_, cast, select

from triage.case import Status
from triage.rules.reporting import Served
from triage.store.tables import cases, outbox

MOST = 50_000
"""Cases of one report, the newest."""


def since(tx: Connection, moment: datetime) -> list[Served]:
    """Return the cases opened since then, newest first, at most `MOST`, without those that were merged."""
    key = cast(cases.c.id, String) + ":acknowledgement"
    sent = and_(outbox.c.key == key, outbox.c.state == "sent")
    names = ("channel", "category", "language", "assignee", "opened_at", "first_answered_at", "answered_at", "status",
             "promise_state", "rating")  # fmt: skip
    query = (
        select(*(cases.c[name] for name in names), outbox.c.changed_at.label("acknowledged_at"))
        .select_from(cases)
        .join(outbox, sent, isouter=True)
        .where(cases.c.opened_at >= moment, cases.c.status != Status.MERGED.value)
        .order_by(cases.c.id.desc())
        .limit(MOST)
    )
    return [
        Served(
            channel=row.channel,
            category=row.category,
            language=row.language,
            agent=row.assignee,
            opened_at=row.opened_at,
            acknowledged_at=row.acknowledged_at,
            first_answered_at=row.first_answered_at,
            resolved=row.status == Status.RESOLVED.value,
            waiting=row.status == Status.OPEN.value,
            once=row.first_answered_at is not None and row.first_answered_at == row.answered_at,
            promise=row.promise_state or "",
            rating=row.rating,
        )
        for row in tx.execute(query)
    ]
