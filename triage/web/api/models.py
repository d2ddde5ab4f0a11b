"""Models and what they should learn, for programs: the shelf, which one judges, the cases of which it is least sure."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from triage.case import Role
from triage.classifier import shelf
from triage.labelling import LOOKED_BACK, queue
from triage.shapes import CaseShape, of_case
from triage.web.access import Agent, Lead, needs
from triage.web.api.shapes import told
from triage.web.front import TheFront

router = APIRouter(responses=told(401, 403), tags=["models"])
READS = [needs(Role.READ_ONLY)]
Version = Annotated[str, Query(min_length=1, max_length=80)]


class ModelShape(BaseModel):
    """One model; `passed` is null for one that was never held against any, `figures` are from its card."""

    version: str
    current: bool
    usable: bool
    why_not: str
    passed: bool | None
    forced: bool
    rows: int
    corrections: int
    figures: dict[str, float]
    size: int


class UsedShape(BaseModel):
    """Which model judges `now`, and which did before; using `was` rolls back."""

    was: str
    now: str


class AskedShape(BaseModel):
    """A case that somebody should look at, `why` ("unsure", "second agent"), and what its customer wrote."""

    case: CaseShape
    text: str
    why: str


@router.get("/models", operation_id="listModels", dependencies=READS)
def listing(front: TheFront) -> list[ModelShape]:
    """Return every model, newest first."""
    names = ModelShape.model_fields
    return [ModelShape(**{name: getattr(one, name) for name in names}) for one in shelf.look(front.models)]


@router.get("/models/differences", operation_id="compareModels", dependencies=READS, responses=told(409))
def differences(front: TheFront, one: Version, other: Version) -> dict[str, Any]:
    """Return what changes from one model to the other, in percentage points, as their cards tell it."""
    return shelf.compare(front.models, one, other)


@router.post("/models/{version}/use", operation_id="useModel", responses=told(409))
def use(front: TheFront, caller: Lead, version: Annotated[str, Path(max_length=80)]) -> UsedShape:
    """Let a model judge from now on, or again; one that its gates refused needs the command line."""
    return UsedShape(was=front.use_model(version, caller.name), now=version)


@router.get("/review", operation_id="listUnsure")
def unsure(
    front: TheFront,
    caller: Agent,
    limit: Annotated[int, Query(ge=1, le=20)] = 20,
) -> list[AskedShape]:
    """Return the cases that teach most, first the one to label next; `corrections` of a case takes the label."""
    with front.store.read() as tx:
        found = queue(tx, caller.name, front.clock() - LOOKED_BACK, limit)
    return [AskedShape(case=of_case(one.case), text=one.text, why=one.why) for one in found]
