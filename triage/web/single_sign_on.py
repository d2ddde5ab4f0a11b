"""Signing in by single sign-on: two steps of the browser, and what a refusal says."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from triage import log, single_sign_on
from triage.web import tickets
from triage.web.access import host_of
from triage.web.front import Front, TheFront
from triage.web.login import Guesses, let_in
from triage.web.oidc import Issuer, IssuerDown, NotTrusted
from triage.web.pages import render

router = APIRouter(prefix="/sign-in/oidc")

COOKIE = "__Host-triage-oidc"
PURPOSE = "triage oidc"


@router.get("", name="begin_oidc")
async def begin(request: Request, front: TheFront) -> Response:
    """Lead to the issuer; what must come back with the answer is in a closed cookie."""
    issuer = _issuer(front)
    host = host_of(request)
    guesses: Guesses = request.app.state.guesses
    if not guesses.host_allowed(host):
        return render(request, "sign-in.html", 429, said="too-often")
    try:
        address, carried = await issuer.begin(str(request.url_for("end_oidc")))
    except IssuerDown as down:
        return await _refused(request, "issuer-down", str(down), 502)
    lead = RedirectResponse(address, 303)
    ticket = tickets.give(front.desk.keys, PURPOSE, carried, front.clock())
    age = int(tickets.LIFETIME.total_seconds())
    lead.set_cookie(COOKIE, ticket, max_age=age, path="/", secure=True, httponly=True, samesite="lax")
    return lead


@router.get("/back", name="end_oidc")
async def end(request: Request, front: TheFront) -> Response:
    """Take the issuer's answer, and let its user in; the cookie is used up whatever it says."""
    answer = await _answered(request, front, _issuer(front))
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


async def _answered(request: Request, front: Front, issuer: Issuer) -> Response:
    carried = tickets.take(front.desk.keys, PURPOSE, request.cookies.get(COOKIE, ""), front.clock())
    if carried is None:
        return await _refused(request, "issuer-not-trusted", "no sign-in was begun here", 401)
    try:
        who = await issuer.identity(dict(request.query_params), carried)
    except IssuerDown as down:
        return await _refused(request, "issuer-down", str(down), 502)
    except NotTrusted as refused:
        return await _refused(request, "issuer-not-trusted", str(refused), 401)
    settings, now = issuer.settings, front.clock()

    def work() -> Response:
        user = front.store.run(lambda tx: single_sign_on.let_in(tx, settings, who.subject, who.email, who.claims, now))
        request.app.state.guesses.right(host_of(request))
        return let_in(request, front, user)

    try:
        return await asyncio.to_thread(work)
    except single_sign_on.NotLetIn as refused:
        return await _refused(request, "not-let-in", str(refused), 403)


async def _refused(request: Request, said: str, why: str, status: int) -> Response:
    log.info("web.single-sign-on-refused", why=why)
    return await asyncio.to_thread(lambda: render(request, "sign-in.html", status, said=said))


def _issuer(front: Front) -> Issuer:
    if front.issuer is None:
        raise HTTPException(404, "there is no single sign-on on this desk")
    return front.issuer
