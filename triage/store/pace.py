"""The breaker: how many automatic replies may be sent in a minute, over all channels and processes.

It holds back, it does not drop: what it does not let through stays queued and goes out as soon as it may.
"""

import json
from datetime import datetime

from sqlalchemy import Connection, select, update

from triage.store.bulk import insert_many
from triage.store.tables import pace

SPAN = 60
"""Seconds that the limit counts over, each of them by itself."""

_NAME = "automatic"
_ROW = select(pace.c.spent).where(pace.c.name == _NAME).with_for_update()


def take(tx: Connection, wanted: int, per_minute: int, now: datetime) -> int:
    """Return how many of `wanted` replies may be sent now, and count them as sent.

    Its row is locked until the transaction ends, so two senders never spend the same place. A clock that was set
    back counts what lies ahead of it as just now: the breaker does not open.
    """
    if not wanted:
        return 0
    written = tx.execute(_ROW).scalar()
    if written is None:
        insert_many(tx, pace, [{"name": _NAME, "spent": "[]"}], known=True)
        written = tx.execute(_ROW).scalar_one()
    second = int(now.timestamp())
    spent = [(min(at, second), count) for at, count in json.loads(written) if at > second - SPAN]
    free: int = min(wanted, max(0, per_minute - sum(count for _, count in spent)))
    if free:
        tx.execute(update(pace).where(pace.c.name == _NAME).values(spent=json.dumps([*spent, (second, free)])))
    return free
