"""How it runs: the health of channels, the figures of the desk, the settings in force, the audit."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from triage.case import Urgency
from triage.desk import Desk
from triage.store import audit, health, lists
from triage.web.access import Lead, Reader
from triage.web.front import TheFront
from triage.web.pages import render

router = APIRouter()

SHOWN = 100


@router.get("/channels", name="channels")
def channels(request: Request, front: TheFront, caller: Reader) -> Response:
    """Show how each channel is, and the figures of the desk."""
    with front.store.read() as tx:
        found, figures = health.all(tx), lists.totals(tx)
    return render(request, "channels.html", caller=caller, found=found, figures=figures)


@router.get("/audit", name="audit")
def show_audit(
    request: Request,
    front: TheFront,
    caller: Lead,
    who: Annotated[str, Query(max_length=60)] = "",
    action: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int, Query(ge=0, lt=2**63)] = 0,
) -> Response:
    """Show what was done, newest first."""
    with front.store.read() as tx:
        found = audit.newest(tx, SHOWN, before, who, action)
    return render(request, "audit.html", caller=caller, found=found, full=len(found) == SHOWN, who=who, action=action)


@router.get("/settings", name="settings")
def settings(request: Request, front: TheFront, caller: Lead) -> Response:
    """Show what the desk was configured with; no secret is among it."""
    return render(request, "settings.html", caller=caller, told=settings_of(front.desk))


def settings_of(desk: Desk) -> dict[str, str]:
    """Return what a desk was configured with, in words; no secret is among it."""
    hours = {urgency.label: desk.targets.hours[urgency] for urgency in reversed(Urgency)}
    return {
        "name": desk.name,
        "languages": ", ".join(desk.languages),
        "answers go through": ", ".join(f"{here}: {there}" for here, there in sorted(desk.answers_through.items())),
        "own addresses": ", ".join(sorted(desk.own.addresses)),
        "trusted mail servers": ", ".join(desk.trusted),
        "silent channels": ", ".join(sorted(desk.silent)),
        "target in hours": ", ".join(f"{name} {value:g}" for name, value in hours.items()),
        "acknowledgements a day": str(desk.limits.per_day),
        "acknowledgements a week": str(desk.limits.per_week),
        "ask for a rating": "yes" if desk.asks_rating else "no",
        "dry run": "yes" if desk.dry_run else "no",
        "originals with secrets": "sealed" if desk.guarding.seal_to else "not kept",
        "secrets of our own": ", ".join(pattern.name for pattern in desk.guarding.own) or "none",
    }
