"""Signing in and out, and setting a password by an invitation."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from triage import log, second_factor
from triage.case import User
from triage.store import Tx, subjects, users
from triage.store.columns import digest
from triage.web import tickets
from triage.web.access import COOKIE, SESSION, Anybody, from_here, host_of, new_secret
from triage.web.front import Front, TheFront
from triage.web.pages import render
from triage.web.passwords import LONGEST, SHORTEST, Attempts, fits, hashed

router = APIRouter()

HALF_IN = "triage half in"
"""The purpose of a ticket: its owner knew the password, and is asked for a code."""


class Guesses:
    """How often names and hosts tried to sign in."""

    def __init__(self, by_name: int = 10, by_host: int = 30) -> None:
        """Allow a name and a host so many attempts in a quarter of an hour."""
        self._by_name = Attempts(by_name, 15 * 60, time.monotonic)
        self._by_host = Attempts(by_host, 15 * 60, time.monotonic)

    def host_allowed(self, host: str) -> bool:
        """Count one attempt of a host that names nobody yet; False when there were too many."""
        return self._by_host.allowed(host)

    def allowed(self, name: str, host: str) -> bool:
        """Count one attempt; False when there were too many."""
        return self._by_host.allowed(host) and self._by_name.allowed(name)

    def right(self, host: str, name: str = "") -> None:
        """Take an attempt back that was none of guessing: a whole office signs in from one address in the morning."""
        self._by_host.forgive(host)
        if name:
            self._by_name.forgive(name)


@router.get("/sign-in")
def sign_in(request: Request) -> Response:
    """Show the form."""
    return render(request, "sign-in.html")


@router.post("/sign-in")
def enter(
    request: Request, front: TheFront, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Begin a session, and lead to the list; the same words for a wrong name as for a wrong password."""
    from_here(request)
    host = host_of(request)
    guesses: Guesses = request.app.state.guesses
    if not guesses.allowed(name[:LONGEST], host):
        return render(request, "sign-in.html", 429, said="too-often")
    with front.store.read() as tx:
        found = users.password_of(tx, name[:LONGEST])
    if not fits(password[:LONGEST], found[1] if found else "") or found is None:
        log.info("web.sign-in-refused")
        return render(request, "sign-in.html", 401, said="wrong")
    if not found[0].second_factor:
        guesses.right(host, found[0].name)
    return let_in(request, front, found[0])


@router.post("/sign-in/code", name="enter_code")
def enter_code(
    request: Request, front: TheFront, ticket: Annotated[str, Form()] = "", code: Annotated[str, Form()] = ""
) -> Response:
    """Begin the session of somebody whose password was right, now that her second factor is too."""
    from_here(request)
    now = front.clock()
    user = _half_in(front, ticket)
    if user is None:
        return render(request, "sign-in.html", 401, said="too-late")
    host = host_of(request)
    guesses: Guesses = request.app.state.guesses
    if not guesses.allowed(user.name, host):
        return render(request, "sign-in.html", 429, said="too-often")
    if not front.store.run(lambda tx: second_factor.proves(tx, front.desk.keys, user, code[:LONGEST], now)):
        log.info("web.code-refused")
        return render(request, "code.html", 401, ticket=ticket, said="wrong")
    for _ in ("password", "code"):
        guesses.right(host, user.name)
    return _begin(request, front, user)


@router.post("/sign-out")
async def leave(request: Request, front: TheFront, caller: Anybody) -> Response:
    """End the session, and lead to the page where the issuer's own ends, if she came from there."""
    session = request.cookies.get(COOKIE, "")
    bound = await asyncio.to_thread(front.store.run, lambda tx: _end(tx, session, caller.user))
    there = await front.issuer.farewell(str(request.url_for("sign_in"))) if bound and front.issuer is not None else ""
    gone = Response(status_code=204, headers={"HX-Redirect": there or str(request.url_for("sign_in").path)})
    gone.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return gone


@router.get("/invitation/{secret}")
def invitation(request: Request, front: TheFront, secret: str) -> Response:
    """Show the form for a first or a new password."""
    with front.store.read() as tx:
        user = users.invited(tx, secret, front.clock())
    return render(request, "invitation.html", 200 if user else 410, user=user, secret=secret, shortest=SHORTEST)


@router.post("/invitation/{secret}")
def accept(request: Request, front: TheFront, secret: str, password: Annotated[str, Form()] = "") -> Response:
    """Set the password and sign in; the invitation is used up."""
    from_here(request)
    now = front.clock()
    with front.store.read() as tx:
        user = users.invited(tx, secret, now)
    if user is None:
        return render(request, "invitation.html", 410)
    if not SHORTEST <= len(password) <= LONGEST:
        return render(request, "invitation.html", 422, said="too-short", user=user, secret=secret, shortest=SHORTEST)
    kept = hashed(password)
    # It may have been used, or ended, while the password was hashed.
    if front.store.run(lambda tx: users.accept(tx, secret, kept, now)) is None:
        return render(request, "invitation.html", 410)
    return let_in(request, front, user)


def let_in(request: Request, front: Front, user: User) -> Response:
    """Begin a session for somebody whose first factor was right, or ask for the second where she has one."""
    with front.store.read() as tx:
        found = users.password_of(tx, user.name)
    if found is None:
        return render(request, "sign-in.html", 401, said="wrong")
    if not found[0].second_factor:
        return _begin(request, front, user)
    values = {"name": user.name, "password": digest(found[1]).hex()}
    return render(request, "code.html", ticket=tickets.give(front.desk.keys, HALF_IN, values, front.clock()))


def _end(tx: Tx, session: str, user: User) -> bool:
    """End a session; tell whether its user signs in by single sign-on."""
    users.end_session(tx, session)
    return subjects.is_bound(tx, user.id)


def _half_in(front: Front, ticket: str) -> User | None:
    """Return whose password was right some minutes ago, and is the same still; None for nobody's ticket."""
    values = tickets.take(front.desk.keys, HALF_IN, ticket, front.clock())
    if values is None:
        return None
    with front.store.read() as tx:
        found = users.password_of(tx, values["name"])
    return found[0] if found is not None and digest(found[1]).hex() == values["password"] else None


def _begin(request: Request, front: Front, user: User) -> Response:
    """Begin a session under a new secret: one that somebody planted before is worth nothing."""
    session = new_secret()
    front.store.run(lambda tx: users.begin_session(tx, user.id, session, front.clock(), SESSION))
    lead = RedirectResponse(str(request.url_for("cases").path), 303)
    lead.set_cookie(COOKIE, session, path="/", secure=True, httponly=True, samesite="lax")
    return lead
