"""Incidents: many cases with one cause, and which of them still wait for its news."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from triage.case import Case, Incident, IncidentStatus
from triage.errors import TriageError
from triage.store.bulk import insert_many
from triage.store.rows import case_of
from triage.store.tables import cases, incident_cases, incidents
from triage.store.written import dump, load

_TEXTS: TypeAdapter[Mapping[str, str]] = TypeAdapter(Mapping[str, str])
_SAME = ("id", "sign", "title", "count", "expected", "first_hour", "since", "status_at", "who", "news")
_ALIVE = (IncidentStatus.PROPOSED.value, IncidentStatus.CONFIRMED.value)
_OF: Any = incident_cases.c.incident_id


class NoSuchIncident(TriageError):
    """No incident has this number. Nothing was changed."""


def propose(tx: Connection, found: Incident, members: Collection[int]) -> Incident | None:
    """Keep a new incident with its cases; None, and nothing is kept, when there is one of this sign already."""
    if tx.execute(select(incidents.c.id).where(incidents.c.sign == found.sign, _is_alive())).first():
        return None
    row = {name: getattr(found, name) for name in _SAME if name != "id"}
    row |= {"status": found.status.value, "texts": "{}"}
    new = tx.execute(insert(incidents).values(row).returning(incidents.c.id)).scalar_one()
    rows = [{"case_id": case_id, "incident_id": new, "waits_for": None} for case_id in sorted(members)]
    insert_many(tx, incident_cases, rows, known=True)
    return get(tx, new)


def get(tx: Connection, incident_id: int) -> Incident:
    """Return one incident; raises `NoSuchIncident`."""
    row = tx.execute(select(incidents).where(incidents.c.id == incident_id)).one_or_none()
    if row is None:
        raise NoSuchIncident("there is no incident %(id)s", id=incident_id)
    return _incident(tx, row)


def locked(tx: Connection, incident_id: int) -> Incident:
    """Return an incident that nobody else changes until the transaction ends; raises `NoSuchIncident`."""
    tx.execute(select(incidents.c.id).where(incidents.c.id == incident_id).with_for_update())
    return get(tx, incident_id)


def alive(tx: Connection) -> list[Incident]:
    """Return the incidents that are proposed or confirmed, oldest first."""
    rows = tx.execute(select(incidents).where(_is_alive()).order_by(incidents.c.id)).all()
    return [_incident(tx, row) for row in rows]


def newest(tx: Connection, limit: int) -> list[Incident]:
    """Return the newest incidents whatever their status, newest first."""
    rows = tx.execute(select(incidents).order_by(incidents.c.id.desc()).limit(limit)).all()
    return [_incident(tx, row) for row in rows]


def ended_since(tx: Connection, since: datetime) -> set[str]:
    """Return the signs of the incidents that were resolved or dropped since then."""
    query = select(incidents.c.sign).where(~_is_alive(), incidents.c.status_at >= since)
    return set(tx.execute(query).scalars())


def set_status(tx: Connection, incident_id: int, status: IncidentStatus, who: str, now: datetime) -> None:
    """Give an incident another status."""
    values = {"status": status.value, "who": who, "status_at": now}
    tx.execute(update(incidents).where(incidents.c.id == incident_id).values(values))


def add_news(tx: Connection, incident_id: int, texts: Mapping[str, str]) -> int:
    """Let every case of an incident wait for news, in place of what it was not told yet; return the news' number."""
    grown = update(incidents).where(incidents.c.id == incident_id)
    grown = grown.values(news=incidents.c.news + 1, texts=dump(_TEXTS, dict(texts)))
    number: int = tx.execute(grown.returning(incidents.c.news)).scalar_one()
    tx.execute(update(incident_cases).where(incident_id == _OF).values(waits_for=number))
    return number


def waiting(tx: Connection, limit: int) -> list[tuple[int, int, int]]:
    """Return (incident, case, number of the news) that were not told yet, at most so many, in order of cases."""
    query = select(_OF, incident_cases.c.case_id, incident_cases.c.waits_for)
    query = query.where(incident_cases.c.waits_for.is_not(None), _OF.is_not(None))
    return [(i, c, n) for i, c, n in tx.execute(query.order_by(incident_cases.c.case_id).limit(limit))]


def told(tx: Connection, case_ids: Collection[int]) -> None:
    """Write down that these cases were told the news they waited for, or cannot be."""
    tx.execute(update(incident_cases).where(incident_cases.c.case_id.in_(list(case_ids))).values(waits_for=None))


def place(tx: Connection, case_id: int, incident_id: int | None, waits_for: int | None) -> None:
    """Put a case into an incident, or with None out of any, whatever its signs say."""
    tx.execute(delete(incident_cases).where(incident_cases.c.case_id == case_id))
    tx.execute(insert(incident_cases).values(case_id=case_id, incident_id=incident_id, waits_for=waits_for))


def of_case(tx: Connection, case_id: int) -> int:
    """Return the incident that a case belongs to; 0 for none."""
    return tx.execute(select(_OF).where(incident_cases.c.case_id == case_id)).scalar() or 0


def cases_of(tx: Connection, incident_id: int, limit: int | None = None) -> list[Case]:
    """Return the cases of an incident, oldest first, at most `limit`."""
    query = select(cases).join(incident_cases, incident_cases.c.case_id == cases.c.id).where(incident_id == _OF)
    return [case_of(row) for row in tx.execute(query.order_by(cases.c.id).limit(limit))]


def let_go(tx: Connection, incident_id: int) -> None:
    """Let the cases of an incident belong to none, as if it had never been."""
    tx.execute(delete(incident_cases).where(incident_id == _OF))


def _is_alive() -> Any:
    return incidents.c.status.in_(_ALIVE)


def _incident(tx: Connection, row: Row[Any]) -> Incident:
    counted = select(func.count(), func.count(incident_cases.c.waits_for)).where(row.id == _OF)
    of_it, to_tell = tx.execute(counted).one()
    return Incident(
        status=IncidentStatus(row.status),
        texts=load(_TEXTS, row.texts),
        cases=of_it,
        to_tell=to_tell,
        **{name: getattr(row, name) for name in _SAME},
    )
