"""Who else is looking at a case."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from triage.web.access import Agent
from triage.web.front import TheFront
from triage.web.pages import render
from triage.web.presence import Presence

router = APIRouter()


@router.post("/cases/{number}/looking", name="looking")
def looking(
    request: Request,
    front: TheFront,
    caller: Agent,
    number: str,
    writing: Annotated[bool, Form()] = False,
) -> Response:
    """Say that the caller looks at a case; show who else does, and whether she writes."""
    presence: Presence = request.app.state.presence
    others = presence.look(front.case_id(number), caller.name, writing=writing, now=front.clock())
    return render(request, "_others.html", caller=caller, others=others)
