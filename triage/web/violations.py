"""What a browser tells us that our own rules for pages forbade: something tried to run or load what is not ours.

Whoever reaches the desk can send such a report, so it is small, counted, limited, and nothing of it is believed but
which rule it was, of which page, and what kind of thing it forbade. https://www.w3.org/TR/CSP3/#reporting
"""

import json
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from triage import log
from triage.store import tally
from triage.web.access import from_here, host_of
from triage.web.front import TheFront
from triage.web.headers import REPORTS
from triage.web.passwords import Attempts

router = APIRouter()

LONGEST = 16 * 1024
"""Bytes of a report; browsers cut off what is long in it."""

MOST = 20
"""Reports that are read of one request."""

COUNTER = "csp:"
"""What the counters of the store begin with; the rule follows."""

RULES = frozenset(
    {"default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem"}
    | {"style-src-attr", "img-src", "connect-src", "form-action", "base-uri", "frame-ancestors", "frame-src"}
    | {"font-src", "media-src", "object-src", "worker-src", "manifest-src", "child-src"}
)
OTHER = "other"
_KINDS = frozenset({"inline", "eval", "wasm-eval", "data", "blob"})
_PAGE = re.compile(r"[a-z.-]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that was forbidden.

    Attributes:
        rule: The directive ("script-src-elem"), or "other".
        kind: "inline", "eval", "data", "blob", "same-origin", "foreign" or "other".
        page: The first part of the page's path ("cases"), "" for the list.
    """

    rule: str
    kind: str
    page: str


class Reports:
    """How many reports are heard: sixty in a minute, twenty of them from one host."""

    def __init__(self) -> None:
        """Begin with none."""
        self._all = Attempts(60, 60, time.monotonic)
        self._by_host = Attempts(20, 60, time.monotonic)

    def allowed(self, host: str) -> bool:
        """Count one; False when there were too many."""
        return self._by_host.allowed(host) and self._all.allowed("")


@router.post(REPORTS, status_code=204)
async def report(request: Request, front: TheFront) -> Response:
    """Log and count what a browser reports; whatever is no report is thrown away without a word."""
    from_here(request)
    reports: Reports = request.app.state.reports
    host = host_of(request)
    if not reports.allowed(host):
        return Response(status_code=429)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            return Response(status_code=413)
    found = violations(body, str(request.base_url))
    for one in found:
        log.warning("web.csp-violation", rule=one.rule, kind=one.kind, page=one.page)
    if found:
        counts = {f"{COUNTER}{rule}": sum(one.rule == rule for one in found) for rule in {one.rule for one in found}}
        await run_in_threadpool(front.store.run, lambda tx: tally.add(tx, counts))
    return Response(status_code=204)


def violations(body: bytes, here: str) -> list[Violation]:
    """Return what the body of a request reports about pages under the address `here`; never raises."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return []
    # `report-uri` sends one object, the Reporting API a list of them.
    told = said if isinstance(said, list) else [said]
    return [one for item in told[:MOST] if (one := _violation(item, here)) is not None]


def _violation(item: Any, here: str) -> Violation | None:
    if not isinstance(item, dict):
        return None
    old, new = item.get("csp-report"), item.get("body") if item.get("type") == "csp-violation" else None
    if isinstance(old, dict):
        rule = old.get("effective-directive") or str(old.get("violated-directive")).partition(" ")[0]
        blocked, page = old.get("blocked-uri"), old.get("document-uri")
    elif isinstance(new, dict):
        rule, blocked, page = new.get("effectiveDirective"), new.get("blockedURL"), new.get("documentURL")
    else:
        return None
    known = rule if isinstance(rule, str) and rule in RULES else OTHER
    return Violation(rule=known, kind=_kind(blocked, here), page=_page(page, here))


def _kind(blocked: Any, here: str) -> str:
    if not isinstance(blocked, str):
        return OTHER
    word = blocked.partition(":")[0]
    if word in _KINDS:
        return word
    return "same-origin" if blocked.startswith(here) else "foreign" if "/" in blocked else OTHER


def _page(page: Any, here: str) -> str:
    """Return the first part of a page's path: what follows may be a case's number, or what somebody looked for."""
    if not isinstance(page, str) or not page.startswith(here):
        return OTHER
    try:
        first = urlsplit(page.removeprefix(here)).path.partition("/")[0]
    except ValueError:
        return OTHER
    return first if not first or _PAGE.fullmatch(first) else OTHER
