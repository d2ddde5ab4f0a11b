"""What is the caller's own: who she is, and her saved views. No route names a user."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, Field

from triage.store import Tx, views
from triage.web.access import Agent, Reader
from triage.web.api.shapes import After, Given, Limit, Plain, told
from triage.web.front import RowId, TheFront
from triage.web.pages.listing import asked_in

router = APIRouter(responses=told(401, 403), tags=["own"])


class CallerShape(BaseModel):
    """Whose token or session it is; `role` is what it may, never more than its user."""

    name: str
    role: str


class ViewShape(BaseModel):
    """Filters with a name; `query` is that of the list's address."""

    id: int
    name: str
    query: str


class ViewGiven(Given):
    """Filters to keep; what of `query` is no filter is left out."""

    name: Plain = Field(min_length=1, max_length=views.LONGEST_NAME)
    query: str = Field("", max_length=2_000)


@router.get("/me", operation_id="getCaller")
def caller_of_token(caller: Reader) -> CallerShape:
    """Return who asks, and with which role."""
    return CallerShape(name=caller.name, role=caller.user.role.label)


@router.get("/views", operation_id="listViews")
def listing(front: TheFront, caller: Reader, after: After = 0, limit: Limit = 100) -> list[ViewShape]:
    """Return the caller's views, in the order in which they were saved first."""
    with front.store.read() as tx:
        return [ViewShape(**asdict(one)) for one in views.some(tx, caller.user.id, limit, after)]


@router.post("/views", operation_id="saveView", responses=told(409))
def save(front: TheFront, caller: Agent, given: ViewGiven) -> list[ViewShape]:
    """Keep filters under a name, in place of those it named before, and return all of the caller's views."""
    kept = asked_in(given.query).address(after="")

    def work(tx: Tx) -> list[views.View]:
        views.save(tx, caller.user.id, given.name, kept)
        return views.of_user(tx, caller.user.id)

    return [ViewShape(**asdict(one)) for one in front.store.run(work)]


@router.delete("/views/{view}", operation_id="removeView", status_code=204)
def remove(front: TheFront, caller: Agent, view: RowId) -> None:
    """Forget a view of the caller's; another's, or none, is left alone."""
    front.store.run(lambda tx: views.remove(tx, caller.user.id, view))
