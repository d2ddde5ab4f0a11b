"""Correcting a verdict on the page of its case: one key, one word."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from triage.case import Role, Urgency
from triage.errors import TriageError
from triage.labelling import Label, give
from triage.web.access import Caller, needs
from triage.web.front import Front, front_of
from triage.web.pages import case, case_id_or_404, tell

router = APIRouter(prefix="/cases/{number}")


@router.post("/correct", name="correct")
def correct(
    request: Request,
    front: Annotated[Front, Depends(front_of)],
    caller: Annotated[Caller, needs(Role.AGENT)],
    number: str,
    category: Annotated[str, Form()] = "",
    topic: Annotated[str, Form()] = "",
    urgency: Annotated[str, Form()] = "",
) -> Response:
    """Write down what the agent says of the case; it stays so, whatever the model says later."""
    label = Label(category=category or None, topic=topic or None, urgency=Urgency.__members__.get(urgency.upper()))
    case_id, now = case_id_or_404(front, number), front.clock()
    try:
        if label != Label():
            front.store.run(lambda tx: give(tx, front.desk, front.judge(), case_id, caller.name, label, now))
    except TriageError as refused:
        return case.page(request, front, caller, number, said=tell(request, caller, refused), status=409)
    return case.page(request, front, caller, number)
