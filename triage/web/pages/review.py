"""Review: the cases of which the model is least sure; one key is a label, and the next case comes."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from triage.case import Urgency
from triage.labelling import LOOKED_BACK, Label, give, queue
from triage.web.access import Agent
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter(prefix="/review")

AT_ONCE = 20


@router.get("", name="review")
def show(
    request: Request, front: TheFront, caller: Agent, skip: Annotated[int, Query(ge=0, le=AT_ONCE)] = 0
) -> Response:
    """Show the case that teaches most, after `skip` others."""
    with front.store.read() as tx:
        asked = queue(tx, caller.name, front.clock() - LOOKED_BACK, AT_ONCE)
    one = asked[skip] if skip < len(asked) else None
    levels = list(zip("chnl", reversed(Urgency), strict=True))
    values: dict[str, Any] = {"one": one, "left": len(asked) - skip, "skip": skip, "levels": levels}
    return render(request, "review.html", caller=caller, categories=front.judge().categories, **values)


@router.post("/{number}", name="label")
def label(
    request: Request,
    front: TheFront,
    caller: Agent,
    number: str,
    category: Annotated[str, Form()] = "",
    urgency: Annotated[str, Form()] = "",
    skip: Annotated[int, Form()] = 0,
) -> Response:
    """Write down a category, an urgency, or both, and go on to the next case."""
    said = Label(category=category or None, urgency=Urgency.__members__.get(urgency.upper()))
    case_id, now = front.case_id(number), front.clock()
    if said != Label():
        front.store.run(lambda tx: give(tx, front.desk, front.judge(), case_id, caller.name, said, now))
    where = request.url_for("review").path + (f"?skip={skip}" if skip > 0 else "")
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)
