"""`triage replay`: stored messages judged again, and what their cases would be called now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from triage.case import Case, Disposition, Entry, Status, Verdict
from triage.classifier import Judge
from triage.desk import Desk
from triage.message import Message
from triage.rules import lifecycle
from triage.store import Store, Tx, cases
from triage.store.audit import AuditEntry
from triage.store.lists import stored_since

BATCH = 256
SAID_SOMETHING = (Disposition.NEW, Disposition.FOLLOW_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A case whose name or urgency would be another one.

    Attributes:
        case: As it is.
        verdict: As it would be.
    """

    case: Case
    verdict: Verdict

    @property
    def was(self) -> str:
        """Return what the case is called."""
        return called(self.case.verdict)

    @property
    def would_be(self) -> str:
        """Return what it would be called."""
        return called(self.verdict)

    def as_object(self) -> dict[str, object]:
        """Return the change as programs get it."""
        return {"number": self.case.number, "was": self.was, "would_be": self.would_be, "summary": self.case.summary}


def find_changes(store: Store, desk: Desk, judge: Judge, since: datetime) -> tuple[int, list[Change]]:
    """Return how many messages handled since then were judged again, and each open case that would change.

    Of a case's messages the most urgent new verdict names it, as it does when they come in; what an agent
    corrected stays, and urgency only rises.
    """
    with store.read() as tx:
        stored = [(m, e) for m, e in stored_since(tx, since) if e.case_id and e.disposition in SAID_SOMETHING]
        count, judged = len(stored), dict(judged_again(stored, desk, judge))
        known = {case_id: cases.get(tx, case_id) for case_id in judged}
    changes = []
    for case_id, verdict in judged.items():
        case = known[case_id]
        if case is None or case.status is not Status.OPEN or case.secret_exposed:
            continue
        renamed = _renamed(case, verdict)
        if called(renamed) != called(case.verdict):
            changes.append(Change(case=case, verdict=renamed))
    return count, changes


def apply_changes(store: Store, desk: Desk, changes: Iterable[Change], now: datetime) -> int:
    """Write the changes, each with its audit entry, and return how many; a case changed meanwhile is left alone."""

    def work(tx: Tx) -> int:
        changed, done = [], []
        for change in changes:
            if cases.get(tx, change.case.id) != change.case:
                continue
            changed.append(lifecycle.placed(replace(change.case, verdict=change.verdict), desk.targets))
            details = {"was": change.was, "now": change.would_be, "model": change.verdict.model}
            done.append(AuditEntry(who="triage", action="case.replayed", case_id=change.case.id, details=details))
        cases.save(tx, cases.Changes(changed=changed, audit=done), now)
        return len(changed)

    return store.run(work)


def judged_again(stored: Iterable[tuple[Message, Entry]], desk: Desk, judge: Judge) -> Iterator[tuple[int, Verdict]]:
    """Yield the case and the new verdict that names it: the first one, unless a later message is more urgent."""
    best: dict[int, Verdict] = {}
    stream = iter(stored)
    while batch := list(islice(stream, BATCH)):
        readings = [desk.read(message) for message, _ in batch]
        for (_, entry), verdict in zip(batch, judge.judge(readings), strict=True):
            before = best.get(entry.case_id)
            if before is None or verdict.urgency > before.urgency:
                best[entry.case_id] = verdict
    yield from best.items()


def _renamed(case: Case, new: Verdict) -> Verdict:
    if new.nature != "request":
        return case.verdict
    kept = {name: getattr(case.verdict, name) for name in ("category", "topic") if name in case.pinned}
    raised = "urgency" not in case.pinned and new.urgency > case.verdict.urgency
    return replace(new, urgency=new.urgency if raised else case.verdict.urgency, **kept)


def called(verdict: Verdict) -> str:
    """Return what a verdict calls its case: "high transaction/pending"."""
    return f"{verdict.urgency.label} {verdict.category}/{verdict.topic}".rstrip("/")
