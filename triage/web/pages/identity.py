"""Who the customer of a case is: her addresses, her other cases, and others who may be she."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from triage import identities
from triage.store import Tx
from triage.web.access import Agent, Caller, Reader
from triage.web.front import Front, TheFront
from triage.web.pages import refusal, render

router = APIRouter(prefix="/cases/{number}/person")
Address = Annotated[str, Form(min_length=1, max_length=500)]
Addresses = Annotated[list[Address], Form(alias="address", min_length=1, max_length=50)]


@router.get("", name="person")
def show(request: Request, front: TheFront, caller: Reader, number: str) -> Response:
    """Show the part of a case's page that tells of its person."""
    return _part(request, front, caller, number)


@router.post("/link", name="link_person")
def link(request: Request, front: TheFront, caller: Agent, number: str, addresses: Addresses) -> Response:
    """Say that these addresses are hers too."""

    def doing(tx: Tx, case_id: int) -> None:
        for address in addresses:
            identities.link(tx, _key(address), case_id, caller.name, front.clock())

    return _act(request, front, caller, number, doing)


@router.post("/unlink", name="unlink_person")
def unlink(request: Request, front: TheFront, caller: Agent, number: str, address: Address) -> Response:
    """Say that an address is somebody else's."""
    return _act(
        request,
        front,
        caller,
        number,
        lambda tx, case_id: identities.unlink(tx, address, caller.name, front.clock(), case_id),
    )


def _key(address: str) -> str:
    """Return how an address is known that somebody typed: what looks like a mail address is one."""
    typed = address.strip()
    return f"email:{typed.lower()}" if "@" in typed and ":" not in typed else typed


def _act(request: Request, front: Front, caller: Caller, number: str, doing: Callable[[Tx, int], object]) -> Response:
    case_id = front.case_id(number)
    said = refusal(request, caller, lambda tx: doing(tx, case_id))
    return _part(request, front, caller, number, said)


def _part(request: Request, front: Front, caller: Caller, number: str, said: str = "") -> Response:
    case_id = front.case_id(number)
    with front.store.read() as tx:
        person, others = identities.person(tx, case_id), identities.suggestions(tx, case_id)
    values = {"number": number, "person": person, "others": others, "said": said}
    return render(request, "_person.html", 409 if said else 200, caller=caller, **values)
