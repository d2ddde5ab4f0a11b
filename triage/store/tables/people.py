"""Who writes to us."""

from datetime import datetime

from triage.store.columns import Row, key, moment, numbered, of, words
from triage.store.tables.options import COMPACT, NUMBERED, some


class Person(Row, table=True):
    """Somebody who writes to us, from one address or several."""

    __tablename__ = "persons"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    created_at: datetime = moment()


class AddressRow(Row, table=True):
    """One address of one person; `language` is that of the last message from it that told."""

    __tablename__ = "addresses"
    __table_args__ = (some("handle", "handle <> ''", "handle", table="addresses"), COMPACT)
    hash: bytes = key()
    key: str = words()
    person_id: int = of("persons.id", index=True)
    name: str = words()
    handle: str = words()
    language: str = words()
    language_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()
