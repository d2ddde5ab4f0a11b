"""`triage replay-model`: what a model would have made of stored messages, and how the list would stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from triage.case import Case, Disposition, Status, Verdict
from triage.classifier import Judge
from triage.cli.replaying import SAID_SOMETHING, called, judged_again
from triage.desk import Desk
from triage.rules import lifecycle
from triage.store import Store, cases
from triage.store.lists import order_keys, stored_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A case that would be called otherwise.

    Attributes:
        case: As it is.
        verdict: As the model would have it.
        place: Its place in the list, from 1; 0 when it is not in the list.
        would_stand: The place it would have.
    """

    case: Case
    verdict: Verdict
    place: int
    would_stand: int

    def as_object(self) -> dict[str, object]:
        """Return the move as programs get it."""
        was, now = self.case.verdict, self.verdict
        return {
            "number": self.case.number,
            "status": self.case.status.value,
            "category": [was.category, now.category],
            "topic": [was.topic, now.topic],
            "urgency": [was.urgency.label, now.urgency.label],
            "place": [self.place, self.would_stand],
            "summary": self.case.summary,
        }


def find_moves(store: Store, desk: Desk, judge: Judge, since: datetime) -> tuple[int, list[Move]]:
    """Return how many messages handled since then the model judged, and the cases that it would call otherwise.

    What an agent said stays, and so does what the guard said. A case whose first message is older than that is judged
    by what came since: it can only rise.
    """
    with store.read() as tx:
        stored = [(m, e) for m, e in stored_since(tx, since) if e.case_id and e.disposition in SAID_SOMETHING]
        judged = dict(judged_again(stored, desk, judge))
        known = [case for case_id in judged if (case := cases.get(tx, case_id)) is not None]
        keys = order_keys(tx)
    begun = {entry.case_id for _, entry in stored if entry.disposition is Disposition.NEW}
    would = {
        case.id: verdict
        for case in known
        if not case.secret_exposed
        and called(verdict := _would_be(case, judged[case.id], whole=case.id in begun)) != called(case.verdict)
    }
    return len(stored), _moves([case for case in known if case.id in would], would, keys, desk)


def _would_be(case: Case, new: Verdict, *, whole: bool) -> Verdict:
    """Return the verdict that a case would have; `whole` if all of its messages were judged again."""
    if new.nature != "request" or (not whole and new.urgency <= case.verdict.urgency):
        return case.verdict
    kept = {name: getattr(case.verdict, name) for name in ("category", "topic", "urgency") if name in case.pinned}
    return replace(new, **kept)


def _moves(moved: Sequence[Case], would: Mapping[int, Verdict], keys: Mapping[int, int], desk: Desk) -> list[Move]:
    """Return the cases with their places in the list, and in the list as it would be with all of them moved."""
    would_keys = dict(keys)
    for case in moved:
        if case.status is Status.OPEN:
            would_keys[case.id] = lifecycle.placed(replace(case, verdict=would[case.id]), desk.targets).place.order_key
    now, then = (_places(each) for each in (keys, would_keys))
    return [
        Move(case=case, verdict=would[case.id], place=now.get(case.id, 0), would_stand=then.get(case.id, 0))
        for case in moved
    ]


def _places(keys: Mapping[int, int]) -> dict[int, int]:
    return {case_id: place for place, case_id in enumerate(sorted(keys, key=lambda one: (keys[one], one)), 1)}
