"""What the live queue tells about waiting: who stands in it, how fast it moved of late, how recent cases fared."""

import json
from datetime import datetime, timedelta, tzinfo
from functools import cache
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Engine, Select, Text, bindparam, cast, func, literal_column, select

from triage.case import Urgency
from triage.rules.forecast import LOOK_BACK, Forecast, Rates, Sample
from triage.store.tables import cases

FRESH = timedelta(seconds=30)
"""So long is what was read once good enough for the next batch."""

MOST_KEYS = 10_000
MOST_SAMPLES = 300
"""Cases that are looked at, at most: the first of the list, and the last that were answered."""

_ANSWERED: ColumnElement[bool] = literal_column("first_answered_at IS NOT NULL")
_LATE: ColumnElement[bool] = literal_column("status = 'open' AND promise_state = 'broken'")
_OPEN: ColumnElement[bool] = literal_column("status = 'open'")

# Made once: to build a statement costs more than to run it.
_AT = cases.c.first_answered_at
_TOLD = select(cases.c.urgency, cases.c.channel, cases.c.promised_ahead, cases.c.promised_at, _AT).where(
    cases.c.promised_at.is_not(None)
)
_RECENT = _TOLD.where(_ANSWERED, bindparam("since", type_=_AT.type) < _AT).order_by(_AT.desc()).limit(MOST_SAMPLES)
_BROKEN = _TOLD.where(_LATE, _AT.is_(None)).order_by(cases.c.promised_by.desc()).limit(MOST_SAMPLES)

_known: "WeakKeyDictionary[Engine, tuple[Forecast, int]]" = WeakKeyDictionary()


def current(tx: Connection, now: datetime, zone: tzinfo) -> Forecast:
    """Return what the queue is like now: a look within `FRESH`, and who joined since; `zone` counts its hours.

    Three looks by index at no more than `MOST_KEYS` cases; how fast it moved is counted anew each hour. What joined in
    a batch that was undone is counted until the next look: then somebody is told a little more, never less.
    """
    before = _known.get(tx.engine)
    hour = int(now.timestamp()) // 3600
    if before is None or abs(now - before[0].at) > FRESH:
        rates = before[0].rates if before is not None and before[1] == hour else _rates(tx, now, zone)
        before = (Forecast(at=now, keys=_keys(tx), samples=_samples(tx, now), rates=rates), hour)
        _known[tx.engine] = before
    return before[0]


def _keys(tx: Connection) -> list[int]:
    """Return the places of the list; as one JSON value, for ten thousand rows cost three times as much to fetch."""
    return sorted(json.loads(tx.execute(_first_keys(tx.dialect.name)).scalar_one()))


@cache
def _first_keys(dialect: str) -> Select[str]:
    first = select(cases.c.order_key).where(_OPEN).order_by(cases.c.order_key).limit(MOST_KEYS).subquery()
    if dialect == "sqlite":
        return select(func.json_group_array(first.c.order_key))
    return select(func.coalesce(cast(func.json_agg(first.c.order_key), Text), "[]"))


def _samples(tx: Connection, now: datetime) -> tuple[Sample, ...]:
    rows = [*tx.execute(_RECENT, {"since": now - LOOK_BACK}), *tx.execute(_BROKEN)]
    return tuple(
        Sample(
            urgency=Urgency(row.urgency),
            channel=row.channel,
            ahead=row.promised_ahead,
            made_at=row.promised_at,
            answered_at=row.first_answered_at or now,
        )
        for row in rows
    )


def _rates(tx: Connection, now: datetime, zone: tzinfo) -> Rates:
    in_microseconds = "first_answered_at / 3600000000"
    in_time = "floor(extract(epoch FROM first_answered_at) / 3600)"
    hours = in_microseconds if tx.dialect.name == "sqlite" else in_time
    hour: ColumnElement[int] = literal_column(hours).label("hour")
    query = select(hour, func.count()).where(_ANSWERED, now - LOOK_BACK < _AT).group_by(hour)
    return Rates.of({int(row[0]): row[1] for row in tx.execute(query)}, now, zone)
