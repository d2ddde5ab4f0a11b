"""The models there are: their figures, which one judges, how two differ."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from triage.case import Role
from triage.classifier import shelf
from triage.store import audit
from triage.web.access import Caller, needs
from triage.web.front import Front, front_of
from triage.web.pages import render

router = APIRouter(prefix="/models")
TheFront = Annotated[Front, Depends(front_of)]
Reader = Annotated[Caller, needs(Role.READ_ONLY)]
Lead = Annotated[Caller, needs(Role.LEAD)]
Version = Annotated[str, Query(max_length=80)]


@router.get("", name="models")
def show(request: Request, front: TheFront, caller: Reader, one: Version = "", other: Version = "") -> Response:
    """Show every model, and what changes from `one` to `other`."""
    found = shelf.look(front.models)
    known = {model.version for model in found if model.usable}
    differ = shelf.compare(front.models, one, other) if {one, other} <= known else {}
    return render(request, "models.html", caller=caller, found=found, differ=differ, one=one, other=other)


@router.post("/use", name="use_model")
def use(request: Request, front: TheFront, caller: Lead, version: Annotated[str, Form(max_length=80)]) -> Response:
    """Let a model judge from now on; one that its gates refused needs the command line."""
    now, before = front.clock(), shelf.use(front.models, version)
    details = {"was": before, "now": version, "forced": False}
    front.store.run(lambda tx: audit.record(tx, caller.name, "model.used", 0, details, now))
    return show(request, front, caller)
