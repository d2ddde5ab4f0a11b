"""Those who hunt our customers."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from triage.store.columns import Row, key, moment, numbered, words
from triage.store.tables.options import COMPACT, NUMBERED


class SightingRow(Row, table=True):
    """A contact that a report names, or that a pitch leads to; each message names it once."""

    __tablename__ = "sightings"
    __table_args__ = (Index(None, "kind", "value"), NUMBERED)
    id: int = numbered()
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    kind: str = words()
    value: str = words()
    why: str = words()
    channel: str = words()
    sender: str = words()
    number: str = words()
    at: datetime = moment()


class PitchRow(Row, table=True):
    """That somebody sent a text which leads its reader elsewhere: many who send the same are one."""

    __tablename__ = "pitches"
    __table_args__ = (Index(None, "text_hash", "at"), COMPACT)
    hash: bytes = key()
    text_hash: bytes = Field(sa_type=LargeBinary)
    at: datetime = moment()
