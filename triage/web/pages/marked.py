"""One action for every case that is marked in the list, and the way back."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from triage import several, snoozing
from triage.rules.case_number import case_id_of
from triage.web.access import Agent, Caller
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter(prefix="/marked")

HOUR = timedelta(hours=1)

REFRESH = {"HX-Trigger": "changed"}
"""Tells the page to ask for its list again."""


async def _form(request: Request) -> FormData:
    """Return the form, however many rows are marked: the limit and its words are ours."""
    return await request.form(max_fields=20_000)


@router.post("/undo", name="undo_marked")
def undo(request: Request, front: TheFront, caller: Agent, done: Annotated[int, Form()]) -> Response:
    """Take back what was done to the marked cases."""
    now = front.clock()
    back = front.store.run(lambda tx: several.undo(tx, done, caller.name, now))
    return _said(request, caller, back, undone=True)


@router.post("/{action}", name="marked")
def act(
    request: Request, front: TheFront, caller: Agent, action: str, form: Annotated[FormData, Depends(_form)]
) -> Response:
    """Take, resolve, reopen, snooze (for `seconds`), wake or assign (`to`) the cases of the fields `number`."""
    found = (case_id_of(str(one), front.desk.keys) for one in form.getlist("number"))
    ids = [case_id for case_id in found if case_id is not None]
    now, to = front.clock(), str(form.get("to", ""))
    until = now + _span(str(form.get("seconds", "")))
    done = front.store.run(lambda tx: several.act(tx, front.desk, ids, action, caller.name, now, to, until))
    return _said(request, caller, done, undone=False)


def _span(seconds: str) -> timedelta:
    """Return for how long cases are put off; an hour for what is no number, never longer than `snoozing.LONGEST`."""
    given = (
        timedelta(seconds=int(seconds)) if seconds.isascii() and 0 < len(seconds) < 10 and seconds.isdigit() else HOUR
    )
    return min(given, snoozing.LONGEST)


def _said(request: Request, caller: Caller, done: several.Done, *, undone: bool) -> Response:
    answer = render(request, "_done.html", caller=caller, done=done, undone=undone)
    answer.headers.update(REFRESH)
    return answer
