"""Putting a case off until a time, and bringing it back by hand. By itself it comes back with nobody doing anything."""

from datetime import datetime, timedelta

from triage.case import Case, Status
from triage.errors import TriageError
from triage.rules import snooze as rule
from triage.store import Tx, cases

LONGEST = timedelta(days=365)


class NotSnoozed(TriageError):
    """The case cannot be put off so; the text says why. Nothing was changed."""


def snooze(tx: Tx, case_id: int, until: datetime, who: str, now: datetime) -> Case:
    """Put a case off: until then it is in neither the list nor `next`. Return it, with the time it comes back.

    That is sooner than `until` where its target or a promise ends sooner. Raises `NoSuchCase` or `NotSnoozed`.
    """
    case = cases.locked(tx, case_id)
    if case.status is not Status.OPEN:
        raise NotSnoozed("%(number)s waits for nothing of ours: only an open case can be put off", number=case.number)
    if not now < until <= now + LONGEST:
        raise NotSnoozed("a case is put off until a time that is to come, at most a year away")
    back = rule.until(case, until, now)
    details = {"until": back.isoformat(), "wanted": until.isoformat()}
    return cases.change(tx, case_id, {"snoozed_until": back}, who, "case.snoozed", now, **details)


def wake(tx: Tx, case_id: int, who: str, now: datetime) -> Case:
    """Bring a case back into the list now; raises `NoSuchCase`."""
    return cases.change(tx, case_id, {"snoozed_until": None}, who, "case.woken", now)
