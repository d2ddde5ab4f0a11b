"""Messages in the wrong case, on its page: merge, split, move, link, and take it back, each with one key."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from triage import regrouping, undoing
from triage.case import Case
from triage.errors import TriageError
from triage.store import Tx
from triage.web.access import Agent, Caller
from triage.web.front import front_of
from triage.web.pages import case, tell

router = APIRouter(prefix="/cases/{number}")
Other = Annotated[str, Form(max_length=60)]
MessageId = Annotated[int, Form(ge=1)]


@router.post("/merge", name="merge")
def merge(request: Request, caller: Agent, number: str, other: Other = "") -> Response:
    """Make the case a part of another, and lead there."""
    return _act(
        request,
        caller,
        number,
        lambda tx, by, case_id: regrouping.merge(tx, by, case_id, _id_of(request, other)),
    )


@router.post("/split", name="split")
def split(request: Request, caller: Agent, number: str, message: MessageId) -> Response:
    """Make a message a case of its own, and lead there."""
    return _act(request, caller, number, lambda tx, by, case_id: regrouping.split(tx, by, case_id, message))


@router.post("/move", name="move")
def move(request: Request, caller: Agent, number: str, message: MessageId, other: Other = "") -> Response:
    """Put a message into another case, and lead there."""
    return _act(request, caller, number, lambda tx, by, _: regrouping.move(tx, by, message, _id_of(request, other)))


@router.post("/link", name="link")
def link(request: Request, caller: Agent, number: str, other: Other = "") -> Response:
    """Say that the case has to do with another."""
    return _act(
        request,
        caller,
        number,
        lambda tx, by, case_id: regrouping.link(tx, by, case_id, _id_of(request, other)),
    )


@router.post("/undo", name="undo_regrouping")
def undo(request: Request, caller: Agent, number: str) -> Response:
    """Take back the last of these, and lead to the case that it began with."""
    return _act(request, caller, number, lambda tx, by, case_id: undoing.undo(tx, by, case_id)[0])


def _id_of(request: Request, number: str) -> int:
    return front_of(request).case_id(number)


def _act(
    request: Request, caller: Caller, number: str, action: Callable[[Tx, regrouping.Agent, int], Case]
) -> Response:
    """Do it and show the case that is meant now, or say on the page why it cannot be done."""
    front = front_of(request)
    case_id = front.case_id(number)
    by = regrouping.Agent(desk=front.desk, who=caller.name, now=front.clock())
    try:
        after = front.store.run(lambda tx: action(tx, by, case_id))
    except TriageError as refused:
        return case.page(request, front, caller, number, said=tell(request, caller, refused))
    if after.id == case_id:
        return case.page(request, front, caller, number)
    there = request.url_for("case", number=after.number).path
    return Response(status_code=204, headers={"HX-Redirect": there})
