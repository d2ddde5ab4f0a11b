"""Who may sign in: users, their sessions, tokens and invitations. Secrets are kept as hashes only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from triage.case import Role, User
from triage.errors import TriageError, Word
from triage.store import audit, tally
from triage.store.columns import digest
from triage.store.tables import invitations, sessions, tokens, users

_TOKENS = select(tokens, users.c.name.label("owner")).join(users)
_STALE = timedelta(minutes=1)
"""A session's last use is written down so often at most: not with every request."""


LONGEST_SESSION = timedelta(days=7)
"""A session ends so long after it began, however much it is used: a page that is left open uses it for ever."""


class NoSuchUser(TriageError):
    """Nobody has this name. Nothing was changed."""


class NotNoted(TriageError):
    """The last use of a session or token is to be noted, and this transaction only reads: ask in one that writes."""


class NameTaken(TriageError):
    """Somebody has this name already. Nothing was changed."""


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


def add(tx: Connection, name: str, role: Role, who: str, now: datetime) -> User:
    """Add a user without a password; raises `NameTaken`."""
    if _row(tx, name) is not None:
        raise NameTaken('there is a user "%(name)s" already', name=name)
    values = {"name": name, "role": int(role), "password": "", "language": "", "disabled": False, "created_at": now}
    user_id = tx.execute(insert(users).values(values).returning(users.c.id)).scalar_one()
    audit.record(tx, who, "user.added", 0, {"user": name, "role": role.label}, now)
    return User(id=user_id, name=name, role=role)


def everybody(tx: Connection) -> list[User]:
    """Return all users by name."""
    return [user_of_row(row) for row in tx.execute(select(users).order_by(users.c.name))]


def who_work(tx: Connection) -> list[str]:
    """Return the names of those who can be given a case."""
    return [one.name for one in everybody(tx) if one.role >= Role.AGENT and not one.disabled]


def some(tx: Connection, limit: int, after: int = 0) -> list[User]:
    """Return the users whose ids follow `after`, the oldest first."""
    return [
        user_of_row(row)
        for row in tx.execute(select(users).where(users.c.id > after).order_by(users.c.id).limit(limit))
    ]


def get(tx: Connection, name: str, *, hold: bool = False) -> User:
    """Return one user; asked to `hold` her, she stays so until the transaction ends. Raises `NoSuchUser`."""
    row = _row(tx, name, hold=hold)
    if row is None:
        raise NoSuchUser('there is no user "%(name)s"', name=name)
    return user_of_row(row)


def by_id(tx: Connection, user_id: int, *, hold: bool = False) -> User | None:
    """Return one user or None; `hold` as in `get`."""
    one = select(users).where(users.c.id == user_id)
    row = tx.execute(one.with_for_update() if hold else one).one_or_none()
    return None if row is None else user_of_row(row)


def password_of(tx: Connection, name: str) -> tuple[User, str] | None:
    """Return a user and the hash of her password ("" for none); None for nobody, or who may not sign in."""
    row = _row(tx, name)
    return None if row is None or row.disabled else (user_of_row(row), row.password)


def set_password(tx: Connection, name: str, hashed: str, who: str, now: datetime) -> None:
    """Set a password, given as its hash, and end every session and invitation of hers; raises `NoSuchUser`."""
    user = get(tx, name)
    tx.execute(update(users).where(users.c.id == user.id).values(password=hashed))
    _shut_out(tx, user.id)
    audit.record(tx, who, "user.password-set", 0, {"user": name}, now)


def change(
    tx: Connection, name: str, who: str, now: datetime, *, role: Role | None = None, disabled: bool | None = None
) -> User:
    """Change a user's role, or let her in no more, and return her; raises `NoSuchUser`."""
    before = get(tx, name)
    after = replace(
        before,
        role=before.role if role is None else role,
        disabled=before.disabled if disabled is None else disabled,
    )
    if after == before:
        return before
    values = {"role": int(after.role), "disabled": after.disabled}
    tx.execute(update(users).where(users.c.id == before.id).values(values))
    # Else they would have it again once she is raised.
    above = tokens.c.user_id == before.id, tokens.c.scope > int(after.role)
    tx.execute(update(tokens).where(*above).values(scope=int(after.role)))
    if after.disabled:
        _shut_out(tx, before.id)
        tx.execute(delete(tokens).where(tokens.c.user_id == before.id))
    audit.record(tx, who, "user.changed", 0, {"user": name, "role": after.role.label, "disabled": after.disabled}, now)
    return after


def set_language(tx: Connection, user_id: int, language: str) -> None:
    """Remember in which language a user reads the page."""
    tx.execute(update(users).where(users.c.id == user_id).values(language=language))


def invite(tx: Connection, user: User, secret: str, until: datetime, who: str, now: datetime) -> None:
    """Let whoever has the secret set this user's password, once; earlier invitations of hers end.

    Who made it could use it herself, so the audit names her.
    """
    tx.execute(delete(invitations).where(invitations.c.user_id == user.id))
    tx.execute(insert(invitations).values(hash=digest(secret), user_id=user.id, expires_at=until))
    audit.record(tx, who, "user.invited", 0, {"user": user.name}, now)


def invited(tx: Connection, secret: str, now: datetime) -> User | None:
    """Return whom an invitation is for, or None; it stays valid until the password is set."""
    one = select(users).join(invitations, invitations.c.user_id == users.c.id)
    row = tx.execute(one.where(invitations.c.hash == digest(secret), invitations.c.expires_at > now)).one_or_none()
    return None if row is None or row.disabled else user_of_row(row)


def accept(tx: Connection, secret: str, hashed: str, now: datetime) -> User | None:
    """Use an invitation up: set its user's password, given as its hash, and return her; None when it is over."""
    user = invited(tx, secret, now)
    if user is not None:
        set_password(tx, user.name, hashed, user.name, now)
    return user


def begin_session(tx: Connection, user_id: int, secret: str, now: datetime, lifetime: timedelta) -> None:
    """Sign a user in; sessions that are over are cleared away."""
    over = or_(sessions.c.seen_at <= now - lifetime, sessions.c.created_at <= now - LONGEST_SESSION)
    tx.execute(delete(sessions).where(over))
    tx.execute(insert(sessions).values(hash=digest(secret), user_id=user_id, created_at=now, seen_at=now))


def by_session(tx: Connection, secret: str, now: datetime, lifetime: timedelta) -> User | None:
    """Return whose session it is, its last use noted; None when it is over."""
    begun = sessions.c.created_at.label("begun_at")
    one = select(users, sessions.c.seen_at, begun).join(sessions, sessions.c.user_id == users.c.id)
    row = tx.execute(one.where(sessions.c.hash == digest(secret), sessions.c.seen_at > now - lifetime)).one_or_none()
    if row is None or row.disabled or row.begun_at <= now - LONGEST_SESSION:
        return None
    if now - row.seen_at > _STALE:
        _check_writes(tx)
        tx.execute(update(sessions).where(sessions.c.hash == digest(secret)).values(seen_at=now))
    return user_of_row(row)


def end_session(tx: Connection, secret: str) -> None:
    """Sign out."""
    tx.execute(delete(sessions).where(sessions.c.hash == digest(secret)))


def add_token(
    tx: Connection, name: str, label: str, scope: Role, secret: str, who: str, now: datetime, asked: str = ""
) -> int:
    """Give a user's program a way in and return its id; `asked` is the key of the request, which makes one token.

    Raises `NoSuchUser`, and `TriageError` for one who is let in no more, for a scope that is more than her role, and
    for a request that made a token before (`token_asked_for`).
    """
    user = get(tx, name, hold=True)
    if user.disabled:  # else the token would wait until she is let in again
        raise TriageError('"%(name)s" is let in no more: no token is made', name=name)
    if scope > user.role:  # it would grow by itself once she is given more
        raise TriageError("the user's role is %(role)s: a token of hers has no more", role=Word(user.role.label))
    values = {"hash": digest(secret), "user_id": user.id, "name": label, "scope": int(scope), "created_at": now}
    new = tally.upsert(tx, tokens).values(values | {"asked": digest(asked) if asked else None})
    token_id: int | None = tx.execute(
        new.on_conflict_do_nothing(index_elements=["asked"]).returning(tokens.c.id)
    ).scalar_one_or_none()
    if token_id is None:
        raise TriageError("this Idempotency-Key made another token")
    audit.record(tx, who, "token.added", 0, {"user": name, "token": label, "scope": scope.label}, now)
    return token_id


def by_token(tx: Connection, secret: str, now: datetime) -> User | None:
    """Return whose token it is, with the lesser of her role and its scope; None when it is nobody's."""
    one = select(users, tokens.c.id.label("token"), tokens.c.scope, tokens.c.used_at)
    row = tx.execute(
        one.join(tokens, tokens.c.user_id == users.c.id).where(tokens.c.hash == digest(secret))
    ).one_or_none()
    if row is None or row.disabled:
        return None
    if row.used_at is None or now - row.used_at > _STALE:
        _check_writes(tx)
        tx.execute(update(tokens).where(tokens.c.id == row.token).values(used_at=now))
    return replace(user_of_row(row), role=Role(min(row.role, row.scope)))


def all_tokens(tx: Connection) -> list[Token]:
    """Return every token that is valid, without its secret, by user."""
    return [_token(row) for row in tx.execute(_TOKENS.order_by(users.c.name, tokens.c.id))]


def some_tokens(tx: Connection, limit: int, after: int = 0) -> list[Token]:
    """Return the tokens whose ids follow `after`, the oldest first."""
    return [_token(row) for row in tx.execute(_TOKENS.where(tokens.c.id > after).order_by(tokens.c.id).limit(limit))]


def token_asked_for(tx: Connection, asked: str) -> Token | None:
    """Return the token that a request made before; None when it made none, or it was revoked."""
    row = tx.execute(_TOKENS.where(tokens.c.asked == digest(asked))).one_or_none()
    return None if row is None else _token(row)


def revoke_token(tx: Connection, token_id: int, who: str, now: datetime) -> bool:
    """End a token; False when there is none."""
    gone = tx.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount > 0
    if gone:
        audit.record(tx, who, "token.revoked", 0, {"token": token_id}, now)
    return gone


def _check_writes(tx: Connection) -> None:
    if not tx.get_execution_options().get("triage_writes"):
        raise NotNoted("this needs a transaction that writes")


def _shut_out(tx: Connection, user_id: int) -> None:
    for table in (sessions, invitations):
        tx.execute(delete(table).where(table.c.user_id == user_id))


def _row(tx: Connection, name: str, *, hold: bool = False) -> Row[tuple[object, ...]] | None:
    one = select(users).where(users.c.name == name)
    return tx.execute(one.with_for_update() if hold else one).one_or_none()


def _token(row: Row[tuple[object, ...]]) -> Token:
    same = {name: getattr(row, name) for name in ("id", "name", "created_at", "used_at")}
    return Token(**same, user=row.owner, scope=Role(row.scope))


def user_of_row(row: Row[tuple[object, ...]]) -> User:
    """Return the user of a row."""
    return User(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        disabled=row.disabled,
        second_factor=row.factor_since is not None,
    )
