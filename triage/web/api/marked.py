"""Many cases at once for programs: one action for all, and the way back."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from triage import several
from triage.web.access import Agent
from triage.web.api.shapes import Given, told
from triage.web.front import RowId, TheFront

router = APIRouter(prefix="/marked", responses=told(401, 403, 409), tags=["act"])


class MarkedGiven(Given):
    """Cases and what is done to all of them; `to` belongs to assign ("" for nobody), `until` to snooze."""

    numbers: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(min_length=1, max_length=several.MOST)
    action: Literal["take", "resolve", "reopen", "snooze", "wake", "assign"]
    to: str = Field("", max_length=60)
    until: AwareDatetime | None = None


class DoneShape(BaseModel):
    """What was done: `changed` cases, while `left` stayed as they were; `id` undoes it, and is 0 for an undo."""

    id: int
    action: str
    changed: int
    left: int


@router.post("", operation_id="changeCases", responses=told(404))
def act(front: TheFront, caller: Agent, given: MarkedGiven) -> DoneShape:
    """Do one thing to many cases in one transaction; with a number that is none, nothing is done."""
    ids = [front.case_id(number) for number in given.numbers]
    now, to, until = front.clock(), given.to, given.until
    doing = several.act
    return DoneShape(
        **asdict(front.store.run(lambda tx: doing(tx, front.desk, ids, given.action, caller.name, now, to, until)))
    )


@router.post("/{done}/undo", operation_id="undoChange")
def undo(front: TheFront, caller: Agent, done: RowId) -> DoneShape:
    """Take back what the caller's user did to many cases, once; those that changed since stay as they are."""
    now = front.clock()
    return DoneShape(**asdict(front.store.run(lambda tx: several.undo(tx, done, caller.name, now))))
