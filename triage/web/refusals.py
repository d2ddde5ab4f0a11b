"""What a reader of the pages is told when something is refused: one line, in her language.

A part of a page gets it as a problem document, which its script shows; a browser that goes somewhere gets a page.
`tests/web/test_refusals.py` holds that every refusal there is has its words in every catalogue.
"""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from triage.errors import ModelUnusable, StoreDown, TriageError, Word
from triage.web import problems
from triage.web.access import caller_of
from triage.web.front import front_of
from triage.web.pages import render, tell

WITHOUT_DETAIL = {
    404: TriageError("there is no such page"),
    405: TriageError("this cannot be done here"),
}
OTHERWISE = TriageError("this cannot be understood: load the page again")

OUT_OF_ORDER = (
    (StoreDown, TriageError("the store does not answer: try again in a minute")),
    (ModelUnusable, TriageError("the model cannot be used now: see the page Models")),
)
"""What is not the reader's fault: the whole line is in the log, for an operator."""

UNFIT = {
    "missing": "%(field)s is missing",
    "string_too_long": "%(field)s may have %(max_length)s characters",
    "less_than_equal": "%(field)s may be %(le)s at most",
    "greater_than_equal": "%(field)s must be %(ge)s at least",
}
"""By the kind of a fault of a field, as pydantic names it."""
UNREADABLE = "%(field)s cannot be understood"


def add_to(app: FastAPI) -> None:
    """Let the pages tell every refusal so."""
    app.add_exception_handler(TriageError, _ours)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _unfit)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TriageError)
    plain = next((line for kind, line in OUT_OF_ORDER if isinstance(error, kind)), error)
    return _told(request, plain, problems.status_of(error))


def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, said = error.status_code, str(error.detail)
    if said == HTTPStatus(status).phrase or status not in WITHOUT_DETAIL:
        return _told(request, WITHOUT_DETAIL.get(status, OTHERWISE), status, **dict(error.headers or {}))
    return _told(request, TriageError(said), status, **dict(error.headers or {}))


def _unfit(request: Request, error: Exception) -> Response:
    """Name the first field that is wrong; what was sent is not said again."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    if not field:
        return _told(request, OTHERWISE, 422)
    return _told(
        request, TriageError(UNFIT.get(first["type"], UNREADABLE), field=Word(field), **first.get("ctx", {})), 422
    )


def _told(request: Request, error: TriageError, status: int, **headers: str) -> Response:
    try:
        caller = caller_of(request, front_of(request))
        whole = not request.headers.get("hx-request") and "text/html" in request.headers.get("accept", "")
    except StoreDown:  # a page would ask it again
        caller, whole = None, False
    line = tell(request, caller, error)
    if not whole:
        return problems.problem(line, status, **headers)
    page = render(request, "refused.html", status, caller=caller, said=line)
    page.headers.update(headers)
    return page
