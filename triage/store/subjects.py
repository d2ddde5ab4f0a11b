"""Which user a subject of an issuer is (OpenID Connect). One user has one subject, and a subject one user, for ever."""

from datetime import datetime

from sqlalchemy import Connection, select

from triage.case import User
from triage.store import audit, tally
from triage.store.columns import digest
from triage.store.tables import subjects, users
from triage.store.users import user_of_row


def user_of(tx: Connection, issuer: str, subject: str) -> User | None:
    """Return the user of a subject, also one who may not sign in; None for nobody."""
    one = select(users).join(subjects, subjects.c.user_id == users.c.id)
    row = tx.execute(one.where(subjects.c.hash == _key(issuer, subject))).one_or_none()
    return None if row is None else user_of_row(row)


def bind(tx: Connection, issuer: str, subject: str, user: User, now: datetime) -> bool:
    """Say who a subject is; False when either is bound already."""
    new = tally.upsert(tx, subjects).values(hash=_key(issuer, subject), user_id=user.id)
    if tx.execute(new.on_conflict_do_nothing().returning(subjects.c.user_id)).first() is None:
        return False
    audit.record(tx, user.name, "user.single-sign-on", 0, {"user": user.name, "issuer": issuer}, now)
    return True


def is_bound(tx: Connection, user_id: int) -> bool:
    """Tell whether a user signs in by single sign-on."""
    return tx.execute(select(subjects.c.user_id).where(subjects.c.user_id == user_id)).first() is not None


def _key(issuer: str, subject: str) -> bytes:
    return digest(f"{issuer}\n{subject}")
