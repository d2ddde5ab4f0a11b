"""What a batch tells of our own mail: which of it came back, and whose addresses are dead."""

from collections.abc import Sequence
from datetime import datetime

from triage.rules.bounces import find_bounce
from triage.store import Tx, audit, bounces
from triage.studying import Prepared


def take_back(tx: Tx, robots: Sequence[Prepared], now: datetime) -> None:
    """Write down which of our mails came back, as delivery reports tell."""
    for p in robots:
        bounce = find_bounce(p.message)
        found = bounces.keep(tx, bounce, now) if bounce is not None else None
        if found is not None and bounce is not None:
            details = {"reply": found.reply_id, "status": bounce.status, "dead": found.dead}
            audit.record(tx, "triage", "reply.bounced", found.case_id, details, now)


def dead(tx: Tx, human: Sequence[Prepared], now: datetime) -> frozenset[str]:
    """Return the senders whose mail comes back; who is proved to have written from there now is not among them."""
    found = bounces.dead_since(tx, {p.message.sender.key for p in human}, now)
    alive = {p.message.sender.key for p in human if p.reading.authentic} & found.keys()
    bounces.revive(tx, alive)
    return frozenset(found.keys() - alive)
