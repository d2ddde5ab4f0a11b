"""Who else is looking at a case."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from triage.case import Role
from triage.web.access import Caller, needs
from triage.web.front import Front, front_of
from triage.web.pages import case_id_or_404, render
from triage.web.presence import Presence

router = APIRouter()


@router.post("/cases/{number}/looking", name="looking")
def looking(
    request: Request,
    front: Annotated[Front, Depends(front_of)],
    caller: Annotated[Caller, needs(Role.AGENT)],
    number: str,
    writing: Annotated[bool, Form()] = False,
) -> Response:
    """Say that the caller looks at a case; show who else does, and whether she writes."""
    presence: Presence = request.app.state.presence
    others = presence.look(case_id_or_404(front, number), caller.name, writing=writing, now=front.clock())
    return render(request, "_others.html", caller=caller, others=others)
