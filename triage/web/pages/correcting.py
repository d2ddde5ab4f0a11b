"""Correcting a verdict on the page of its case: one key, one word."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from triage.case import Case, Urgency
from triage.labelling import Label, give
from triage.store import Tx
from triage.web.access import Agent
from triage.web.front import TheFront
from triage.web.pages import case, refusal

router = APIRouter(prefix="/cases/{number}")


@router.post("/correct", name="correct")
def correct(
    request: Request,
    front: TheFront,
    caller: Agent,
    number: str,
    category: Annotated[str, Form()] = "",
    topic: Annotated[str, Form()] = "",
    urgency: Annotated[str, Form()] = "",
) -> Response:
    """Write down what the agent says of the case; it stays so, whatever the model says later."""
    label = Label(category=category or None, topic=topic or None, urgency=Urgency.__members__.get(urgency.upper()))
    case_id, now = front.case_id(number), front.clock()

    def work(tx: Tx) -> Case:
        return give(tx, front.desk, front.judge(), case_id, caller.name, label, now)

    said = refusal(request, caller, work) if label != Label() else ""
    return case.page(request, front, caller, number, said=said)
