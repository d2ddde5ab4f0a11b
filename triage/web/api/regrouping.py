"""What programs may do about messages in the wrong case: merge, split, move, link, and take it back."""

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import Field

from triage import regrouping, undoing
from triage.case import Case
from triage.shapes import CaseShape, of_case
from triage.store import Tx
from triage.web.access import Agent, Caller
from triage.web.api.reading import check_unchanged
from triage.web.api.shapes import Given, IfMatch, told
from triage.web.front import Front, TheFront

router = APIRouter(responses=told(401, 403, 404, 409), tags=["regroup"])
CHANGED = told(412)


class CaseGiven(Given):
    """Another case, by its number."""

    number: str = Field(min_length=1, max_length=60)


class MessageGiven(Given):
    """A message, by its `id`."""

    message: int = Field(ge=1)


@router.post("/cases/{number}/merge", operation_id="mergeCase", responses=CHANGED)
def merge(front: TheFront, caller: Agent, number: str, given: CaseGiven, if_match: IfMatch = None) -> CaseShape:
    """Make the case a part of the given one, and return that one; what comes later for either goes there."""
    into = front.case_id(given.number)
    return _act(front, caller, number, if_match, lambda tx, by, case_id: regrouping.merge(tx, by, case_id, into))


@router.post("/cases/{number}/split", operation_id="splitCase", responses=CHANGED)
def split(front: TheFront, caller: Agent, number: str, given: MessageGiven, if_match: IfMatch = None) -> CaseShape:
    """Make one message of the case a new case of its sender, and return that."""
    doing = regrouping.split
    return _act(front, caller, number, if_match, lambda tx, by, case_id: doing(tx, by, case_id, given.message))


@router.post("/cases/{number}/link", operation_id="linkCase", responses=CHANGED)
def link(front: TheFront, caller: Agent, number: str, given: CaseGiven, if_match: IfMatch = None) -> CaseShape:
    """Say that the case has to do with the given one; both stay cases of their own."""
    other = front.case_id(given.number)
    return _act(front, caller, number, if_match, lambda tx, by, case_id: regrouping.link(tx, by, case_id, other))


@router.post("/cases/{number}/undo", operation_id="undoRegrouping", responses=CHANGED)
def undo(front: TheFront, caller: Agent, number: str, if_match: IfMatch = None) -> CaseShape:
    """Take back the last merge, split, move or link of the case, and return the case that it began with."""
    return _act(front, caller, number, if_match, lambda tx, by, case_id: undoing.undo(tx, by, case_id)[0])


@router.post("/messages/{message}/move", operation_id="moveMessage")
def move(front: TheFront, caller: Agent, message: int, given: CaseGiven) -> CaseShape:
    """Put one message into the given case, and return that; answers to the message go there too."""
    return _act(front, caller, given.number, None, lambda tx, by, case_id: regrouping.move(tx, by, message, case_id))


def _act(
    front: Front,
    caller: Caller,
    number: str,
    if_match: str | None,
    action: Callable[[Tx, regrouping.Agent, int], Case],
) -> CaseShape:
    case_id = front.case_id(number)
    by = regrouping.Agent(desk=front.desk, who=caller.name, now=front.clock())

    def work(tx: Tx) -> Case:
        check_unchanged(tx, case_id, if_match)
        return action(tx, by, case_id)

    return of_case(front.store.run(work))
