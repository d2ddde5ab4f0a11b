"""What goes out."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from triage.store.columns import Big, Row, json, key, moment, numbered, of, words
from triage.store.tables.options import COMPACT, NUMBERED, some


class OutboxRow(Row, table=True):
    """A reply and how far it got: queued, sending, then sent, unknown or refused; or withdrawn before it went."""

    __tablename__ = "outbox"
    __table_args__ = (
        some("unsent", "state <> 'sent'", "state", "channel", "id"),
        some("automatic_to", "kind <> 'answer'", "to_hash", "created_at"),
        some("domain", "domain_hash IS NOT NULL", "domain_hash", "created_at"),
        NUMBERED,
    )
    id: int = numbered()
    key: str = words(unique=True)
    kind: str = words()
    channel: str = words()
    state: str = words()
    case_id: int | None = Field(default=None, sa_type=Big, nullable=True, index=True)
    to_hash: bytes = Field(sa_type=LargeBinary)
    domain_hash: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    created_at: datetime = moment()
    not_before: datetime = moment()
    changed_at: datetime = moment()
    attempts: int = 0
    why: str = words()
    known_as: str = json()
    reply: str = json()


class PaceRow(Row, table=True):
    """How many automatic replies were sent in each second of the last minute, as JSON pairs."""

    __tablename__ = "pace"
    __table_args__ = (COMPACT,)
    name: str = words(primary_key=True)
    spent: str = json()


class BounceRow(Row, table=True):
    """A reply that came back: the far side's status and words, and whether its address is dead."""

    __tablename__ = "bounces"
    __table_args__ = (COMPACT,)
    outbox_id: int = of("outbox.id", primary_key=True)
    at: datetime = moment()
    status: str = words()
    why: str = words()
    dead: bool


class DeadAddressRow(Row, table=True):
    """An address whose mail comes back for good."""

    __tablename__ = "dead_addresses"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    since: datetime = moment()
    why: str = words()
