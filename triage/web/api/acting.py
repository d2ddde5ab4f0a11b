"""What programs may do: what agents do on the pages, by the same functions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header

from triage import agents, reverting, snoozing
from triage.case import Case
from triage.shapes import CaseShape, NoteShape, ReplyShape, of_case, of_note, of_reply
from triage.store import Tx
from triage.store import cases as stored
from triage.store.cases import Filters
from triage.web.access import Agent
from triage.web.api.reading import check_unchanged
from triage.web.api.shapes import IfMatch, NoteGiven, ReplyGiven, SnoozeGiven, told
from triage.web.front import Front, TheFront

router = APIRouter(responses=told(401, 403, 404, 409, 412), tags=["act"])


@router.post("/next", operation_id="takeNext")
def take_next(front: TheFront, caller: Agent) -> CaseShape | None:
    """Take the first case that is nobody's, and return it; null when there is none."""
    now = front.clock()
    found = front.store.run(lambda tx: stored.take_next(tx, caller.name, Filters(), now))
    return of_case(found) if found else None


@router.post("/cases/{number}/take", operation_id="takeCase")
def take(front: TheFront, caller: Agent, number: str, if_match: IfMatch = None) -> CaseShape:
    """Take a case: it is the caller's."""
    return _act(front, number, if_match, lambda tx, case_id: stored.take(tx, case_id, caller.name, front.clock()))


@router.post("/cases/{number}/resolve", operation_id="resolveCase")
def resolve(front: TheFront, caller: Agent, number: str, if_match: IfMatch = None) -> CaseShape:
    """Close a case: nothing is left to do."""
    return _act(
        front, number, if_match, lambda tx, id_: agents.resolve(tx, front.desk, id_, caller.name, front.clock())
    )


@router.post("/cases/{number}/reopen", operation_id="reopenCase")
def reopen(front: TheFront, caller: Agent, number: str, if_match: IfMatch = None) -> CaseShape:
    """Bring a case back into the list."""
    return _act(front, number, if_match, lambda tx, case_id: stored.reopen(tx, case_id, caller.name, front.clock()))


@router.post("/cases/{number}/snooze", operation_id="snoozeCase")
def snooze(front: TheFront, caller: Agent, number: str, given: SnoozeGiven, if_match: IfMatch = None) -> CaseShape:
    """Put a case off; it comes back by itself at `snoozed_until`, or when the customer writes."""
    doing = snoozing.snooze
    return _act(front, number, if_match, lambda tx, id_: doing(tx, id_, given.until, caller.name, front.clock()))


@router.post("/cases/{number}/wake", operation_id="wakeCase")
def wake(front: TheFront, caller: Agent, number: str, if_match: IfMatch = None) -> CaseShape:
    """Bring a case back into the list that was put off."""
    return _act(front, number, if_match, lambda tx, case_id: snoozing.wake(tx, case_id, caller.name, front.clock()))


@router.post("/cases/{number}/replies", operation_id="replyToCase", status_code=201)
def reply(
    front: TheFront,
    caller: Agent,
    number: str,
    given: ReplyGiven,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=100, description="Unique for this reply.")],
    if_match: IfMatch = None,
) -> ReplyShape:
    """Answer the customer where she wrote last; the same `Idempotency-Key` again returns the same reply."""
    wanted = agents.Answer(
        text=given.text,
        key=f"api:{idempotency_key}",
        seen=given.seen,
        after=timedelta(seconds=given.after_seconds),
        resolve=given.resolve,
        in_public=given.in_public,
    )
    case_id, now = front.case_id(number), front.clock()

    def work(tx: Tx) -> ReplyShape:
        if not agents.was_said(tx, case_id, wanted.key):  # a repeated request finds the case changed by the first
            check_unchanged(tx, case_id, if_match)
        return of_reply(agents.answer(tx, front.desk, case_id, caller.name, wanted, now)[1])

    return front.store.run(work)


@router.delete("/cases/{number}/replies/{reply_id}", operation_id="withdrawReply")
def withdraw(front: TheFront, caller: Agent, number: str, reply_id: int) -> CaseShape:
    """Take back an answer that was not sent yet."""
    doing = reverting.withdraw
    return _act(front, number, None, lambda tx, case_id: doing(tx, case_id, reply_id, caller.name, front.clock()))


@router.post("/cases/{number}/notes", operation_id="noteOnCase", status_code=201)
def note(front: TheFront, caller: Agent, number: str, given: NoteGiven) -> NoteShape:
    """Write a note down, for agents only."""
    case_id, now = front.case_id(number), front.clock()
    return of_note(front.store.run(lambda tx: agents.note(tx, front.desk, case_id, caller.name, given.text, now)))


def _act(front: Front, number: str, if_match: str | None, action: Callable[[Tx, int], Case]) -> CaseShape:
    case_id = front.case_id(number)

    def work(tx: Tx) -> Case:
        check_unchanged(tx, case_id, if_match)
        return action(tx, case_id)

    return of_case(front.store.run(work))
