"""Filters that a user gave a name."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from triage.store import views
from triage.web.access import Agent, Caller
from triage.web.front import Front, RowId, TheFront
from triage.web.pages import render
from triage.web.pages.listing import Asked, asked_in

router = APIRouter(prefix="/views")


@router.post("", name="save_view")
def save(
    request: Request, front: TheFront, caller: Agent, name: Annotated[str, Form()], query: Annotated[str, Form()] = ""
) -> Response:
    """Keep the filters of an address under a name; what is no filter is left out."""
    kept = asked_in(query[:2000]).address(after="")
    front.store.run(lambda tx: views.save(tx, caller.user.id, name, kept))
    return _links(request, front, caller)


@router.post("/{view_id}/remove", name="remove_view")
def remove(request: Request, front: TheFront, caller: Agent, view_id: RowId) -> Response:
    """Forget a view."""
    front.store.run(lambda tx: views.remove(tx, caller.user.id, view_id))
    return _links(request, front, caller)


def _links(request: Request, front: Front, caller: Caller) -> Response:
    with front.store.read() as tx:
        own = views.of_user(tx, caller.user.id)
    return render(request, "_views.html", caller=caller, views=own, asked=Asked())
