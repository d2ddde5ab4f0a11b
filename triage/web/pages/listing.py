"""The ranked list: what to do next comes first, and why."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError

from triage.case import Role, Status, Urgency
from triage.shapes import csv_of_cases
from triage.store import Tx, people, users, views
from triage.store import cases as stored
from triage.store.cases import Filters
from triage.store.lists import open_by_urgency
from triage.web.access import Agent, Caller, Reader, needs
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter()

PAGE = 50
"""Cases shown at once; more come as the agent scrolls."""

MOST = 500
"""Cases that a live update brings anew: what was scrolled through stays where it is."""


TABLE = 5_000
"""Cases in a table for spreadsheets."""


class Asked(BaseModel):
    """Which cases the page shows, as it stands in the address.

    Attributes:
        after: The last place of the page before, "ORDER_KEY.ID".
        count: How many rows the page shows already, and wants anew; 0 for a page of them.
    """

    status: Status | Literal["any"] = Status.OPEN
    channel: str = ""
    category: str = ""
    topic: str = ""
    urgency: str = ""
    language: str = ""
    assignee: str = ""
    unassigned: bool = False
    overdue: bool = False
    escalated: bool = False
    snoozed: bool = False
    incident: str = ""
    text: str = Field("", max_length=300)
    after: str = ""
    count: int = Field(0, exclude=True)

    def filters(self, now: datetime) -> Filters:
        """Return them as the store knows them; a word that is none filters nothing.

        What is put off is not shown but alone; whoever looks for words finds it too.
        """
        hides = not self.snoozed and not self.text.strip()
        return Filters(
            status=None if self.status == "any" else self.status,
            channel=self.channel,
            category=self.category,
            topic=self.topic,
            urgency=Urgency.__members__.get(self.urgency.upper()),
            language=self.language,
            assignee=self.assignee,
            unassigned=self.unassigned,
            late_at=now if self.overdue else None,
            escalated=self.escalated,
            awake_at=now if hides else None,
            snoozed_at=now if self.snoozed else None,
            text=self.text.strip(),
            incident=int(self.incident) if _is_number(self.incident) else None,
        )

    def place(self) -> tuple[int, int] | None:
        """Return the last place of the page before."""
        key, _, case_id = self.after.partition(".")
        return (int(key), int(case_id)) if _is_number(key.removeprefix("-")) and _is_number(case_id) else None

    def address(self, **other: object) -> str:
        """Return the query of an address with these and `other` values; what is empty is left out."""
        values = self.model_dump(mode="json") | other
        return urlencode({name: value for name, value in values.items() if value and value != "open"})


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= 18


def asked_in(query: str) -> Asked:
    """Return what the query of an address asks for; nothing in particular when it is none of ours."""
    try:
        return Asked.model_validate(dict(parse_qsl(query.removeprefix("?"))))
    except ValidationError:
        return Asked()


@router.get("/", name="cases")
def show(
    request: Request,
    front: TheFront,
    caller: Reader,
    asked: Annotated[Asked, Query()],
) -> Response:
    """Show the list, or only its rows when a part of the page asks."""
    now, part = front.clock(), request.headers.get("hx-request")
    count = min(max(asked.count, PAGE), MOST)
    with front.store.read() as tx:
        found = stored.top(tx, asked.filters(now), count + 1, asked.place())
        about = {} if part else _about(tx, caller)
        names = people.names(tx, {case.person_id for case in found})
    more = found[count - 1] if len(found) > count else None
    after = f"{more.place.order_key}.{more.id}" if more else ""
    return render(
        request,
        "_rows.html" if part else "cases.html",
        caller=caller,
        found=found[:count],
        names=names,
        asked=asked,
        after=after,
        urgencies=list(Urgency),
        categories=front.categories,
        **about,
    )


def _about(tx: Tx, caller: Caller) -> dict[str, Any]:
    """Return what the page shows around its rows."""
    own = views.of_user(tx, caller.user.id)
    return {"totals": open_by_urgency(tx), "views": own, "agents": users.who_work(tx)}


@router.get("/cases.csv", name="cases_table", dependencies=[needs(Role.READ_ONLY)])
def table(front: TheFront, asked: Annotated[Asked, Query()]) -> Response:
    """Return the cases of the same address as a table for spreadsheets, at most `TABLE` of them."""
    with front.store.read() as tx:
        found = stored.top(tx, asked.filters(front.clock()), TABLE, asked.place())
    headers = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    return Response(csv_of_cases(found), media_type="text/csv", headers=headers)


@router.post("/next", name="next_case")
def take_next(request: Request, front: TheFront, caller: Agent) -> Response:
    """Take the first case that is nobody's, and lead to it."""
    now = front.clock()
    case = front.store.run(lambda tx: stored.take_next(tx, caller.name, Filters(), now))
    route = request.url_for("case", number=case.number) if case else request.url_for("cases")
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": route.path})
    return RedirectResponse(route.path, 303)
