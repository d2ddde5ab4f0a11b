"""What columns are made of: types that behave alike on SQLite and PostgreSQL.

What rows are found by is hashed to 32 bytes first (`digest`): a Message-ID of 12,000 characters would
not fit into a PostgreSQL index. Times are kept in UTC and come back with their time zone.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Big = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite numbers rows by itself only when the type says INTEGER."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def digest(words: str) -> bytes:
    """Return the 32 bytes under which `words` are looked up; always the same length, whatever came in."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).digest()


def storable(words: str) -> str:
    """Return `words` as both databases can keep them: NUL becomes U+2400, half a surrogate pair U+FFFD."""
    if "\0" not in words:
        if words.isascii():
            return words
        try:
            words.encode()
        except UnicodeEncodeError:
            pass
        else:
            return words
    return _UNSTORABLE.sub(lambda found: "\u2400" if found[0] == "\0" else "\ufffd", words)


def microseconds(at: datetime) -> int:
    """Return a time as whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


class Words(TypeDecorator[str]):
    """Text that no character can keep out: what a guard upstream missed must not cost a whole batch."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text as both databases can keep it."""
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: always with a time zone outside, always UTC inside.

    On SQLite it is a whole number of microseconds since 1970: its text form is slower, longer and has no zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database knows."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Return the time as the database keeps it."""
        if value is None or dialect.name != "sqlite":
            return value
        return microseconds(value)

    def process_result_value(self, value: int | datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC, with its zone."""
        return _EPOCH + value * _MICROSECOND if isinstance(value, int) else value and value.astimezone(UTC)


class Row(SQLModel):
    """What every table shares: the naming convention, so that a migration can name each constraint."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


def numbered() -> Any:
    """Return a primary key that counts up and never gives a number twice, even once the table is empty."""
    return Field(default=None, primary_key=True, sa_type=Big)


def key() -> Any:
    """Return a primary key that is a `digest`."""
    return Field(primary_key=True, sa_type=LargeBinary)


def moment(**other: Any) -> Any:
    """Return a point in time."""
    return Field(sa_type=Moment, **other)


def words(**other: Any) -> Any:
    """Return a text without limit."""
    return Field(sa_type=Words, **other)


def of(column: str, **other: Any) -> Any:
    """Return a reference to another table's row."""
    return Field(foreign_key=column, sa_type=Big, **other)


def json(**other: Any) -> Any:
    """Return a text that `triage.store.written` wrote: nothing in it needs repair."""
    return Field(sa_type=Text, **other)
