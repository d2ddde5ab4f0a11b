"""What helps while an answer is written: ready answers to choose from, and how it will look to the customer."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from triage import agents, canned
from triage.store import cases as stored
from triage.web.access import Agent
from triage.web.front import TheFront
from triage.web.pages import render, tell

router = APIRouter(prefix="/cases/{number}")


@router.get("/canned", name="offer_canned")
def offer(
    request: Request, front: TheFront, caller: Agent, number: str, find: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Show the ready answers that have these words, filled for this case."""
    with front.store.read() as tx:
        case = stored.present(tx, front.case_id(number))
        found = canned.offered(tx, front.desk, case, caller.name, find)
    return render(request, "_offered.html", caller=caller, found=found)


@router.post("/preview", name="preview")
def preview(
    request: Request,
    front: TheFront,
    caller: Agent,
    number: str,
    text: Annotated[str, Form(max_length=30_000)] = "",
    in_public: Annotated[bool, Form()] = False,
) -> Response:
    """Show an answer as the customer will get it, or why it cannot go out; nothing is queued."""
    wanted = agents.Answer(text=text, key="preview", in_public=in_public)
    case_id, now = front.case_id(number), front.clock()
    reply, why = None, ""
    try:
        with front.store.read() as tx:
            reply = agents.preview(tx, front.desk, case_id, caller.name, wanted, now)
    except agents.NotAnswered as refused:
        why = tell(request, caller, refused)
    return render(request, "_preview.html", caller=caller, reply=reply, why=why)
