"""Cases, and what belongs to one."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from triage.store.columns import Big, Row, json, key, moment, numbered, of, words
from triage.store.tables.options import COMPACT, NUMBERED, some


def _list(*columns: str, status: str = "open") -> Index:
    """Return an index that serves one filter of the ranked list, in the list's order."""
    name = "_".join((status, *columns))
    return some(name, f"status = '{status}'", *columns, "order_key", "id", table="cases")


class CaseRow(Row, table=True):
    """A case; the columns that lists filter and sort by stand beside the whole verdict and place as JSON."""

    __tablename__ = "cases"
    __table_args__ = (
        _list(),
        _list("channel"),
        _list("category"),
        _list("assignee"),
        _list("urgency"),
        _list("topic"),
        _list("language"),
        some("open_escalated", "status = 'open' AND escalated", "order_key", "id", table="cases"),
        _list(status="answered"),
        _list(status="resolved"),
        _list(status="merged"),
        some("snoozed", "status = 'open' AND snoozed_until IS NOT NULL", "order_key", "id", table="cases"),
        some("wakes", "status = 'open' AND snoozed_until IS NOT NULL", "snoozed_until", table="cases"),
        some("merged_into", "merged_into IS NOT NULL", "merged_into", table="cases"),
        some("first_answered_at", "first_answered_at IS NOT NULL", "first_answered_at", table="cases"),
        some(
            "solved", "status = 'resolved' AND first_answered_at IS NOT NULL", "topic", "category", "id", table="cases"
        ),
        some("promise_running", "promise_state = 'running'", "promised_by", "id", table="cases"),
        some("promise_late", "status = 'open' AND promise_state = 'broken'", "promised_by", table="cases"),
        Index(None, "person_id", "id"),
        Index(None, "number"),
    )
    id: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    number: str = words()
    status: str = words()
    person_id: int = of("persons.id")
    channel: str = words()
    kind: str = words()
    language: str = words()
    summary: str = words()
    category: str = words()
    topic: str = words()
    urgency: int
    order_key: int = Field(sa_type=BigInteger)
    due_at: datetime | None = moment(nullable=True)
    escalated: bool | None = None
    opened_at: datetime = moment()
    last_message_at: datetime = moment()
    first_unanswered_at: datetime | None = moment(nullable=True)
    resolved_at: datetime | None = moment(nullable=True)
    first_answered_at: datetime | None = moment(nullable=True)
    answered_at: datetime | None = moment(nullable=True)
    snoozed_until: datetime | None = moment(nullable=True)
    assignee: str = words()
    follow_ups: int
    repeats: int
    secret_exposed: bool
    rating: int | None = None
    claimed: int | None = None
    linked_to: int = Field(sa_type=BigInteger)
    merged_into: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    promised_at: datetime | None = moment(nullable=True)
    promised_by: datetime | None = moment(nullable=True)
    promised_ahead: int | None = None
    promise_state: str | None = words(nullable=True)
    pinned: str = json()
    verdict: str = json()
    place: str = json()


class MessageRow(Row, table=True):
    """A handled message; `original` is what else came with it.

    `new_text` is NULL where all of `text` is new, `since` where the sender waits from when we pulled it.
    """

    __tablename__ = "messages"
    __table_args__ = (Index(None, "case_id", "id"), Index(None, "stored_at", "id"), NUMBERED)
    id: int = numbered()
    case_id: int | None = of("cases.id", nullable=True)
    stored_at: datetime = moment()
    channel: str = words()
    kind: str = words()
    external_id: str = words()
    sender: str = words()
    sender_name: str = words()
    subject: str = words()
    text: str = words()
    new_text: str | None = words(nullable=True)
    language: str = words()
    received_at: datetime = moment()
    since: datetime | None = moment(nullable=True)
    sent_at: datetime | None = moment(nullable=True)
    disposition: str = words()
    why: str = json()
    acknowledged: str = words()
    redacted: str = json()
    verdict: str | None = json(nullable=True)
    attachments: str = json()
    original: str = json()


class Thread(Row, table=True):
    """An id by which an answer refers to a message, and the case it leads to. The first writer wins."""

    __tablename__ = "threads"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    case_id: int = Field(sa_type=Big)


class Participant(Row, table=True):
    """An address that wrote in a case."""

    __tablename__ = "participants"
    __table_args__ = (COMPACT,)
    case_id: int = of("cases.id", primary_key=True)
    hash: bytes = key()
    key: str = words()


class CorrectionRow(Row, table=True):
    """What an agent changed in a verdict, beside what the model had said; training data."""

    __tablename__ = "corrections"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    case_id: int = of("cases.id", index=True)
    who: str = words()
    at: datetime = moment()
    field: str = words()
    was: str = words()
    now: str = words()
    model: str = words()


class NoteRow(Row, table=True):
    """What an agent wrote down about a case, for agents only."""

    __tablename__ = "notes"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    case_id: int = of("cases.id", index=True)
    who: str = words()
    at: datetime = moment()
    text: str = words()
