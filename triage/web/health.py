"""Whether we live, and whether we can work; for load balancers, without signing in."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from triage.errors import TriageError
from triage.store import health
from triage.web.front import TheFront

router = APIRouter()


@router.get("/healthz")
def alive() -> dict[str, str]:
    """Return that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(front: TheFront) -> Response:
    """Return 200 if the store answers, 503 if not; channels that are down do not make the desk unready."""
    try:
        with front.store.read() as tx:
            health.all(tx)
    except TriageError as error:
        return JSONResponse({"status": "down", "why": str(error)}, 503)
    return JSONResponse({"status": "ok"})
