"""A case as programs get it: the same from the command line (`--json`) and from the API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from triage.case import Case, Entry, Kept, Note, Promise, Said
from triage.rules.doubts import doubts
from triage.spreadsheets import csv_of


class PartShape(BaseModel):
    """One named part of a place in the list; the parts add up to `order_key`."""

    name: str
    seconds: int
    text: str


class PromiseShape(BaseModel):
    """A waiting time that the customer was told: from when it counts, its end, how many cases stood before this one."""

    made_at: datetime
    by: datetime
    ahead: int
    state: Kept


class CaseShape(BaseModel):
    """One case in the list."""

    number: str
    id: int
    summary: str
    channel: str
    kind: str
    language: str
    opened_at: datetime
    last_message_at: datetime
    status: str
    category: str
    topic: str
    urgency: str
    confidence: float
    reasons: list[str]
    model: str
    first_unanswered_at: datetime | None
    resolved_at: datetime | None
    first_answered_at: datetime | None
    answered_at: datetime | None
    assignee: str
    follow_ups: int
    repeats: int
    secret_exposed: bool
    rating: int | None
    claimed: int
    pinned: list[str]
    linked_to: int
    merged_into: int
    due_at: datetime
    promise: PromiseShape | None
    snoozed_until: datetime | None
    order_key: int
    why: list[PartShape]


class MessageShape(BaseModel):
    """What a customer wrote, secrets replaced, and what became of it."""

    id: int
    channel: str
    kind: str
    sender: str
    sender_name: str
    doubts: list[str]
    subject: str
    text: str
    new_text: str
    language: str
    received_at: datetime
    since: datetime
    disposition: str
    why: str
    maybe_new: bool
    acknowledged: str
    redacted: list[str]
    attachments: list[str]


class ReplyShape(BaseModel):
    """What we said, by an agent or by ourselves (`who` is empty)."""

    id: int
    kind: str
    channel: str
    who: str
    text: str
    state: str
    why: str
    at: datetime
    due: datetime


class NoteShape(BaseModel):
    """What an agent wrote down."""

    id: int
    who: str
    at: datetime
    text: str


class WholeCaseShape(CaseShape):
    """One case with everything that was said in it."""

    messages: list[MessageShape]
    replies: list[ReplyShape]
    notes: list[NoteShape]


_OF_CASE = (
    "number", "id", "summary", "channel", "kind", "language", "opened_at", "last_message_at", "first_unanswered_at",
    "resolved_at", "first_answered_at", "answered_at", "assignee", "follow_ups", "repeats", "secret_exposed", "pinned",
    "linked_to", "rating", "merged_into", "snoozed_until", "claimed",
)  # fmt: skip
_IN_TABLES = (
    "number", "status", "urgency", "category", "topic", "confidence", "channel", "language", "summary", "why", "due_at",
    "opened_at", "last_message_at", "first_answered_at", "resolved_at", "assignee", "follow_ups", "repeats",
    "secret_exposed", "rating", "claimed",
)  # fmt: skip
_OF_VERDICT = ("category", "topic", "model")


def of_case(case: Case) -> CaseShape:
    """Return a case as the list shows it."""
    return CaseShape(**_values(case))


def csv_of_cases(cases: Sequence[Case]) -> str:
    """Return cases as a table for spreadsheets, in their order."""
    rows = [_values(case) | {"why": case.verdict.reasons[0].text if case.verdict.reasons else ""} for case in cases]
    return csv_of(_IN_TABLES, [[row[name] for name in _IN_TABLES] for row in rows])


def of_whole(case: Case, history: Sequence[Entry | Said | Note]) -> WholeCaseShape:
    """Return a case with what was said in it, in and out, and the notes; each oldest first."""
    return WholeCaseShape(
        **_values(case),
        messages=[of_entry(one) for one in history if isinstance(one, Entry)],
        replies=[of_reply(one) for one in history if isinstance(one, Said)],
        notes=[of_note(one) for one in history if isinstance(one, Note)],
    )


def of_entry(entry: Entry) -> MessageShape:
    """Return one message."""
    own = {"disposition", "why", "doubts"}
    same = {name: getattr(entry, name) for name in MessageShape.model_fields if name not in own}
    doubted = list(doubts(entry.sender, entry.sender_name))
    return MessageShape(**same, disposition=entry.disposition.value, why=entry.why.text, doubts=doubted)


def of_reply(said: Said) -> ReplyShape:
    """Return one reply."""
    return ReplyShape(**{name: getattr(said, name) for name in ReplyShape.model_fields})


def of_note(note: Note) -> NoteShape:
    """Return one note."""
    return NoteShape(**{name: getattr(note, name) for name in NoteShape.model_fields})


def _promise(promise: Promise | None) -> PromiseShape | None:
    if promise is None:
        return None
    return PromiseShape(made_at=promise.made_at, by=promise.by, ahead=promise.ahead, state=promise.state)


def _values(case: Case) -> dict[str, Any]:
    return {
        **{name: getattr(case, name) for name in _OF_CASE},
        **{name: getattr(case.verdict, name) for name in _OF_VERDICT},
        "status": case.status.value,
        "urgency": case.verdict.urgency.label,
        "confidence": round(case.verdict.confidence, 3),
        "reasons": [reason.text for reason in case.verdict.reasons],
        "due_at": case.place.due_at,
        "promise": _promise(case.promise),
        "order_key": case.place.order_key,
        "why": [PartShape(name=p.name, seconds=p.seconds, text=p.text) for p in case.place.parts],
    }
