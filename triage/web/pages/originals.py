"""What came in, as files: a whole message, and the sealed originals that a team lead takes to where the key is."""

import json
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from triage import originals
from triage.case import Role
from triage.web.access import Caller, needs
from triage.web.front import Front, front_of
from triage.web.pages import case_id_or_404

router = APIRouter(prefix="/cases/{number}")


@router.get("/messages/{message}.txt", name="message")
def message(
    front: Annotated[Front, Depends(front_of)],
    caller: Annotated[Caller, needs(Role.READ_ONLY)],
    number: str,
    message: int,
) -> Response:
    """Return a message with its headers and all that it quotes, as text that no browser renders."""
    del caller
    case_id = case_id_or_404(front, number)
    with front.store.read() as tx:
        whole = originals.written(originals.message(tx, case_id, message))
    headers = {"Content-Disposition": f'attachment; filename="{number}-{message}.txt"'}
    return Response(whole.encode("utf-8", "replace"), media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/sealed.jsonl", name="sealed")
def sealed(
    front: Annotated[Front, Depends(front_of)], caller: Annotated[Caller, needs(Role.LEAD)], number: str
) -> Response:
    """Return the file that `triage seal open` reads; the audit notes who took it."""
    case_id, now = case_id_or_404(front, number), front.clock()
    found = front.store.run(lambda tx: originals.take(tx, case_id, caller.name, now))
    lines = "".join(f"{json.dumps(asdict(box))}\n" for box in found)
    disposition = f'attachment; filename="{number}-sealed.jsonl"'
    return Response(lines, media_type="application/jsonl", headers={"Content-Disposition": disposition})
