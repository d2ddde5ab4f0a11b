"""The models there are: their figures, which one judges, how two differ."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from triage.classifier import shelf
from triage.web.access import Lead, Reader
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter(prefix="/models")
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
    front.use_model(version, caller.name)
    return show(request, front, caller)
