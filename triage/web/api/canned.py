"""Ready answers for programs, and an answer as it would go out."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from triage import agents
from triage import canned as ready
from triage.case import Role
from triage.store import canned
from triage.store import cases as stored
from triage.web.access import Agent, Lead, needs
from triage.web.api.shapes import CannedGiven, PreviewGiven, told
from triage.web.front import TheFront

router = APIRouter(responses=told(401, 403), tags=["write"])


class CannedShape(BaseModel):
    """A ready answer in one language; `who` wrote it last."""

    name: str
    language: str
    text: str
    who: str
    at: datetime


class OfferedShape(BaseModel):
    """A ready answer for one case; `filled` is its text with the places filled."""

    name: str
    language: str
    text: str
    filled: str


class PreviewShape(BaseModel):
    """An answer as the customer would get it."""

    channel: str
    to: str
    subject: str
    text: str
    language: str
    characters: int = Field(ge=0)


@router.get("/canned", operation_id="listCanned", dependencies=[needs(Role.AGENT)])
def listing(front: TheFront) -> list[CannedShape]:
    """Return every ready answer, by name and language."""
    with front.store.read() as tx:
        return [CannedShape(**asdict(one)) for one in canned.listing(tx)]


@router.post("/canned", operation_id="saveCanned", status_code=201, responses=told(409))
def save(front: TheFront, caller: Lead, given: CannedGiven) -> CannedShape:
    """Keep a ready answer in a language, in place of the one there was."""
    now = front.clock()
    kept = front.store.run(lambda tx: canned.save(tx, given.name, given.language, given.text, caller.name, now))
    return CannedShape(**asdict(kept))


@router.delete("/canned", operation_id="removeCanned", status_code=204, responses=told(409))
def remove(
    front: TheFront,
    caller: Lead,
    name: Annotated[str, Query(max_length=200)],
    language: Annotated[str, Query(max_length=35)],
) -> None:
    """Forget a ready answer in a language."""
    now = front.clock()
    front.store.run(lambda tx: canned.remove(tx, name, language, caller.name, now))


@router.get("/cases/{number}/canned", operation_id="offerCanned", responses=told(404))
def offer(
    front: TheFront, caller: Agent, number: str, find: Annotated[str, Query(max_length=100)] = ""
) -> list[OfferedShape]:
    """Return the ready answers with these words, in the customer's language, filled for the case."""
    with front.store.read() as tx:
        case = stored.present(tx, front.case_id(number))
        found = ready.offered(tx, front.desk, case, caller.name, find)
    return [OfferedShape(name=one.name, language=one.language, text=one.text, filled=text) for one, text in found]


@router.post("/cases/{number}/preview", operation_id="previewReply", responses=told(404, 409))
def preview(front: TheFront, caller: Agent, number: str, given: PreviewGiven) -> PreviewShape:
    """Return an answer as it would go out; 409 tells why it cannot. Nothing is queued."""
    case_id, now = front.case_id(number), front.clock()
    wanted = agents.Answer(text=given.text, key="preview", in_public=given.in_public)
    with front.store.read() as tx:
        reply = agents.preview(tx, front.desk, case_id, caller.name, wanted, now)
    return PreviewShape(
        channel=reply.channel,
        to=reply.to.value,
        subject=reply.subject,
        text=reply.text,
        language=reply.language,
        characters=len(reply.text.strip()),
    )
