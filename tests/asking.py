"""What only tests ask a store."""

from datetime import datetime

from triage.message import Reply
from triage.store import Tx, audit, lists, outbox, unsent
from triage.store.audit import AuditEntry


def next_to_send(tx: Tx, channel: str, now: datetime, per_minute: int | None = None) -> Reply | None:
    """The oldest reply that is due, marked as `claim` does."""
    return next(iter(outbox.claim(tx, channel, 1, now, per_minute)), None)


def by_state(tx: Tx) -> dict[str, int]:
    """How many replies are in each state."""
    figures = {name.removeprefix("outbox."): n for name, n in lists.totals(tx).items() if name.startswith("outbox.")}
    figures["withdrawn"] = len(unsent.listing(tx, ("withdrawn",), limit=1_000))
    return {state: n for state, n in figures.items() if n}


def of_no_case(tx: Tx) -> list[AuditEntry]:
    """What was done that concerns no case (users, quarantine, addresses), oldest first."""
    return [entry for entry in reversed(audit.newest(tx, 10_000)) if not entry.case_id]
