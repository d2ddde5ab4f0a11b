"""Who hunts our customers: contacts that they report, and that pitches lead to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from triage.store import impostors
from triage.web.access import Reader
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter(prefix="/impostors")

SHOWN = 100


@router.get("", name="impostors")
def show(
    request: Request,
    front: TheFront,
    caller: Reader,
    text: Annotated[str, Query(max_length=200)] = "",
    contact: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Show the contacts that were named last, with a text in them if asked, and where one of them was named."""
    with front.store.read() as tx:
        found = impostors.listing(tx, text=text, limit=SHOWN)
        sighted = impostors.sighted(tx, contact, SHOWN) if contact else []
    return render(request, "impostors.html", caller=caller, found=found, text=text, contact=contact, sighted=sighted)
