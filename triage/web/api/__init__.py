"""The API for programs: `/api/v1`, described by `/api/v1/openapi.json`.

Errors are problem documents (RFC 9457). A list is read by pages, each naming the next one. A reply carries an
`Idempotency-Key`: the same key twice is one reply. What is read has an `ETag`; an action with `If-Match` is refused
with 412 once the case is not what was read.
"""

from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer
from starlette.routing import BaseRoute

from triage.web import problems
from triage.web.api import (
    acting,
    canned,
    events,
    helping,
    incidents,
    marked,
    models,
    originals,
    own,
    people,
    persons,
    reading,
    regrouping,
    running,
)
from triage.web.front import Front
from triage.web.live import Pulse

ROUTERS = (
    reading.router,
    acting.router,
    canned.router,
    events.router,
    helping.router,
    incidents.router,
    marked.router,
    models.router,
    originals.router,
    own.router,
    people.router,
    persons.router,
    regrouping.router,
    running.router,
)


def create_app(front: Front, pulse: Pulse) -> FastAPI:
    """Return the API as an application of its own, with its description at `/openapi.json`."""
    app = FastAPI(title="Triage", version="1", docs_url=None, redoc_url=None, routes=[*_routes()])
    app.state.front = front
    app.state.pulse = pulse
    problems.add_to(app)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return the routes, the same for every application: what each needs is worked out but once."""
    # `needs` reads the token; this only describes it.
    described = Depends(HTTPBearer(auto_error=False, description="`triage user token add` makes one."))
    all_of_them = APIRouter(dependencies=[described])
    for router in ROUTERS:
        all_of_them.include_router(router)
    return tuple(all_of_them.routes)
