"""What helps a program, or the agent behind it, with one case; and what it says of the verdict."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from triage import helping
from triage.case import Role, Urgency
from triage.labelling import Label, give
from triage.shapes import CaseShape, of_case
from triage.store import Tx
from triage.store import cases as stored
from triage.web.access import Agent, needs
from triage.web.api.reading import check_unchanged
from triage.web.api.shapes import IfMatch, LabelGiven, told
from triage.web.front import TheFront

router = APIRouter(prefix="/cases/{number}", responses=told(401, 403, 404), tags=["help"])
READS = [needs(Role.READ_ONLY)]


class LinkShape(BaseModel):
    """Where a transaction or an address can be looked up; nobody fetched it."""

    value: str
    chain: str
    url: str


class FactsShape(BaseModel):
    """What a case names exactly, by kind; where to look that up; what its handling still needs."""

    references: dict[str, list[str]]
    links: list[LinkShape]
    missing: list[str]


class LikeShape(BaseModel):
    """A solved case that is like another; `nearness` is 0 to 1, `answer` what an agent said last."""

    number: str
    summary: str
    language: str
    nearness: float
    answer: str


@router.get("/facts", operation_id="getFacts", dependencies=READS)
def facts(front: TheFront, number: str) -> FactsShape:
    """Return what the customer named, where it can be looked up, and what is still missing."""
    with front.store.read() as tx:
        found = helping.facts(tx, stored.present(tx, front.case_id(number)))
    links = [LinkShape(**asdict(link)) for link in found.links]
    return FactsShape(references=found.references.named(), links=links, missing=list(found.missing))


@router.get("/similar", operation_id="listSimilar", dependencies=READS)
def similar(front: TheFront, number: str) -> list[LikeShape]:
    """Return the solved cases most like this one, nearest first, with their answers."""
    with front.store.read() as tx:
        found = helping.solved_like(tx, stored.present(tx, front.case_id(number)))
    return [LikeShape(**asdict(one)) for one in found]


@router.post("/corrections", operation_id="correctCase", responses=told(409, 412))
def correct(
    front: TheFront,
    caller: Agent,
    number: str,
    given: LabelGiven,
    if_match: IfMatch = None,
) -> CaseShape:
    """Correct or confirm what the model said; it stays so, whatever the model says later."""
    case_id, now = front.case_id(number), front.clock()
    label = Label(
        category=given.category or None,
        topic=given.topic or None,
        urgency=Urgency[given.urgency.upper()] if given.urgency else None,
    )

    def work(tx: Tx) -> CaseShape:
        check_unchanged(tx, case_id, if_match)
        return of_case(give(tx, front.desk, front.judge(), case_id, caller.name, label, now))

    return front.store.run(work)
