"""How a case stood before an agent acted, and what of that it gets back when the act is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.case import Case, Kept, Status
from triage.store.audit import AuditEntry

FIELDS = ("status", "first_unanswered_at", "resolved_at", "first_answered_at", "answered_at", "assignee",
           "follow_ups", "repeats", "snoozed_until")  # fmt: skip
"""What of a case an answer changes, and its promise."""

_CLOCK = frozenset({"status", "first_unanswered_at", "resolved_at", "follow_ups", "repeats", "promise"})


def state(case: Case) -> dict[str, Any]:
    """Return how a case stands as JSON holds it, so that `values` can make it so again."""
    told = case.promise.state.value if case.promise is not None else None
    return {name: plain(getattr(case, name)) for name in FIELDS} | {"promise": told}


def values(case: Case, was: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a case that `state` wrote down."""
    values = {name: _value(name, was[name]) for name in FIELDS if name in was}
    if case.promise is not None and was.get("promise"):
        values["promise"] = replace(case.promise, state=Kept(was["promise"]))
    return values


def given_back(case: Case, history: Sequence[AuditEntry], done: AuditEntry) -> Mapping[str, Any]:
    """Return what a case gets back of how it stood before an answer: whatever nobody else changed since."""
    answers = [e for e in history if e.action == "case.answered"]
    gone = {e.details["reply"] for e in history if e.action == "case.answer-withdrawn"}
    if any(e.id > done.id and e.details["reply"] not in gone for e in answers):
        return {}  # a later answer stands
    was = done.details["was"]
    if (then := done.details.get("then")) is None:  # written by a version that did not note it
        return dict(was)
    for one in reversed([e for e in answers if e.id < done.id]):
        if one.details["reply"] not in gone or one.details.get("then") != was:
            break
        was = one.details["was"]  # that one was taken back while this one stood
    stands = state(case)
    same = {name: value for name, value in was.items() if stands[name] == then[name]}
    if {"status", "answered_at"} <= same.keys():
        return same
    # The customer wrote again, or somebody resolved it: only her clock goes back, while she waits.
    kept = {name: value for name, value in same.items() if name not in _CLOCK}
    waits = case.status is Status.OPEN and was["first_unanswered_at"] is not None
    return kept | ({"first_unanswered_at": was["first_unanswered_at"]} if waits else {})


def plain(value: Any) -> Any:
    """Return a field of a case as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value


def _value(name: str, written: Any) -> Any:
    """Return what `plain` wrote down."""
    if name == "status":
        return Status(written)
    return datetime.fromisoformat(written) if name.endswith(("_at", "_until")) and written else written
