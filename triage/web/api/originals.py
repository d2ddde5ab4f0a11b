"""What came in, for programs: a whole message; and for those of a team lead, originals that were sealed."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel

from triage import originals
from triage.case import Role
from triage.web.access import Lead, needs
from triage.web.api.shapes import told
from triage.web.front import TheFront

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


@router.get("/cases/{number}/messages/{message}", operation_id="getMessage", dependencies=[needs(Role.READ_ONLY)])
def message(
    front: TheFront,
    number: str,
    message: int,
) -> WholeShape:
    """Return a message with its headers and all that it quotes."""
    case_id = front.case_id(number)
    with front.store.read() as tx:
        found = originals.message(tx, case_id, message)
    files = [FileShape(**asdict(one)) for one in found.attachments]
    same = {name: getattr(found, name) for name in ("subject", "text", "html")}
    return WholeShape(headers=list(found.headers), attachments=files, **same)


@router.get("/cases/{number}/sealed", operation_id="takeSealed")
def sealed(front: TheFront, caller: Lead, number: str) -> list[BoxShape]:
    """Return the sealed originals of a case, oldest first; the audit notes who took them. 409 when there are none."""
    case_id, now = front.case_id(number), front.clock()
    found = front.store.run(lambda tx: originals.take(tx, case_id, caller.name, now))
    return [BoxShape(**asdict(box)) for box in found]
