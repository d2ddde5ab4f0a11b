"""What is wrong, as a problem document (RFC 9457): one line for a person, the status for a program."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from triage.errors import StoreDown, TriageError
from triage.originals import NoSuchMessage
from triage.store.cases import NoSuchCase
from triage.store.incidents import NoSuchIncident
from triage.store.quarantine import NoSuchRow
from triage.web.access import NotAllowed, SecondFactorNeeded, SignInNeeded
from triage.web.api.reading import Changed

_STATUS: tuple[tuple[type[TriageError], int], ...] = (
    (NoSuchCase, 404),
    (NoSuchIncident, 404),
    (NoSuchMessage, 404),
    (NoSuchRow, 404),
    (NotAllowed, 403),
    (Changed, 412),
    (StoreDown, 503),
    (TriageError, 409),
)


def add_to(app: FastAPI) -> None:
    """Let an application tell every error of ours so."""
    app.add_exception_handler(TriageError, _ours)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(SignInNeeded, sign_in_first)
    app.add_exception_handler(SecondFactorNeeded, factor_first)


def problem(title: str, status: int, **headers: str) -> Response:
    """Return a problem document."""
    return JSONResponse({"title": title, "status": status}, status, headers, media_type="application/problem+json")


def _ours(_: Request, error: Exception) -> Response:
    return problem(str(error), status_of(error))


def status_of(error: Exception) -> int:
    """Return the status of an answer that tells an error of ours."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(str(error.detail), error.status_code, **dict(error.headers or {}))


def _unreadable(_: Request, error: Exception) -> Response:
    """Name the first field that is wrong; what was sent is not said again."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return problem(f"{where}: {first['msg']}", 422)


def sign_in_first(_: Request, __: Exception) -> Response:
    """Tell a program that nobody knows whose request it is."""
    return problem("sign in first: a token in the header Authorization", 401, **{"WWW-Authenticate": "Bearer"})


def factor_first(_: Request, __: Exception) -> Response:
    """Tell a program in a browser that its user must set a second factor up."""
    return problem("set your second factor up first", 403)
