"""Ready answers: every agent reads them, a team lead writes them."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from triage.rules.canned import FACTS
from triage.rules.language import LANGUAGES
from triage.store import canned
from triage.web.access import Agent, Caller, Lead
from triage.web.front import Front, TheFront
from triage.web.pages import render

router = APIRouter(prefix="/canned")
Name = Annotated[str, Form(max_length=200)]
Language = Annotated[str, Form(max_length=35)]


@router.get("", name="canned")
def show(
    request: Request,
    front: TheFront,
    caller: Agent,
    name: Annotated[str, Query(max_length=200)] = "",
    language: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """Show every ready answer; the one that is named stands in the form."""
    return _page(request, front, caller, name, language)


@router.post("/save", name="save_canned")
def save(
    request: Request,
    front: TheFront,
    caller: Lead,
    name: Name = "",
    language: Language = "en",
    text: Annotated[str, Form(max_length=30_000)] = "",
) -> Response:
    """Keep a ready answer in a language."""
    now = front.clock()
    front.store.run(lambda tx: canned.save(tx, name, language, text, caller.name, now))
    return _page(request, front, caller)


@router.post("/remove", name="remove_canned")
def remove(request: Request, front: TheFront, caller: Lead, name: Name = "", language: Language = "") -> Response:
    """Forget a ready answer in a language."""
    now = front.clock()
    front.store.run(lambda tx: canned.remove(tx, name, language, caller.name, now))
    return _page(request, front, caller)


def _page(request: Request, front: Front, caller: Caller, name: str = "", language: str = "") -> Response:
    with front.store.read() as tx:
        found = canned.listing(tx)
    chosen = next((one for one in found if (one.name, one.language) == (name, language)), None)
    tags = sorted({*front.desk.languages, *LANGUAGES, *(one.language for one in found)})
    return render(request, "canned.html", caller=caller, found=found, chosen=chosen, languages=tags, facts=FACTS)
