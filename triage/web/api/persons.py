"""Who the customer of a case is: what programs read of her, and may say of her addresses."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from triage import identities
from triage.case import Role
from triage.message import Address
from triage.shapes import CaseShape, of_case
from triage.store import Tx
from triage.web.access import Agent, needs
from triage.web.api.shapes import Given, Plain, told
from triage.web.front import TheFront

router = APIRouter(prefix="/cases/{number}/person", responses=told(401, 403, 404), tags=["persons"])


class AddressShape(BaseModel):
    """Where somebody writes from: "email:ada@example.org", "telegram:42"."""

    address: str
    name: str
    handle: str


class PersonShape(BaseModel):
    """The person of a case: her addresses, the oldest first, and ten of her other cases, the newest first."""

    addresses: list[AddressShape]
    cases: list[CaseShape]


class SuggestionShape(BaseModel):
    """A case of somebody else who may be the same person; `strength` is 0 to 1."""

    number: str
    addresses: list[AddressShape]
    why: str
    strength: float


class AddressGiven(Given):
    """An address that wrote before, as the person of its case has it."""

    address: Plain = Field(min_length=1, max_length=500)


@router.get("", operation_id="getPerson", dependencies=[needs(Role.READ_ONLY)])
def show(front: TheFront, number: str) -> PersonShape:
    """Return who the customer of the case is."""
    case_id = front.case_id(number)
    with front.store.read() as tx:
        return _shape(tx, case_id)


@router.get("/suggestions", operation_id="listSuggestions", dependencies=[needs(Role.READ_ONLY)])
def suggestions(front: TheFront, number: str) -> list[SuggestionShape]:
    """Return cases of others who may be the same person, the surest first; nothing was joined."""
    case_id = front.case_id(number)
    with front.store.read() as tx:
        found = identities.suggestions(tx, case_id)
    return [
        SuggestionShape(
            number=one.case.number,
            addresses=[_address(a) for a in one.addresses],
            why=one.why.text,
            strength=one.why.weight,
        )
        for one in found
    ]


@router.post("/link", operation_id="linkAddress", responses=told(409))
def link(front: TheFront, caller: Agent, number: str, given: AddressGiven) -> PersonShape:
    """Say that an address is hers too, with the cases in which it alone writes."""
    case_id, now = front.case_id(number), front.clock()

    def work(tx: Tx) -> PersonShape:
        identities.link(tx, given.address, case_id, caller.name, now)
        return _shape(tx, case_id)

    return front.store.run(work)


@router.post("/unlink", operation_id="unlinkAddress", responses=told(409))
def unlink(front: TheFront, caller: Agent, number: str, given: AddressGiven) -> PersonShape:
    """Say that an address of hers is somebody else's, with the cases in which it alone writes."""
    case_id, now = front.case_id(number), front.clock()

    def work(tx: Tx) -> PersonShape:
        identities.unlink(tx, given.address, caller.name, now, case_id)
        return _shape(tx, case_id)

    return front.store.run(work)


def _shape(tx: Tx, case_id: int) -> PersonShape:
    found = identities.person(tx, case_id)
    return PersonShape(addresses=[_address(a) for a in found.addresses], cases=[of_case(one) for one in found.cases])


def _address(address: Address) -> AddressShape:
    return AddressShape(address=address.key, name=address.name, handle=address.handle)
