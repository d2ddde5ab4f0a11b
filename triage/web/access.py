"""Who may do what: roles, and how a request proves whose it is.

Every route declares the least role it needs with `needs(ROLE)`; `tests/web/test_access.py` enumerates them all. A
browser proves itself by a session cookie, a program by a token; both are random, the store holds only their SHA-256.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request

from triage.case import Role, User
from triage.errors import TriageError, Word
from triage.rules import totp
from triage.store import Tx, tokens, users
from triage.web.front import Front, front_of

COOKIE = "__Host-triage"
"""`__Host-`: only over TLS (or to this machine), for this host alone, for every path of it (RFC 6265bis, 4.1.3.2)."""

SESSION = timedelta(hours=12)
"""A session ends so long after its last use; and `users.LONGEST_SESSION` after it began."""

CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who is signed in.

    Attributes:
        user: Whose session or token it is; a token's scope lowers the role.
        csrf: What a form must send back; "" for a token, which no foreign page can use.
    """

    user: User
    csrf: str = ""

    @property
    def name(self) -> str:
        """Return the agent's name as the audit has it."""
        return self.user.name


class SignInNeeded(Exception):
    """A page was asked for by nobody in particular: the browser is led to the sign-in page."""


class NotAllowed(TriageError):
    """The caller may not do this, or the form she sent is not one of her own. She is told so; nothing is done."""


class SecondFactorNeeded(Exception):
    """Her role needs a second factor and she has none yet: she is led to her own page, and to no other."""


def new_secret() -> str:
    """Return a new random secret for a cookie, a token or a link: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def csrf_of(session: str) -> str:
    """Return the token that forms of a session send back; nobody can work it out who does not have the cookie."""
    return hmac.new(session.encode("utf-8", "replace"), b"csrf", "sha256").hexdigest()


def needs(role: Role, *, without_factor: bool = False) -> Any:
    """Return the dependency of a route that only people of this role or a higher one may use.

    `without_factor`: also those who must set a second factor up first, for it is where they do so, or leave.
    """

    def allowed(request: Request, front: Annotated[Front, Depends(front_of)]) -> Caller:
        caller = caller_of(request, front)
        if caller is None:
            raise SignInNeeded
        if caller.user.role < role:
            raise NotAllowed(
                "this needs the role %(role)s; yours is %(yours)s",
                role=Word(role.label),
                yours=Word(caller.user.role.label),
            )
        if request.method not in SAFE and caller.csrf:
            _check_form(request, caller)
        if caller.csrf and not (without_factor or caller.user.second_factor):
            _check_factor(front, caller.user)
        return caller

    allowed.role = role  # type: ignore[attr-defined]
    return Depends(allowed)


Reader = Annotated[Caller, needs(Role.READ_ONLY)]
Agent = Annotated[Caller, needs(Role.AGENT)]
Lead = Annotated[Caller, needs(Role.LEAD)]
Admin = Annotated[Caller, needs(Role.ADMIN)]
Anybody = Annotated[Caller, needs(Role.READ_ONLY, without_factor=True)]
"""Whoever is signed in, also one who must set a second factor up first."""


def role_of(dependency: Callable[..., Any]) -> Role | None:
    """Return the role that a dependency made by `needs` asks for; None for any other."""
    return getattr(dependency, "role", None)


def caller_of(request: Request, front: Front) -> Caller | None:
    """Return whose request it is, or None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    now = front.clock()
    if scheme.casefold() == "bearer" and token:
        return _by(front, lambda tx: tokens.owner_of(tx, token.strip(), now), "")
    session = request.cookies.get(COOKIE, "")
    if not session:
        return None
    return _by(front, lambda tx: users.by_session(tx, session, now, SESSION), csrf_of(session))


def _by(front: Front, find: Callable[[Tx], User | None], csrf: str) -> Caller | None:
    """Look somebody up without writing; only when her last use is to be noted, once a minute, again with writing."""
    try:
        with front.store.read() as tx:
            user = find(tx)
    except users.NotNoted:
        user = front.store.run(find)
    return None if user is None else Caller(user=user, csrf=csrf)


def host_of(request: Request) -> str:
    """Return the address that a request came from, "" where that is not known."""
    return request.client.host if request.client else ""


def from_here(request: Request) -> None:
    """Refuse what another site made the browser send: every browser names the origin of a form."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host", ""):
        raise NotAllowed("this form is not from this desk")


def _check_factor(front: Front, user: User) -> None:
    if totp.needed(front.second_factor, user.role):
        raise SecondFactorNeeded


def _check_form(request: Request, caller: Caller) -> None:
    """Refuse a form that does not know the session's token."""
    from_here(request)
    if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), caller.csrf.encode()):
        raise NotAllowed("this form is too old: load the page again")
