"""The way back of what agents did: an answer that was not sent yet, and what was done to many cases at once.

It is written down how a case stood before; what of that it gets back is whatever nobody else changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage import ratings
from triage.case import Case, Kept, Status
from triage.errors import TriageError
from triage.store import Tx, audit, cases, outbox, regrouping
from triage.store.audit import AuditEntry

FIELDS = ("status", "first_unanswered_at", "resolved_at", "first_answered_at", "answered_at", "assignee",
           "follow_ups", "repeats", "snoozed_until")  # fmt: skip
"""What of a case an answer changes, and its promise."""

_CLOCK = frozenset({"status", "first_unanswered_at", "resolved_at", "follow_ups", "repeats", "promise"})


class NotWithdrawn(TriageError):
    """The answer cannot be taken back; the text says why. Nothing was changed."""


def withdraw(tx: Tx, case_id: int, reply_id: int, who: str, now: datetime) -> Case:
    """Take back an answer that was not sent yet, and return the case as it was before it.

    It may have been given in a case that was merged into this one since. What somebody else did to the case meanwhile
    stays. Raises `NoSuchCase`, or `NotWithdrawn` when the answer is another case's, on its way, or gone.
    """
    case = cases.locked(tx, case_id)
    done = _given(tx, case_id, reply_id)
    if done is None:
        raise NotWithdrawn("this case has no such answer")
    if not outbox.withdraw(tx, reply_id, now):
        raise NotWithdrawn("it is too late: the answer is on its way")
    ratings.take_back(tx, done.case_id, now)
    outbox.give_back(tx, done.case_id, now)
    own = done.case_id == case_id
    back = given_back(case, audit.of_case(tx, case_id), done) if own else _waits_again(case, done)
    after = cases.change(tx, case_id, values(case, back), who, "case.answer-withdrawn", now, reply=reply_id)
    if after == case:  # what others did stands; that the answer was taken back is written down all the same
        audit.record(tx, who, "case.answer-withdrawn", case_id, {"reply": reply_id}, now)
    return after


def put_back(tx: Tx, case_id: int, was: Mapping[str, Any], then: Mapping[str, Any], who: str, now: datetime) -> bool:
    """Make a case stand as it `was`; False, and nothing is done, when it does not stand as `then` any more."""
    case = cases.locked(tx, case_id, merged=True)
    stands = state(case)
    if any(stands[name] != value for name, value in then.items()):
        return False
    ratings.take_back(tx, case_id, now)
    cases.change(tx, case_id, values(case, was), who, "case.put-back", now)
    return True


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


def _given(tx: Tx, case_id: int, reply_id: int) -> AuditEntry | None:
    """Return the entry of an answer in a case, or in one that was merged into it."""
    done = (entry for part in regrouping.parts(tx, case_id) for entry in audit.of_case(tx, part))
    return next((e for e in done if e.action == "case.answered" and e.details.get("reply") == reply_id), None)


def _waits_again(case: Case, done: AuditEntry) -> Mapping[str, Any]:
    """Return what a case gets back of an answer in another that is a part of it now: unless resolved, it waits."""
    since: str | None = done.details["was"]["first_unanswered_at"]
    if since is None or case.status is Status.RESOLVED:
        return {}
    clocks = filter(None, (case.first_unanswered_at, datetime.fromisoformat(since)))
    return {"status": Status.OPEN.value, "first_unanswered_at": min(clocks).isoformat()}


def plain(value: Any) -> Any:
    """Return a field of a case as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value


def _value(name: str, written: Any) -> Any:
    """Return what `plain` wrote down."""
    if name == "status":
        return Status(written)
    return datetime.fromisoformat(written) if name.endswith(("_at", "_until")) and written else written
