"""What came in, as files: a whole message, and the sealed originals that a team lead takes to where the key is."""

import json
from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import Response

from triage import originals
from triage.case import Role
from triage.web.access import Lead, needs
from triage.web.front import TheFront

router = APIRouter(prefix="/cases/{number}")


@router.get("/messages/{message}.txt", name="message", dependencies=[needs(Role.READ_ONLY)])
def message(
    front: TheFront,
    number: str,
    message: int,
) -> Response:
    """Return a message with its headers and all that it quotes, as text that no browser renders."""
    case_id = front.case_id(number)
    with front.store.read() as tx:
        whole = originals.written(originals.message(tx, case_id, message))
    headers = {"Content-Disposition": f'attachment; filename="{number}-{message}.txt"'}
    return Response(whole.encode("utf-8", "replace"), media_type="text/plain; charset=utf-8", headers=headers)


@router.get("/sealed.jsonl", name="sealed")
def sealed(front: TheFront, caller: Lead, number: str) -> Response:
    """Return the file that `triage seal open` reads; the audit notes who took it."""
    case_id, now = front.case_id(number), front.clock()
    found = front.store.run(lambda tx: originals.take(tx, case_id, caller.name, now))
    lines = "".join(f"{json.dumps(asdict(box))}\n" for box in found)
    disposition = f'attachment; filename="{number}-sealed.jsonl"'
    return Response(lines, media_type="application/jsonl", headers={"Content-Disposition": disposition})
