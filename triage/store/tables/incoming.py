"""What comes in: the inbox, what was seen before, how far each channel was read, the quarantine."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from triage.store.columns import Big, Row, json, key, moment, numbered, words
from triage.store.tables.options import COMPACT, NUMBERED


class Inbox(Row, table=True):
    """A message that waits to be handled; small and hot, emptied by the transaction that writes the result.

    Attributes:
        line: Whose message it is (`rules.turns`).
        turn: When it is handled, lowest first; given once.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_turn", "turn", "id"), Index("ix_inbox_line", "line", "turn"), NUMBERED)
    id: int = numbered()
    channel: str = words()
    received_at: datetime = moment()
    redacted: str = json()
    message: str = json()
    line: int = Field(sa_type=Big, sa_column_kwargs={"server_default": "0"})
    turn: int = Field(sa_type=Big, sa_column_kwargs={"server_default": "0"})


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
