"""Incidents: what is proposed, whether it is one, and the one text that answers all of its cases."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from triage import incidents
from triage.case import Incident
from triage.store import Tx
from triage.store import incidents as stored
from triage.web.access import Caller, Lead, Reader
from triage.web.front import Front, RowId, TheFront, front_of
from triage.web.pages import refusal, render

router = APIRouter(prefix="/incidents")
Parts = Annotated[list[str], Form(default_factory=list, max_length=50)]

SHOWN = 50
MOST_CASES = 200


@router.get("", name="incidents")
def show(
    request: Request, front: TheFront, caller: Reader, incident: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> Response:
    """Show the newest incidents, and of one its texts and its first cases."""
    return _page(request, front, caller, incident)


@router.post("/{incident}/confirm", name="confirm_incident")
def confirm(request: Request, front: TheFront, caller: Lead, incident: RowId) -> Response:
    """Say that it is one."""
    return _act(request, caller, incident, lambda tx: incidents.confirm(tx, incident, caller.name, front.clock()))


@router.post("/{incident}/drop", name="drop_incident")
def drop(request: Request, front: TheFront, caller: Lead, incident: RowId) -> Response:
    """Say that it is none."""
    return _act(request, caller, incident, lambda tx: incidents.drop(tx, incident, caller.name, front.clock()))


@router.post("/{incident}/update", name="update_incident")
def update(request: Request, front: TheFront, caller: Lead, incident: RowId, language: Parts, text: Parts) -> Response:
    """Let its customers be told that we know of it, and what is added in their language."""
    now, texts = front.clock(), _texts(language, text)
    return _act(
        request, caller, incident, lambda tx: incidents.update(tx, front.desk, incident, caller.name, texts, now)
    )


@router.post("/{incident}/resolve", name="resolve_incident")
def resolve(request: Request, front: TheFront, caller: Lead, incident: RowId, language: Parts, text: Parts) -> Response:
    """Let its customers be told that it is over, and what is added in their language."""
    now, texts = front.clock(), _texts(language, text)
    return _act(
        request, caller, incident, lambda tx: incidents.resolve(tx, front.desk, incident, caller.name, texts, now)
    )


def _texts(languages: list[str], texts: list[str]) -> dict[str, str]:
    return {tag: text.strip() for tag, text in zip(languages, texts, strict=False) if text.strip()}


def _act(request: Request, caller: Caller, incident: int, work: Callable[[Tx], Incident]) -> Response:
    """Do it and show what the incident is now, or say on the page why it cannot be done."""
    said = refusal(request, caller, work)
    return _page(request, front_of(request), caller, incident, said)


def _page(request: Request, front: Front, caller: Caller, incident: int, said: str = "") -> Response:
    with front.store.read() as tx:
        found = stored.newest(tx, SHOWN)
        chosen = stored.get(tx, incident) if incident else None
        of_it = stored.cases_of(tx, incident, MOST_CASES) if chosen else []
    languages = sorted({"en", *(case.language for case in of_it)} & set(front.desk.replies.languages))
    values = {"found": found, "chosen": chosen, "cases": of_it, "languages": languages, "said": said}
    return render(request, "incidents.html", 409 if said else 200, caller=caller, **values)
