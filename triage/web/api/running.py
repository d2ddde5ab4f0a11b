"""What programs may read and do beside cases, as the pages show it: reports, the audit, the quarantine."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from triage.case import Role
from triage.hot_topics import hot_topics
from triage.rules import reporting
from triage.store import audit, quarantine, served
from triage.web.access import Lead, needs
from triage.web.api.shapes import told
from triage.web.front import RowId, TheFront
from triage.web.pages.running import settings_of

router = APIRouter(responses=told(401, 403), tags=["run"])
Before = Annotated[int, Query(ge=0, lt=2**63, description="The `id` of the last entry of the page before.")]


class ReportLine(BaseModel):
    """Figures of some cases; times in seconds, shares from 0 to 1, null where there is nothing to measure."""

    name: str
    cases: int
    waiting: int
    acknowledged: float | None
    answered: float | None
    slow: float | None
    once: float | None
    kept: float | None
    rated: float | None


class AuditShape(BaseModel):
    """One thing that somebody did; `case_id` is 0 for what concerns no case."""

    id: int
    at: datetime | None
    who: str
    action: str
    case_id: int
    details: dict[str, Any]


class TopicShape(BaseModel):
    """New cases of a topic, as many as is `usual` (null: not known), and languages without a page, by cases."""

    topic: str
    cases: int
    usual: float | None
    pages_missing: dict[str, int]


class QuarantinedShape(BaseModel):
    """Something that was put aside; only what is `readable` can go back to the inbox."""

    id: int
    channel: str
    kind: str
    external_id: str
    received_at: datetime
    quarantined_at: datetime
    why: str
    readable: bool


@router.get("/reports", operation_id="getReport", dependencies=[needs(Role.READ_ONLY)])
def report(
    front: TheFront,
    by: Literal["channel", "category", "language", "agent"] = "channel",
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> list[ReportLine]:
    """Return how well customers were served: all cases first (`name` is empty), then by what was asked for.

    Of a longer time only the newest 50,000 cases are counted.
    """
    with front.store.read() as tx:
        cases = served.since(tx, front.clock() - timedelta(days=days))
    return [ReportLine(**asdict(line)) for line in reporting.report(cases, by)]


@router.get("/topics", operation_id="listHotTopics", dependencies=[needs(Role.READ_ONLY)])
def topics(front: TheFront, days: Annotated[int, Query(ge=1, le=28)] = 7) -> list[TopicShape]:
    """Return the hot topics of the last days, most cases first."""
    with front.store.read() as tx:
        found = hot_topics(tx, front.desk, front.clock(), days)
    same = ("topic", "cases", "usual")
    return [
        TopicShape(**{name: getattr(one, name) for name in same}, pages_missing=dict(one.pages_missing))
        for one in found
    ]


@router.get("/audit", operation_id="listAudit", dependencies=[needs(Role.LEAD)])
def list_audit(
    front: TheFront,
    who: Annotated[str, Query(max_length=60)] = "",
    action: Annotated[str, Query(max_length=60, description="How its name begins.")] = "",
    before: Before = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> list[AuditShape]:
    """Return what was done, newest first."""
    with front.store.read() as tx:
        return [AuditShape(**asdict(entry)) for entry in audit.newest(tx, limit, before, who, action)]


@router.get("/quarantine", operation_id="listQuarantine", dependencies=[needs(Role.LEAD)])
def list_quarantine(
    front: TheFront, before: Before = 0, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> list[QuarantinedShape]:
    """Return what was put aside, newest first, without its bytes."""
    with front.store.read() as tx:
        found = quarantine.listing(tx, limit, before)
    return [QuarantinedShape(**{k: getattr(one, k) for k in QuarantinedShape.model_fields}) for one in found]


@router.post("/quarantine/{row}/release", operation_id="releaseQuarantined", status_code=204, responses=told(404, 409))
def release(front: TheFront, caller: Lead, row: RowId) -> None:
    """Put a message back into the inbox."""
    front.store.run(lambda tx: quarantine.release(tx, row, front.clock(), caller.name))


@router.post("/quarantine/{row}/drop", operation_id="dropQuarantined", status_code=204, responses=told(404, 409))
def drop(front: TheFront, caller: Lead, row: RowId) -> None:
    """Throw one away for good."""
    front.store.run(lambda tx: quarantine.drop(tx, row, caller.name, front.clock()))


@router.get("/settings", operation_id="getSettings", dependencies=[needs(Role.LEAD)])
def settings(front: TheFront) -> dict[str, str]:
    """Return what the desk was configured with, in words; no secret is among it."""
    return settings_of(front.desk)
