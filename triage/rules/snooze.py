"""How long a case may be put off: never past a moment at which somebody was to have an answer."""

from datetime import datetime

from triage.case import Case, Kept


def until(case: Case, wanted: datetime, now: datetime) -> datetime:
    """Return when a case that is put off until `wanted` comes back: sooner, if its target or a promise ends sooner.

    One that is over already keeps nothing from being put off: whoever does so knows it.
    """
    ends = [case.place.due_at]
    if case.promise is not None and case.promise.state is Kept.RUNNING:
        ends.append(case.promise.by)
    return min([wanted, *(end for end in ends if end > now)])


def after_moved(before: Case, after: Case) -> datetime | None:
    """Return until when a case is put off whose place an agent changed: not at all, once it is due sooner."""
    return before.snoozed_until if after.place.due_at >= before.place.due_at else None
