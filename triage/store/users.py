"""Who may sign in: users, their sessions and invitations. Secrets are kept as hashes only."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from triage.case import Role, User
from triage.errors import TriageError
from triage.store import audit, tally
from triage.store.columns import digest
from triage.store.tables import invitations, sessions, tokens, users

LONGEST_NAME = 60

INVITATION = timedelta(days=3)
"""So long is the link good by which a user chooses her password."""

STALE = timedelta(minutes=1)
"""The last use of a session or a token is written down so often at most: not with every request."""

LONGEST_SESSION = timedelta(days=7)
"""A session ends so long after it began, however much it is used: a page that is left open uses it for ever."""


class NoSuchUser(TriageError):
    """Nobody has this name. Nothing was changed."""


class NotNoted(TriageError):
    """The last use of a session or token is to be noted, and this transaction only reads: ask in one that writes."""


class NameTaken(TriageError):
    """Somebody has this name already. Nothing was changed."""


def add(tx: Connection, name: str, role: Role, who: str, now: datetime) -> User:
    """Add a user without a password; raises `NameTaken`, and `TriageError` for a name that none can have."""
    check_name(name)
    values = {"name": name, "role": int(role), "password": "", "language": "", "disabled": False, "created_at": now}
    new = tally.upsert(tx, users).values(values).on_conflict_do_nothing(index_elements=["name"])
    user_id: int | None = tx.execute(new.returning(users.c.id)).scalar_one_or_none()
    if user_id is None:
        raise NameTaken('there is a user "%(name)s" already', name=name)
    audit.record(tx, who, "user.added", 0, {"user": name, "role": role.label}, now)
    return User(id=user_id, name=name, role=role)


def check_name(name: str) -> None:
    """Raise `TriageError` for what cannot be the name of a user, or of a token."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise TriageError("a name has 1 to 60 characters, no line breaks, no blanks around it")


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
    if now - row.seen_at > STALE:
        check_writes(tx)
        tx.execute(update(sessions).where(sessions.c.hash == digest(secret)).values(seen_at=now))
    return user_of_row(row)


def end_session(tx: Connection, secret: str) -> None:
    """Sign out."""
    tx.execute(delete(sessions).where(sessions.c.hash == digest(secret)))


def check_writes(tx: Connection) -> None:
    """Raise `NotNoted` in a transaction that only reads."""
    if not tx.get_execution_options().get("triage_writes"):
        raise NotNoted("this needs a transaction that writes")


def _shut_out(tx: Connection, user_id: int) -> None:
    for table in (sessions, invitations):
        tx.execute(delete(table).where(table.c.user_id == user_id))


def _row(tx: Connection, name: str, *, hold: bool = False) -> Row[tuple[object, ...]] | None:
    one = select(users).where(users.c.name == name)
    return tx.execute(one.with_for_update() if hold else one).one_or_none()


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
