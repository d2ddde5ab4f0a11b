"""Reports: how fast customers are answered, and how well; as tables, charts and CSV."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from triage.case import Role
from triage.rules import reporting
from triage.spreadsheets import csv_of
from triage.store import served
from triage.web.access import Reader, needs
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter()
By = Annotated[Literal["channel", "category", "language", "agent"], Query()]
Days = Annotated[int, Query(ge=1, le=366)]


@router.get("/reports", name="reports")
def show(request: Request, front: TheFront, caller: Reader, by: By = "channel", days: Days = 30) -> Response:
    """Show the figures of the last days."""
    now = front.clock()
    with front.store.read() as tx:
        cases = served.since(tx, now - timedelta(days=days))
    dates = [(now - timedelta(days=back)).date() for back in reversed(range(days))]
    opened = list(zip(dates, reporting.opened_by_day(cases, dates), strict=True))
    values: dict[str, Any] = {
        "by": by,
        "days": days,
        "kinds": reporting.BY,
        "lines": reporting.report(cases, by),
        "opened": opened,
        "only": served.MOST if len(cases) == served.MOST else 0,
    }
    return render(request, "reports.html", caller=caller, highest=max(1, *(n for _, n in opened)), **values)


@router.get("/reports.csv", name="reports_csv", dependencies=[needs(Role.READ_ONLY)])
def as_csv(front: TheFront, by: By = "channel", days: Days = 30) -> Response:
    """Return the same figures for a spreadsheet; seconds, shares from 0 to 1."""
    with front.store.read() as tx:
        cases = served.since(tx, front.clock() - timedelta(days=days))
    lines = [asdict(line) for line in reporting.report(cases, by)]
    return Response(
        csv_of(list(lines[0]), (line.values() for line in lines)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="triage-{by}-{days}-days.csv"'},
    )
