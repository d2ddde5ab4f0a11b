"""What programs of a team lead may do with originals that were sealed: take them to where the key is."""

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


@router.get("/cases/{number}/sealed", operation_id="takeSealed")
def sealed(
    front: Annotated[Front, Depends(front_of)], caller: Annotated[Caller, needs(Role.LEAD)], number: str
) -> list[BoxShape]:
    """Return the sealed originals of a case, oldest first; the audit notes who took them. 409 when there are none."""
    case_id, now = number_to_id(front, number), front.clock()
    found = front.store.run(lambda tx: originals.take(tx, case_id, caller.name, now))
    return [BoxShape(**asdict(box)) for box in found]
