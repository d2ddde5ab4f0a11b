"""Replies that did not go out, or not yet: what to look at when something is wrong with a channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, literal_column, select

from triage.store.tables import cases, outbox

STATES = ("queued", "sending", "unknown", "refused", "withdrawn", "withheld")
"""Every state of a reply but "sent"."""

TROUBLED = ("sending", "unknown", "refused")
"""Those that somebody should look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A reply that is not sent, without its words and without whom it is for.

    Attributes:
        id: The outbox row.
        case: The number of its case; "" for the answer to a command.
        kind: As `Reply.kind`.
        at: When it was written.
        due: When it is sent, or sent again, at the earliest.
        attempts: How often sending was begun.
        why: What went wrong, in one line; else "".
    """

    id: int
    state: str
    channel: str
    case: str
    kind: str
    at: datetime
    due: datetime
    attempts: int
    why: str


def listing(tx: Connection, states: Sequence[str], channel: str = "", limit: int = 50) -> list[Unsent]:
    """Return replies in any of `states`, of one channel or of all, newest first, at most `limit`."""
    query = select(outbox, cases.c.number).outerjoin(cases, cases.c.id == outbox.c.case_id)
    query = query.where(literal_column("state <> 'sent'"), outbox.c.state.in_(states))
    if channel:
        query = query.where(outbox.c.channel == channel)
    return [
        Unsent(
            id=row.id,
            state=row.state,
            channel=row.channel,
            case=row.number or "",
            kind=row.kind,
            at=row.created_at,
            due=row.not_before,
            attempts=row.attempts,
            why=row.why,
        )
        for row in tx.execute(query.order_by(outbox.c.id.desc()).limit(limit))
    ]
