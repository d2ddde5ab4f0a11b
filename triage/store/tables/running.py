"""How the processes are, and what was done: leases, health, audit, counters."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field

from triage.store.columns import Big, Row, json, moment, numbered, words
from triage.store.tables.options import COMPACT, NUMBERED


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
    """Who did what to which case; only ever added to. `hash` is that of this entry and of the one before it."""

    __tablename__ = "audit"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    at: datetime = moment()
    who: str = words()
    action: str = words()
    case_id: int | None = Field(default=None, sa_type=Big, nullable=True, index=True)
    details: str = json()
    hash: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)


class AuditHead(Row, table=True):
    """The end of the audit's chain; one row, locked by whoever adds to it."""

    __tablename__ = "audit_head"
    __table_args__ = (COMPACT,)
    name: str = words(primary_key=True)
    entries: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)


class Counter(Row, table=True):
    """A number that only grows: the last id given out, or how many there were of something."""

    __tablename__ = "counters"
    __table_args__ = (COMPACT,)
    name: str = words(primary_key=True)
    value: int = Field(sa_type=BigInteger)
