"""What programs may do with incidents: see them, confirm or drop them, tell their customers, end them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from triage import incidents
from triage.case import Incident, Role
from triage.store import Tx
from triage.store import incidents as stored
from triage.web.access import Lead, needs
from triage.web.api.shapes import Given, told
from triage.web.front import Front, RowId, TheFront

router = APIRouter(prefix="/incidents", responses=told(401, 403, 404, 409), tags=["incidents"])


class IncidentShape(BaseModel):
    """Many cases with one cause; `to_tell` of them wait for the last news, whose `texts` are by language."""

    id: int
    sign: str
    title: str
    status: str
    count: int
    expected: float
    since: datetime
    status_at: datetime
    who: str
    news: int
    texts: dict[str, str]
    cases: int
    to_tell: int


class NewsGiven(Given):
    """What is added to the text in each language; who has none in hers gets the English one. May be empty."""

    texts: dict[str, str] = Field(default_factory=dict)


@router.get("", operation_id="listIncidents", dependencies=[needs(Role.READ_ONLY)])
def listing(front: TheFront, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[IncidentShape]:
    """Return the newest incidents, newest first."""
    with front.store.read() as tx:
        return [_shape(one) for one in stored.newest(tx, limit)]


@router.post("/{incident}/confirm", operation_id="confirmIncident")
def confirm(front: TheFront, caller: Lead, incident: RowId) -> IncidentShape:
    """Say that it is one: later cases join it."""
    return _act(front, lambda tx: incidents.confirm(tx, incident, caller.name, front.clock()))


@router.post("/{incident}/drop", operation_id="dropIncident")
def drop(front: TheFront, caller: Lead, incident: RowId) -> IncidentShape:
    """Say that it is none."""
    return _act(front, lambda tx: incidents.drop(tx, incident, caller.name, front.clock()))


@router.post("/{incident}/update", operation_id="updateIncident")
def update(front: TheFront, caller: Lead, incident: RowId, given: NewsGiven) -> IncidentShape:
    """Let every customer of it be told that we know of it, and what is given."""
    return _act(front, lambda tx: incidents.update(tx, front.desk, incident, caller.name, given.texts, front.clock()))


@router.post("/{incident}/resolve", operation_id="resolveIncident")
def resolve(front: TheFront, caller: Lead, incident: RowId, given: NewsGiven) -> IncidentShape:
    """Let every customer of it be told that it is over, and what is given."""
    return _act(front, lambda tx: incidents.resolve(tx, front.desk, incident, caller.name, given.texts, front.clock()))


def _act(front: Front, work: Callable[[Tx], Incident]) -> IncidentShape:
    return _shape(front.store.run(work))


def _shape(one: Incident) -> IncidentShape:
    names = IncidentShape.model_fields.keys() - {"status", "texts"}
    same = {name: getattr(one, name) for name in names}
    return IncidentShape(**same, status=one.status.value, texts=dict(one.texts))
