"""One case: everything that was said, why it stands where it stands, and what an agent can do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from triage import agents, helping, originals, reverting, snoozing, undoing
from triage.case import Case, Entry, Role, Said, Urgency
from triage.store import Tx, audit, incidents, lists, standing, users
from triage.store import cases as stored
from triage.web.access import Agent, Caller, Reader
from triage.web.front import Front, TheFront
from triage.web.pages import refusal, render, tell

router = APIRouter(prefix="/cases/{number}")

UNDO = timedelta(seconds=10)
"""So long an answer waits before it is sent, and can be taken back."""

MOST_SHOWN = 200
"""Messages that a page shows by itself: somebody may send ten thousand in a day, and each brings the page anew."""


@router.get("", name="case")
def show(request: Request, front: TheFront, caller: Reader, number: str) -> Response:
    """Show the case."""
    return page(request, front, caller, number)


@router.post("/reply", name="reply")
def reply(  # noqa: PLR0913, PLR0917 - one parameter for each field of the form
    request: Request,
    front: TheFront,
    caller: Agent,
    number: str,
    text: Annotated[str, Form()],
    key: Annotated[str, Form()],
    seen: Annotated[int, Form()],
    resolve: Annotated[bool, Form()] = False,
    in_public: Annotated[bool, Form()] = False,
    later: Annotated[int, Form(ge=0, le=30 * 86400)] = 0,
) -> Response:
    """Queue an answer; what the agent has not seen yet is shown to her first."""
    after = max(UNDO, timedelta(seconds=later))
    wanted = agents.Answer(text=text, key=key, seen=seen, after=after, resolve=resolve, in_public=in_public)
    case_id, now = front.case_id(number), front.clock()
    try:
        front.store.run(lambda tx: agents.answer(tx, front.desk, case_id, caller.name, wanted, now))
    except agents.NotAnswered as refused:
        # Her words stay in the form.
        return page(request, front, caller, number, said=tell(request, caller, refused), draft=text)
    return page(request, front, caller, number)


@router.post("/withdraw", name="withdraw")
def withdraw(request: Request, front: TheFront, caller: Agent, number: str, reply: Annotated[int, Form()]) -> Response:
    """Take an answer back that was not sent yet; its text is in the form again."""
    case_id, now = front.case_id(number), front.clock()
    with front.store.read() as tx:
        said = (one for one in agents.history(tx, case_id) if isinstance(one, Said))
        text = next((one.text for one in said if one.id == reply), "")
    try:
        front.store.run(lambda tx: reverting.withdraw(tx, case_id, reply, caller.name, now))
    except reverting.NotWithdrawn as refused:
        return page(request, front, caller, number, said=tell(request, caller, refused))
    return page(request, front, caller, number, draft=text)


@router.post("/note", name="note")
def note(request: Request, front: TheFront, caller: Agent, number: str, text: Annotated[str, Form()]) -> Response:
    """Write a note down."""
    case_id, now = front.case_id(number), front.clock()
    front.store.run(lambda tx: agents.note(tx, front.desk, case_id, caller.name, text, now))
    return page(request, front, caller, number)


@router.post("/snooze", name="snooze")
def snooze(
    request: Request,
    front: TheFront,
    caller: Agent,
    number: str,
    seconds: Annotated[int, Form(ge=1, le=365 * 86400)] = 3600,
) -> Response:
    """Put the case off for so long."""
    case_id, now = front.case_id(number), front.clock()
    until = now + timedelta(seconds=seconds)
    said = refusal(request, caller, lambda tx: snoozing.snooze(tx, case_id, until, caller.name, now))
    return page(request, front, caller, number, said=said)


@router.post("/wake", name="wake")
def wake(request: Request, front: TheFront, caller: Agent, number: str) -> Response:
    """Bring the case back into the list."""
    case_id, now = front.case_id(number), front.clock()
    front.store.run(lambda tx: snoozing.wake(tx, case_id, caller.name, now))
    return page(request, front, caller, number)


@router.post("/assign", name="assign")
def assign(
    request: Request, front: TheFront, caller: Agent, number: str, to: Annotated[str, Form(max_length=60)] = ""
) -> Response:
    """Give the case to somebody else, or to nobody."""
    case_id, now = front.case_id(number), front.clock()
    front.store.run(lambda tx: agents.assign(tx, case_id, to, caller.name, now))
    return page(request, front, caller, number)


@router.post("/{action}", name="act")
def act(request: Request, front: TheFront, caller: Agent, number: str, action: str) -> Response:
    """Take, resolve or reopen the case."""
    doing: Callable[[Tx, int, str, datetime], Case] | None = {
        "take": stored.take,
        "resolve": lambda tx, case_id, who, now: agents.resolve(tx, front.desk, case_id, who, now),
        "reopen": stored.reopen,
    }.get(action)
    if doing is None:
        raise HTTPException(404, "there is no such action")
    case_id, now = front.case_id(number), front.clock()
    front.store.run(lambda tx: doing(tx, case_id, caller.name, now))
    return page(request, front, caller, number)


def page(request: Request, front: Front, caller: Caller, number: str, *, said: str = "", draft: str = "") -> Response:
    """Return the page of a case, or its inner part when a part of the page asks; `said`, a refusal, stands on top."""
    case_id = front.case_id(number)
    most = None if "all" in request.query_params else MOST_SHOWN
    with front.store.read() as tx:
        case, history = stored.present(tx, case_id), agents.history(tx, case_id, most)
        values = _about(tx, case, front.clock())
        shown = [one for one in history if isinstance(one, Entry)]
        earlier = values["messages"] - len(shown)
        # Only what secrets were replaced in can have been sealed.
        guarded = caller.user.role >= Role.LEAD and (earlier or any(one.redacted for one in shown))
        values["sealed"] = originals.count(tx, case_id) if guarded else 0
    newest = max((one.id for one in shown), default=0)
    name = "_case.html" if request.headers.get("hx-request") else "case.html"
    values |= {"case": case, "history": history, "earlier": earlier, "newest": newest, "said": said, "draft": draft}
    values |= {"urgencies": list(reversed(Urgency)), "categories": labels_of(front)}
    status = 409 if said else 200
    return render(request, name, status, caller=caller, key=f"{caller.name}-{newest}-{len(history)}", **values)


def _about(tx: Tx, case: Case, now: datetime) -> dict[str, Any]:
    """Return what the page tells of a case beside what was said in it."""
    done = audit.of_case(tx, case.id)
    other = stored.get(tx, case.merged_into or case.linked_to)
    last = lists.last_message(tx, case.id)
    return {
        "done": done,
        "messages": lists.said_in(tx, case.id),
        "last_act": undoing.revertible(done),
        "facts": helping.facts(tx, case),
        "like": helping.solved_like(tx, case),
        "incident": incidents.get(tx, joined) if (joined := incidents.of_case(tx, case.id)) else None,
        "other": other.number if other else "",
        "place": standing.standing(tx, case, now),
        "counted": standing.MOST,
        "in_public": last is not None and last[0].public,
        "agents": users.who_work(tx),
    }


def labels_of(front: Front) -> list[str]:
    """Return the categories that a case can be corrected to, in the order of their keys."""
    return [category for category in front.categories if category != "unsorted"]
