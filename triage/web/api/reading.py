"""What programs may read: the list, a case, the totals, the channels."""

from dataclasses import asdict
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from triage import agents
from triage.case import Role, Status, Urgency
from triage.errors import TriageError
from triage.shapes import WholeCaseShape, of_case, of_whole
from triage.store import Tx, health, impostors
from triage.store import cases as stored
from triage.store.cases import Filters
from triage.web.access import needs
from triage.web.api.shapes import ChannelShape, ImpostorShape, Page, SightingShape, told
from triage.web.front import TheFront

router = APIRouter(dependencies=[needs(Role.READ_ONLY)], responses=told(401, 403), tags=["read"])

MOST = 200
"""Cases on one page."""


@router.get("/cases", operation_id="listCases")
def cases(  # noqa: PLR0913, PLR0917 - one parameter for each filter
    front: TheFront,
    status: Annotated[
        Status | Literal["any"], Query(description="`any` only together with `text` or `incident`.")
    ] = Status.OPEN,
    channel: str = "",
    category: str = "",
    topic: str = "",
    urgency: Annotated[str, Query(pattern="^(critical|high|normal|low)?$")] = "",
    language: str = "",
    assignee: str = "",
    unassigned: bool = False,
    overdue: bool = False,
    escalated: bool = False,
    snoozed: Annotated[bool, Query(description="Those that are put off, alone; else only with `text`.")] = False,
    incident: Annotated[int, Query(ge=0, lt=2**63, description="The incident they belong to; 0: any.")] = 0,
    text: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    after: Annotated[str, Query(pattern=r"^(-?\d{1,18}\.\d{1,18})?$", description="`next` of the page before.")] = "",
) -> Page:
    """Return the cases of the list in its order."""
    filters = Filters(
        status=None if status == "any" else status,
        channel=channel,
        category=category,
        topic=topic,
        urgency=Urgency[urgency.upper()] if urgency else None,
        language=language,
        assignee=assignee,
        unassigned=unassigned,
        late_at=front.clock() if overdue else None,
        escalated=escalated,
        awake_at=None if snoozed or text else front.clock(),
        snoozed_at=front.clock() if snoozed else None,
        text=text,
        incident=incident,
    )
    key, _, case_id = after.partition(".")
    with front.store.read() as tx:
        found = stored.top(tx, filters, limit + 1, (int(key), int(case_id)) if after else None)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[of_case(case) for case in found[:limit]],
        next=f"{last.place.order_key}.{last.id}" if last else None,
    )


@router.get("/cases/{number}", operation_id="getCase", responses=told(404))
def case(front: TheFront, response: Response, number: str) -> WholeCaseShape:
    """Return one case with everything that was said in it."""
    with front.store.read() as tx:
        found = stored.present(tx, front.case_id(number))
        shape = of_whole(found, agents.history(tx, found.id))
    response.headers["ETag"] = etag(of_case(found))
    return shape


@router.get("/totals", operation_id="getTotals")
def totals(front: TheFront) -> dict[str, int]:
    """Return the figures of the status line by name; those of open cases stop at a cap."""
    with front.store.read() as tx:
        return stored.totals(tx)


@router.get("/channels", operation_id="listChannels")
def channels(front: TheFront) -> list[ChannelShape]:
    """Return how each channel is, by name."""
    with front.store.read() as tx:
        found = health.all(tx)
    return [ChannelShape(**{k: v for k, v in asdict(one).items() if k in ChannelShape.model_fields}) for one in found]


@router.get("/impostors", operation_id="listImpostors")
def list_impostors(
    front: TheFront,
    kind: Annotated[str, Query(pattern="^(handle|link|email|address)?$")] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> list[ImpostorShape]:
    """Return the contacts that customers report and pitches lead to, the last named first."""
    with front.store.read() as tx:
        found = impostors.listing(tx, kind=kind, text=text, limit=limit)
    return [ImpostorShape(**asdict(one)) for one in found]


@router.get("/impostors/sightings", operation_id="listSightings")
def list_sightings(
    front: TheFront,
    contact: Annotated[str, Query(min_length=1, max_length=300)],
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> list[SightingShape]:
    """Return where a contact was named, newest first."""
    with front.store.read() as tx:
        found = impostors.sighted(tx, contact, limit)
    return [SightingShape(**{name: getattr(one, name) for name in SightingShape.model_fields}) for one in found]


def etag(shape: BaseModel) -> str:
    """Return what changes whenever a value does (RFC 9110, 8.8.3)."""
    return f'"{sha256(shape.model_dump_json().encode("utf-8", "replace")).hexdigest()[:32]}"'


def matches(if_match: str, tag: str) -> bool:
    """Return whether a header If-Match, "*" or a list of tags, lets this one through (RFC 9110, 13.1.1)."""
    return if_match.strip() == "*" or tag in [one.strip() for one in if_match.split(",")]


def check_unchanged(tx: Tx, case_id: int, if_match: str | None) -> None:
    """Raise `Changed` unless the case, which stays locked, is still what the program read."""
    if if_match and not matches(if_match, etag(of_case(stored.locked(tx, case_id, merged=True)))):
        raise Changed("the case is not what you read: read it again")


class Changed(TriageError):
    """What the program read changed since. Nothing was done; it reads again and decides anew."""
