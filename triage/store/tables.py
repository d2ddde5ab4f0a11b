"""The tables, written once for SQLite and PostgreSQL. Nothing but `triage.store` knows them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Table, text
from sqlmodel import Field

from triage.store.columns import Big, Row, json, key, moment, numbered, of, words

NUMBERED = {"sqlite_autoincrement": True}
COMPACT = {"sqlite_with_rowid": False}


class Inbox(Row, table=True):
    """A message that waits to be handled; small and hot, emptied by the transaction that writes the result."""

    __tablename__ = "inbox"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    channel: str = words()
    received_at: datetime = moment()
    redacted: str = json()
    message: str = json()


class Attempt(Row, table=True):
    """How often handling a waiting message was begun; apart from it, because rewriting a message is dear."""

    __tablename__ = "attempts"
    inbox_id: int = Field(primary_key=True, sa_type=Big, sa_column_kwargs={"autoincrement": False})
    attempts: int


class Seen(Row, table=True):
    """A key of something that came in, for ever."""

    __tablename__ = "seen"
    __table_args__ = (COMPACT,)
    key: bytes = key()


class Cursor(Row, table=True):
    """How far a channel was read."""

    __tablename__ = "cursors"
    __table_args__ = (COMPACT,)
    channel: str = words(primary_key=True)
    cursor: str = words()
    at: datetime = moment()


class Quarantine(Row, table=True):
    """Kept, not a case: the bytes nobody could read, or the message nothing could handle."""

    __tablename__ = "quarantine"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    channel: str = words()
    kind: str = words()
    external_id: str = words()
    received_at: datetime = moment()
    quarantined_at: datetime = moment()
    why: str = words()
    original: bytes = Field(sa_type=LargeBinary)
    message: str | None = json(nullable=True)
    redacted: str = json()


class Person(Row, table=True):
    """Somebody who writes to us, from one address or several."""

    __tablename__ = "persons"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    created_at: datetime = moment()


class AddressRow(Row, table=True):
    """One address of one person; `language` is that of the last message from it that told."""

    __tablename__ = "addresses"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    key: str = words()
    person_id: int = of("persons.id", index=True)
    name: str = words()
    handle: str = words()
    language: str = words()
    language_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()


def _some(name: str, where: str, *columns: str, table: str = "outbox") -> Index:
    """Return an index of only the rows that a question is about; both databases plan with it."""
    return Index(f"ix_{table}_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))


def _list(*columns: str, status: str = "open") -> Index:
    """Return an index that serves one filter of the ranked list, in the list's order."""
    name = "_".join((status, *columns))
    return _some(name, f"status = '{status}'", *columns, "order_key", "id", table="cases")


class CaseRow(Row, table=True):
    """A case; the columns that lists filter and sort by stand beside the whole verdict and place as JSON."""

    __tablename__ = "cases"
    __table_args__ = (
        _list(),
        _list("channel"),
        _list("category"),
        _list("assignee"),
        _list("urgency"),
        _list(status="resolved"),
        Index(None, "person_id", "id"),
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
    opened_at: datetime = moment()
    last_message_at: datetime = moment()
    first_unanswered_at: datetime | None = moment(nullable=True)
    resolved_at: datetime | None = moment(nullable=True)
    assignee: str = words()
    follow_ups: int
    repeats: int
    secret_exposed: bool
    linked_to: int = Field(sa_type=BigInteger)
    pinned: str = json()
    verdict: str = json()
    place: str = json()


class MessageRow(Row, table=True):
    """A handled message; `original` is what else came with it; `new_text` is NULL where all of `text` is new."""

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


class OutboxRow(Row, table=True):
    """A reply and how far it got: queued, sending, then sent, unknown or refused."""

    __tablename__ = "outbox"
    __table_args__ = (
        _some("unsent", "state <> 'sent'", "state", "channel", "id"),
        _some("automatic", "kind <> 'answer'", "created_at"),
        _some("automatic_to", "kind <> 'answer'", "to_hash", "created_at"),
        NUMBERED,
    )
    id: int = numbered()
    key: str = words(unique=True)
    kind: str = words()
    channel: str = words()
    state: str = words()
    case_id: int | None = Field(default=None, sa_type=Big, nullable=True, index=True)
    to_hash: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = moment()
    not_before: datetime = moment()
    changed_at: datetime = moment()
    attempts: int = 0
    why: str = words()
    known_as: str = json()
    reply: str = json()


class LeaseRow(Row, table=True):
    """Who may do something alone; `epoch` grows with each holder and is checked inside each write."""

    __tablename__ = "leases"
    __table_args__ = (COMPACT,)
    name: str = words(primary_key=True)
    holder: str = words()
    epoch: int = Field(sa_type=BigInteger)
    expires_at: datetime = moment()


class HealthRow(Row, table=True):
    """How a channel is, since when, and when it last made progress."""

    __tablename__ = "channel_health"
    __table_args__ = (COMPACT,)
    channel: str = words(primary_key=True)
    state: str = words()
    why: str = words()
    since: datetime = moment()
    reported_at: datetime = moment()
    progress_at: datetime | None = moment(nullable=True)


class AuditRow(Row, table=True):
    """Who did what to which case; only ever added to."""

    __tablename__ = "audit"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    at: datetime = moment()
    who: str = words()
    action: str = words()
    case_id: int | None = Field(default=None, sa_type=Big, nullable=True, index=True)
    details: str = json()


class Counter(Row, table=True):
    """A number that only grows: the last id given out, or how many there were of something."""

    __tablename__ = "counters"
    __table_args__ = (COMPACT,)
    name: str = words(primary_key=True)
    value: int = Field(sa_type=BigInteger)


def _table(name: str) -> Table:
    return Row.metadata.tables[name]


inbox, attempts, seen = (_table(name) for name in ("inbox", "attempts", "seen"))
cursors, quarantine = (_table(name) for name in ("cursors", "quarantine"))
persons, addresses, participants = (_table(name) for name in ("persons", "addresses", "participants"))
cases, messages, threads = (_table(name) for name in ("cases", "messages", "threads"))
corrections, outbox, audit = (_table(name) for name in ("corrections", "outbox", "audit"))
leases, channel_health, counters = (_table(name) for name in ("leases", "channel_health", "counters"))
