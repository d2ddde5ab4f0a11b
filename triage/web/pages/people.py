"""Who may sign in, and by which tokens; and the reader's own language."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from triage import second_factor
from triage.case import Role
from triage.errors import TriageError
from triage.store import tokens, users
from triage.web.access import Admin, Anybody, Caller, new_secret
from triage.web.front import Front, TheFront
from triage.web.pages import languages, render

router = APIRouter()
Name = Annotated[str, Form(max_length=60)]


@router.get("/users", name="users")
def show(request: Request, front: TheFront, caller: Admin) -> Response:
    """Show everybody, and every token without its secret."""
    return _page(request, front, caller)


@router.post("/users/add", name="add_user")
def add(request: Request, front: TheFront, caller: Admin, name: Name = "", role: Name = "agent") -> Response:
    """Add a user and show the link by which she chooses her password, once."""
    wanted, now = _role(role), front.clock()
    front.store.run(lambda tx: users.add(tx, name, wanted, caller.name, now))
    return _invite(request, front, caller, name)


@router.post("/users/invite", name="invite_user")
def invite(request: Request, front: TheFront, caller: Admin, name: Name = "") -> Response:
    """Show a link by which a user chooses a new password; the old one is valid until then."""
    return _invite(request, front, caller, name)


@router.post("/users/change", name="change_user")
def change(
    request: Request,
    front: TheFront,
    caller: Admin,
    name: Name = "",
    role: Name = "",
    disabled: Annotated[bool | None, Form()] = None,
) -> Response:
    """Change a user's role, or whether she may sign in; never one's own, so that somebody can always undo it."""
    if name == caller.name:
        raise TriageError("another administrator must change you")
    wanted, now = _role(role) if role else None, front.clock()
    front.store.run(lambda tx: users.change(tx, name, caller.name, now, role=wanted, disabled=disabled))
    return _page(request, front, caller)


@router.post("/users/factor-off", name="reset_factor")
def reset_factor(request: Request, front: TheFront, caller: Admin, name: Name = "") -> Response:
    """Take off the second factor of somebody whose phone and recovery codes are lost; one's own needs a code."""
    if name == caller.name:
        raise TriageError("your own needs a code: take it off on your own page")
    if not caller.csrf:  # whoever found a token must not weaken how people sign in
        raise HTTPException(403, "a token takes no second factor off: sign in")
    now = front.clock()
    front.store.run(lambda tx: second_factor.remove(tx, users.get(tx, name), caller.name, now))
    return _page(request, front, caller)


@router.post("/users/token", name="add_token")
def add_token(
    request: Request, front: TheFront, caller: Admin, name: Name = "", label: Name = "", role: Name = "read-only"
) -> Response:
    """Give a program a way in and show its token, once."""
    token, wanted, now = f"tri_{new_secret()}", _role(role), front.clock()
    front.store.run(lambda tx: tokens.add(tx, name, label or "program", wanted, token, caller.name, now))
    return _page(request, front, caller, secret=token)


@router.post("/users/revoke", name="revoke_token")
def revoke(
    request: Request, front: TheFront, caller: Admin, token: Annotated[int, Form(ge=0, lt=2**63)] = 0
) -> Response:
    """End a token."""
    now = front.clock()
    front.store.run(lambda tx: tokens.revoke(tx, token, caller.name, now))
    return _page(request, front, caller)


@router.post("/language", name="language")
def set_language(front: TheFront, caller: Anybody, language: Annotated[str, Form(max_length=20)] = "") -> Response:
    """Remember in which language the caller reads the pages; "" for what her browser asks for."""
    if language and language not in languages():
        raise TriageError("the pages are not in this language")
    front.store.run(lambda tx: users.set_language(tx, caller.user.id, language))
    return Response(status_code=204, headers={"HX-Refresh": "true"})


def _invite(request: Request, front: Front, caller: Caller, name: str) -> Response:
    secret, now = new_secret(), front.clock()
    front.store.run(lambda tx: users.invite(tx, users.get(tx, name), secret, now + users.INVITATION, caller.name, now))
    return _page(request, front, caller, secret=str(request.url_for("invitation", secret=secret)))


def _page(request: Request, front: Front, caller: Caller, secret: str = "") -> Response:
    with front.store.read() as tx:
        everybody, ways = users.everybody(tx), tokens.all(tx)
    values: dict[str, Any] = {"everybody": everybody, "tokens": ways, "roles": list(Role), "secret": secret}
    return render(request, "users.html", caller=caller, **values)


def _role(word: str) -> Role:
    found = next((role for role in Role if role.label == word), None)
    if found is None:
        raise TriageError("there is no such role; there are %(known)s", known=", ".join(role.label for role in Role))
    return found
