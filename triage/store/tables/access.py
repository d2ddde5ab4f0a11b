"""Who may sign in, and by what."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field

from triage.store.columns import Row, key, moment, numbered, of, words
from triage.store.tables.options import COMPACT, NUMBERED


class UserRow(Row, table=True):
    """Somebody who may sign in; `password` is an argon2 hash, or empty.

    `factor_box` is the secret of her phone, closed; `factor_since` is NULL until its first code, `factor_step` the step
    of time whose code was taken last.
    """

    __tablename__ = "users"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    name: str = words(unique=True)
    role: int
    password: str = words()
    language: str = words()
    disabled: bool
    created_at: datetime = moment()
    factor_box: str | None = words(nullable=True)
    factor_since: datetime | None = moment(nullable=True)
    factor_step: int | None = Field(default=None, sa_type=BigInteger, nullable=True)


class ViewRow(Row, table=True):
    """Filters of the list that a user gave a name."""

    __tablename__ = "views"
    __table_args__ = (UniqueConstraint("user_id", "name"), NUMBERED)
    id: int = numbered()
    user_id: int = of("users.id")
    name: str = words()
    query: str = words()


class SessionRow(Row, table=True):
    """A browser that is signed in, by the SHA-256 of its cookie."""

    __tablename__ = "sessions"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    user_id: int = of("users.id", index=True)
    created_at: datetime = moment()
    seen_at: datetime = moment()


class InvitationRow(Row, table=True):
    """A link that lets its owner set a password once, by its SHA-256."""

    __tablename__ = "invitations"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    user_id: int = of("users.id", index=True)
    expires_at: datetime = moment()


class RecoveryCodeRow(Row, table=True):
    """A code that signs its owner in once without her phone, by its keyed hash."""

    __tablename__ = "recovery_codes"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    user_id: int = of("users.id", index=True)


class SubjectRow(Row, table=True):
    """Who a user is at an issuer (OpenID Connect), by the SHA-256 of issuer and subject."""

    __tablename__ = "subjects"
    __table_args__ = (COMPACT,)
    hash: bytes = key()
    user_id: int = of("users.id", unique=True)


class TokenRow(Row, table=True):
    """A program's way in, by the SHA-256 of its token."""

    __tablename__ = "tokens"
    __table_args__ = (NUMBERED,)
    id: int = numbered()
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    user_id: int = of("users.id", index=True)
    name: str = words()
    scope: int
    asked: bytes | None = Field(sa_type=LargeBinary, index=True, unique=True)  # digest of the request it answers
    created_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)
