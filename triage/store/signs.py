"""By what cases could belong together, hour by hour: what surges are seen in, and the topics of a week."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from triage.store.bulk import insert_many
from triage.store.columns import storable
from triage.store.tables import case_signs, cases, incident_cases

KEPT = 24 * 7 * 9
"""Hours that signs are kept: eight weeks to compare the last one with."""

_HOUR: Any = case_signs.c.hour
_SIGN: Any = case_signs.c.sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The signs of a new case."""

    case_id: int
    person_id: int
    opened_at: datetime
    signs: Sequence[str]


def hour_of(at: datetime) -> int:
    """Return the hour since 1970 that a moment is in."""
    return int(at.timestamp()) // 3600


def add(tx: Connection, found: Sequence[Signs]) -> None:
    """Keep the signs of new cases, in the transaction that opens them."""
    rows = [
        {"hour": hour_of(one.opened_at), "sign": storable(sign), "case_id": one.case_id, "person_id": one.person_id}
        for one in found
        for sign in one.signs
    ]
    insert_many(tx, case_signs, rows, known=True)


def members(tx: Connection, hours: Collection[int], at_least: int) -> dict[str, dict[int, int]]:
    """Return the cases with their person, by sign, of each sign that so many cases of these hours have.

    Cases that belong to an incident, or were left out of one, are not among them.
    """
    free = case_signs.c.case_id.not_in(select(incident_cases.c.case_id))
    within = _HOUR.in_(list(hours))
    busy = select(_SIGN).where(within, free).group_by(_SIGN).having(func.count() >= at_least)
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    query = select(_SIGN, case_signs.c.case_id, case_signs.c.person_id)
    for sign, case_id, person in tx.execute(query.where(within, free, _SIGN.in_(busy))):
        found[sign][case_id] = person
    return dict(found)


def counts(tx: Connection, signs: Collection[str], hours: Collection[int]) -> dict[str, dict[int, int]]:
    """Return how many cases had each sign in each of these hours; where there was none, nothing."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    query = select(_SIGN, _HOUR, func.count()).where(_HOUR.in_(list(hours)), _SIGN.in_(list(signs)))
    for sign, hour, count in tx.execute(query.group_by(_SIGN, _HOUR)):
        found[sign][hour] = count
    return dict(found)


def first_hour(tx: Connection) -> int | None:
    """Return the first hour of which anything is known, or None."""
    first: int | None = tx.execute(select(func.min(_HOUR))).scalar()
    return first


def join(tx: Connection, incident_id: int, sign: str, since: int, waits_for: int | None) -> int:
    """Make every case that has a sign and was opened in the hour `since` or later one of an incident's, each once.

    Returns how many joined now. A case that belongs to another incident, or was left out, stays as it is.
    """
    free = case_signs.c.case_id.not_in(select(incident_cases.c.case_id))
    found = select(case_signs.c.case_id).where(since <= _HOUR, sign == _SIGN, free).distinct()
    rows = [
        {"case_id": case_id, "incident_id": incident_id, "waits_for": waits_for}
        for case_id in tx.execute(found.order_by(case_signs.c.case_id)).scalars()
    ]
    if rows:
        tx.execute(insert(incident_cases), rows)
    return len(rows)


def forget(tx: Connection, now: datetime) -> None:
    """Throw away signs that nothing is compared with any more."""
    tx.execute(delete(case_signs).where(hour_of(now) - KEPT > _HOUR))


def by_language(tx: Connection, prefix: str, since: int, until: int) -> dict[tuple[str, str], int]:
    """Return how many cases had a sign that begins so, by (sign, language of the case), from hour to hour."""
    query = (
        select(_SIGN, cases.c.language, func.count())
        .join(cases, cases.c.id == case_signs.c.case_id)
        .where(since <= _HOUR, until > _HOUR, _SIGN.startswith(prefix, autoescape=True), ~_SIGN.contains(" "))
    )
    return {(sign, language): n for sign, language, n in tx.execute(query.group_by(_SIGN, cases.c.language))}
