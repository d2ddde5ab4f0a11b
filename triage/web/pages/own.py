"""The reader's own page: her second factor. No route names a user: it is always the caller's own."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from triage import second_factor
from triage.errors import TriageError
from triage.rules import totp
from triage.store import second_factors
from triage.web.access import COOKIE, Anybody, Caller, host_of
from triage.web.front import Front, TheFront
from triage.web.pages import render

router = APIRouter(prefix="/me")
Code = Annotated[str, Form(max_length=40)]

OFF = "off"


@router.get("", name="own")
def show(request: Request, front: TheFront, caller: Anybody) -> Response:
    """Show whether a second factor is on; its secret is shown only while it waits for its first code."""
    return _page(request, front, caller)


@router.post("/factor", name="begin_factor")
def begin(request: Request, front: TheFront, caller: Anybody) -> Response:
    """Show a new secret for the caller's phone."""
    if front.second_factor == OFF or not caller.csrf:
        return _page(request, front, caller, said="off", status=409)
    now = front.clock()
    front.store.run(lambda tx: second_factor.begin(tx, front.desk.keys, caller.user, now))
    return _page(request, front, caller)


@router.post("/factor/confirm", name="confirm_factor")
def confirm(request: Request, front: TheFront, caller: Anybody, code: Code = "") -> Response:
    """Switch it on by its first code, and show the recovery codes, once."""
    if not _may_guess(request, caller):
        return _page(request, front, caller, said="too-often", status=429)
    now, session = front.clock(), request.cookies.get(COOKIE, "")
    codes = front.store.run(lambda tx: second_factor.confirm(tx, front.desk.keys, caller.user, code, session, now))
    return _page(request, front, caller, said="" if codes else "wrong", status=200 if codes else 422, codes=codes)


@router.post("/factor/codes", name="renew_codes")
def renew(request: Request, front: TheFront, caller: Anybody, code: Code = "") -> Response:
    """Show new recovery codes, once, against a code of the phone or an old one."""
    if (refused := _refused(request, front, caller, code)) is not None:
        return refused
    codes = front.store.run(lambda tx: second_factor.renew(tx, front.desk.keys, caller.user, front.clock()))
    return _page(request, front, caller, codes=codes)


@router.post("/factor/off", name="factor_off")
def take_off(request: Request, front: TheFront, caller: Anybody, code: Code = "") -> Response:
    """Take it off against a code, and lead to the sign-in page: every session of the caller ends."""
    if totp.needed(front.second_factor, caller.user.role):
        return _page(request, front, caller, said="needed", status=409)
    if (refused := _refused(request, front, caller, code)) is not None:
        return refused
    front.store.run(lambda tx: second_factor.remove(tx, caller.user, caller.name, front.clock()))
    return Response(status_code=204, headers={"HX-Redirect": str(request.url_for("sign_in").path)})


def _refused(request: Request, front: Front, caller: Caller, code: str) -> Response | None:
    """Return the page that refuses, or None when the code was right; it is taken by this."""
    if not _may_guess(request, caller):
        return _page(request, front, caller, said="too-often", status=429)
    now = front.clock()
    if not front.store.run(lambda tx: second_factor.proves(tx, front.desk.keys, caller.user, code, now)):
        return _page(request, front, caller, said="wrong", status=422)
    return None


def _may_guess(request: Request, caller: Caller) -> bool:
    """Count an attempt: whoever found a browser that is signed in guesses no faster than at the door."""
    if not caller.csrf:
        raise TriageError("a program has no second factor: sign in with a browser")
    host = host_of(request)
    return bool(request.app.state.guesses.allowed(caller.name, host))


def _page(
    request: Request,
    front: Front,
    caller: Caller,
    *,
    said: str = "",
    status: int = 200,
    codes: tuple[str, ...] = (),
) -> Response:
    with front.store.read() as tx:
        kept = second_factors.of_user(tx, caller.user.id)
        left = second_factors.codes_left(tx, caller.user.id)
        secret = second_factor.proposed(tx, front.desk.keys, caller.user) if caller.csrf else ""
    uri = totp.address(secret, caller.name, front.desk.name) if secret else ""
    values: dict[str, Any] = {
        "on": kept is not None and kept.since is not None,
        "picture": segno.make_qr(uri).svg_data_uri(scale=5, light="#fff") if uri else "",
        "needed": totp.needed(front.second_factor, caller.user.role),
        "possible": front.second_factor != OFF,
        "secret": secret,
    }
    return render(request, "own.html", status, caller=caller, said=said, codes=codes, left=left, **values)
