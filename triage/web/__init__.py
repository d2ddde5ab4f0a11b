"""The agents' desk in the browser. `create_app` is all that others need.

Text only: nothing a customer wrote is ever rendered as HTML. No build step, nothing from another host.
"""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute

from triage.web import (
    api,
    headers,
    health,
    live,
    login,
    metrics,
    problems,
    refusals,
    server,
    single_sign_on,
    violations,
)
from triage.web.access import SecondFactorNeeded, SignInNeeded
from triage.web.front import Front
from triage.web.oidc import Issuer
from triage.web.pages import (
    canned,
    case,
    correcting,
    identity,
    impostors,
    incidents,
    listing,
    looking,
    marked,
    models,
    originals,
    own,
    people,
    quarantine,
    regrouping,
    reports,
    review,
    running,
    topics,
    views,
    writing,
)
from triage.web.presence import Presence

__all__ = ["Front", "Issuer", "create_app", "server"]

PAGES = (
    listing,
    views,
    marked,
    looking,
    correcting,
    regrouping,
    identity,
    writing,
    originals,
    case,
    canned,
    review,
    reports,
    incidents,
    impostors,
    quarantine,
    models,
    running,
    topics,
    people,
    own,
)
ROUTERS = tuple(part.router for part in (health, metrics, violations, login, single_sign_on, live, *PAGES))
"""Every route there is, beside the static files."""

STATIC = Path(__file__).parent / "static"


def create_app(front: Front) -> FastAPI:
    """Return the application: pages, live updates, API and health, for one desk."""
    app = FastAPI(title="Triage", docs_url=None, redoc_url=None, openapi_url=None, routes=[*_routes()])
    app.state.front = front
    app.state.pulse = live.Pulse(front)
    app.state.guesses = login.Guesses()
    app.state.reports = violations.Reports()
    app.state.presence = Presence()
    app.state.paths = {}
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(headers.SafeHeaders)
    app.add_middleware(headers.UnderPrefix, prefix=front.prefix)
    # Last: routes of the API have names of pages, and an address is looked up by the first route of its name.
    app.mount("/api/v1", api.create_app(front, app.state.pulse))
    problems.add_to(app)
    refusals.add_to(app)
    for error in (SignInNeeded, SecondFactorNeeded):
        app.add_exception_handler(error, _lead)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return all routes but the API's, the same for every application: what each needs is worked out but once."""
    all_of_them = APIRouter()
    all_of_them.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in ROUTERS:
        all_of_them.include_router(router)
    return tuple(all_of_them.routes)


def _lead(request: Request, error: Exception) -> Response:
    """Lead a browser to where it must go first; a program, and a part of a page, are told in their own way."""
    where = str(request.url_for("sign_in" if isinstance(error, SignInNeeded) else "own").path)
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": where})
    if "text/html" not in request.headers.get("accept", ""):
        return (problems.sign_in_first if isinstance(error, SignInNeeded) else problems.factor_first)(request, error)
    return RedirectResponse(where, 303)
