"""What was put aside, why, and what a lead may do with it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from triage.store import quarantine
from triage.web.access import Caller, Lead
from triage.web.front import Front, RowId, TheFront
from triage.web.pages import render

router = APIRouter(prefix="/quarantine")

SHOWN = 200


@router.get("", name="quarantine")
def show(request: Request, front: TheFront, caller: Lead) -> Response:
    """Show the newest of them."""
    return _page(request, front, caller)


@router.post("/{row}/release", name="release")
def release(request: Request, front: TheFront, caller: Lead, row: RowId) -> Response:
    """Put a message back into the inbox."""
    now = front.clock()
    front.store.run(lambda tx: quarantine.release(tx, row, now, caller.name))
    return _page(request, front, caller)


@router.post("/{row}/drop", name="drop")
def drop(request: Request, front: TheFront, caller: Lead, row: RowId) -> Response:
    """Throw one away for good."""
    now = front.clock()
    front.store.run(lambda tx: quarantine.drop(tx, row, caller.name, now))
    return _page(request, front, caller)


def _page(request: Request, front: Front, caller: Caller) -> Response:
    with front.store.read() as tx:
        found, total = quarantine.listing(tx, SHOWN), quarantine.backlog(tx)
    return render(request, "quarantine.html", caller=caller, found=found, total=total)
