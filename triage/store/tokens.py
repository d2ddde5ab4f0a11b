"""Ways in for programs: each is a user's, with a role that is at most hers. Secrets are kept as hashes only."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, delete, select, update

from triage.case import Role, User
from triage.errors import TriageError, Word
from triage.store import audit, tally, users
from triage.store.columns import digest
from triage.store.tables import tokens
from triage.store.tables import users as table
from triage.store.users import STALE, check_writes, user_of_row

_TOKENS = select(tokens, table.c.name.label("owner")).join(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program's way in.

    Attributes:
        scope: The role it has, whatever its owner's.
    """

    id: int
    user: str
    name: str
    scope: Role
    created_at: datetime
    used_at: datetime | None


def add(
    tx: Connection, name: str, label: str, scope: Role, secret: str, who: str, now: datetime, asked: str = ""
) -> int:
    """Give a user's program a way in and return its id; `asked` is the key of the request, which makes one token.

    Raises `NoSuchUser`, and `TriageError` for a name that no token can have, for one who is let in no more, for a scope
    that is more than her role, and for a request that made a token before (`asked_for`).
    """
    users.check_name(label)
    user = users.get(tx, name, hold=True)
    if user.disabled:  # else the token would wait until she is let in again
        raise TriageError('"%(name)s" is let in no more: no token is made', name=name)
    if scope > user.role:  # it would grow by itself once she is given more
        raise TriageError("the user's role is %(role)s: a token of hers has no more", role=Word(user.role.label))
    values = {"hash": digest(secret), "user_id": user.id, "name": label, "scope": int(scope), "created_at": now}
    new = tally.upsert(tx, tokens).values(values | {"asked": digest(asked) if asked else None})
    made = tx.execute(new.on_conflict_do_nothing(index_elements=["asked"]).returning(tokens.c.id))
    token_id: int | None = made.scalar_one_or_none()
    if token_id is None:
        raise TriageError("this Idempotency-Key made another token")
    audit.record(tx, who, "token.added", 0, {"user": name, "token": label, "scope": scope.label}, now)
    return token_id


def owner_of(tx: Connection, secret: str, now: datetime) -> User | None:
    """Return whose token it is, with the lesser of her role and its scope; None when it is nobody's."""
    one = select(table, tokens.c.id.label("token"), tokens.c.scope, tokens.c.used_at)
    one = one.join(tokens, tokens.c.user_id == table.c.id)
    row = tx.execute(one.where(tokens.c.hash == digest(secret))).one_or_none()
    if row is None or row.disabled:
        return None
    if row.used_at is None or now - row.used_at > STALE:
        check_writes(tx)
        tx.execute(update(tokens).where(tokens.c.id == row.token).values(used_at=now))
    return replace(user_of_row(row), role=Role(min(row.role, row.scope)))


def all(tx: Connection) -> list[Token]:  # noqa: A001 - read as `tokens.all(tx)`
    """Return every token that is valid, without its secret, by user."""
    return [_token(row) for row in tx.execute(_TOKENS.order_by(table.c.name, tokens.c.id))]


def some(tx: Connection, limit: int, after: int = 0) -> list[Token]:
    """Return the tokens whose ids follow `after`, the oldest first."""
    return [_token(row) for row in tx.execute(_TOKENS.where(tokens.c.id > after).order_by(tokens.c.id).limit(limit))]


def asked_for(tx: Connection, asked: str) -> Token | None:
    """Return the token that a request made before; None when it made none, or it was revoked."""
    row = tx.execute(_TOKENS.where(tokens.c.asked == digest(asked))).one_or_none()
    return None if row is None else _token(row)


def revoke(tx: Connection, token_id: int, who: str, now: datetime) -> bool:
    """End a token; False when there is none."""
    gone = tx.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount > 0
    if gone:
        audit.record(tx, who, "token.revoked", 0, {"token": token_id}, now)
    return gone


def _token(row: Row[tuple[object, ...]]) -> Token:
    same = {name: getattr(row, name) for name in ("id", "name", "created_at", "used_at")}
    return Token(**same, user=row.owner, scope=Role(row.scope))
