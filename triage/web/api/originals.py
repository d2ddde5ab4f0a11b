"""What came in, for programs: a whole message; and for those of a team lead, originals that were sealed."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from triage import originals
from triage.case import Role
from triage.web.access import Caller, needs
from triage.web.api.reading import number_to_id
from triage.web.api.shapes import told
from triage.web.front import Front, front_of

router = APIRouter(responses=told(401, 403, 404, 409), tags=["read"])


class BoxShape(BaseModel):
    """One original in a box that only the desk's offline key opens: `triage seal open`."""

    id: str
    received_at: str
    sealed: str


class FileShape(BaseModel):
    """A file that came with a message; `text` is the beginning of what a file of text says."""

    name: str
    content_type: str
    size: int
    text: str


class WholeShape(BaseModel):
    """A message as it came in, its secrets replaced; `html` only where no plain text came."""

    headers: list[tuple[str, str]]
    subject: str
    text: str
    html: str
    attachments: list[FileShape]


@router.get("/cases/{number}/messages/{message}", operation_id="getMessage")
def message(
    front: Annotated[Front, Depends(front_of)],
    caller: Annotated[Caller, needs(Role.READ_ONLY)],
    number: str,
    message: int,
) -> WholeShape:
    """Return a message with its headers and all that it quotes."""
    del caller
    case_id = number_to_id(front, number)
    with front.store.read() as tx:
        found = originals.message(tx, case_id, message)
    files = [FileShape(**asdict(one)) for one in found.attachments]
    same = {name: getattr(found, name) for name in ("subject", "text", "html")}
    return WholeShape(headers=list(found.headers), attachments=files, **same)


@router.get("/cases/{number}/sealed", operation_id="takeSealed")
def sealed(
    front: Annotated[Front, Depends(front_of)], caller: Annotated[Caller, needs(Role.LEAD)], number: str
) -> list[BoxShape]:
    """Return the sealed originals of a case, oldest first; the audit notes who took them. 409 when there are none."""
    case_id, now = number_to_id(front, number), front.clock()
    found = front.store.run(lambda tx: originals.take(tx, case_id, caller.name, now))
    return [BoxShape(**asdict(box)) for box in found]
