"""What agents say often."""

from datetime import datetime

from sqlalchemy import UniqueConstraint

from triage.store.columns import Row, moment, numbered, words
from triage.store.tables.options import NUMBERED


class CannedRow(Row, table=True):
    """A ready answer in one language."""

    __tablename__ = "canned"
    __table_args__ = (UniqueConstraint("name", "language"), NUMBERED)
    id: int = numbered()
    name: str = words()
    language: str = words()
    text: str = words()
    who: str = words()
    at: datetime = moment()
