"""How cases and messages become rows, and rows become them again."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from triage.case import Case, Disposition, Entry, Kept, Promise, Status
from triage.message import Message
from triage.store.written import MESSAGE, PLACE, REASON, VERDICT, dump, load, read_words, words

_SAME_IN_CASE = (
    "id", "number", "person_id", "channel", "kind", "language", "summary", "opened_at", "last_message_at",
    "first_unanswered_at", "resolved_at", "first_answered_at", "answered_at", "assignee",
    "follow_ups", "repeats", "secret_exposed", "linked_to", "rating", "snoozed_until",
)  # fmt: skip
_SAME_IN_ENTRY = (
    "channel", "kind", "external_id", "sender", "sender_name", "subject", "text", "language",
    "received_at", "acknowledged",
)  # fmt: skip


def row_of(case: Case) -> dict[str, Any]:
    """Return the row of a case."""
    row = {name: getattr(case, name) for name in _SAME_IN_CASE}
    row["status"] = case.status.value
    row["merged_into"] = case.merged_into or None
    row["category"] = case.verdict.category
    row["topic"] = case.verdict.topic
    row["urgency"] = int(case.verdict.urgency)
    row["order_key"] = case.place.order_key
    row["due_at"] = case.place.due_at
    row["escalated"] = any(part.name == "escalated" for part in case.place.parts)
    row["claimed"] = case.claimed or None
    row["pinned"] = words(case.pinned)
    row |= _row_of_promise(case.promise)
    row["verdict"] = dump(VERDICT, case.verdict)
    row["place"] = dump(PLACE, case.place)
    return row


def case_of(row: Row[Any]) -> Case:
    """Return the case of a row."""
    return Case(
        status=Status(row.status),
        merged_into=row.merged_into or 0,
        claimed=row.claimed or 0,
        pinned=read_words(row.pinned),
        promise=_promise_of(row),
        verdict=load(VERDICT, row.verdict),
        place=load(PLACE, row.place),
        **{name: getattr(row, name) for name in _SAME_IN_CASE},
    )


def _row_of_promise(promise: Promise | None) -> dict[str, Any]:
    if promise is None:
        return dict.fromkeys(("promised_at", "promised_by", "promised_ahead", "promise_state"))
    return {
        "promised_at": promise.made_at,
        "promised_by": promise.by,
        "promised_ahead": promise.ahead,
        "promise_state": promise.state.value,
    }


def _promise_of(row: Row[Any]) -> Promise | None:
    if row.promise_state is None:
        return None
    return Promise(made_at=row.promised_at, by=row.promised_by, ahead=row.promised_ahead, state=Kept(row.promise_state))


def row_of_entry(message: Message, entry: Entry, now: datetime) -> dict[str, Any]:
    """Return the row of a handled message."""
    row = {name: getattr(entry, name) for name in _SAME_IN_ENTRY}
    row["new_text"] = None if entry.new_text == entry.text else entry.new_text
    row["case_id"] = entry.case_id or None
    row["stored_at"] = now
    row["since"] = None if entry.since == entry.received_at else entry.since
    row["sent_at"] = _within_reason(entry.sent_at)
    row["disposition"] = entry.disposition.value
    row["why"] = dump(REASON, entry.why)
    row["redacted"] = words(entry.redacted)
    row["verdict"] = None if entry.verdict is None else dump(VERDICT, entry.verdict)
    row["attachments"] = words(entry.attachments)
    row["original"] = _rest(message, entry)
    return row


def entry_of(row: Row[Any]) -> Entry:
    """Return the entry of a row."""
    return Entry(
        id=row.id,
        case_id=row.case_id or 0,
        new_text=row.text if row.new_text is None else row.new_text,
        since=row.since or row.received_at,
        sent_at=row.sent_at,
        disposition=Disposition(row.disposition),
        why=load(REASON, row.why),
        redacted=read_words(row.redacted),
        verdict=None if row.verdict is None else load(VERDICT, row.verdict),
        attachments=read_words(row.attachments),
        **{name: getattr(row, name) for name in _SAME_IN_ENTRY},
    )


def message_of(row: Row[Any]) -> Message:
    """Return the message of a row as it came in, secrets replaced."""
    return MESSAGE.validate_python({"text": row.text, **json.loads(row.original)})


def _rest(message: Message, entry: Entry) -> str:
    """Return the message as JSON, without a text that the row holds anyway."""
    if message.text and message.text == entry.text:
        return dump(MESSAGE, message, exclude={"text"}, exclude_defaults=True)
    return dump(MESSAGE, message)


def _within_reason(claimed: datetime | None) -> datetime | None:
    """Return the time a sender claims, or None for one that no calendar holds once it is in UTC (year 1, +14:00)."""
    if claimed is None:
        return None
    try:
        return claimed.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
