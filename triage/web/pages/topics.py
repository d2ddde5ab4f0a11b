"""What customers write about these days, against what is usual, and where a help page would save them writing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from triage.hot_topics import hot_topics
from triage.web.access import Reader
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter()

SPANS = (1, 7, 28)


@router.get("/topics", name="topics")
def show(
    request: Request, front: TheFront, caller: Reader, days: Annotated[int, Query(ge=1, le=SPANS[-1])] = 7
) -> Response:
    """Show the hot topics of the last days, most cases first."""
    with front.store.read() as tx:
        found = hot_topics(tx, front.desk, front.clock(), days)
    most = max((max(one.cases, one.usual or 0) for one in found), default=1)
    return render(request, "topics.html", caller=caller, found=found, days=days, spans=SPANS, most=most)
