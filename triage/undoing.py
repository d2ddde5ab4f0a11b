"""The way back: the last merge, split, move or link of a case, reverted by its audit entry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.case import Case, Entry, Status
from triage.regrouping import Agent, NotRegrouped, carry, merged
from triage.reverting import plain
from triage.rules import regrouping
from triage.store import Tx, audit, cases
from triage.store import regrouping as stored
from triage.store.audit import AuditEntry


def undo(tx: Tx, by: Agent, case_id: int) -> tuple[Case, str]:
    """Take back the last merge, split, move or link of a case that was not taken back yet.

    Returns the case it began with, as it is now, and the action ("case.merged"). Messages that came meanwhile stay
    where they are. Raises `NoSuchCase`, or `NotRegrouped` when there is nothing to take back, or it cannot be any more.
    """
    cases.locked(tx, case_id, merged=True)
    act = _last_act(tx, case_id)
    if act is None:
        raise NotRegrouped("nothing was merged, split, moved or linked here that could be taken back")
    after = _BACK[act.action](tx, by, act)
    audit.record(tx, by.who, f"{act.action}-undone", act.case_id, {"undoes": act.id}, by.now)
    other = int(act.details.get("into") or act.details.get("to") or 0)
    if other and other != act.case_id:
        audit.record(tx, by.who, f"{act.action}-undone", other, {"undoes": act.id}, by.now)
    return after, act.action


def revertible(done: Sequence[AuditEntry]) -> AuditEntry | None:
    """Return the entry of a case's history that `undo` would take back; None when there is none."""
    undone = {e.details["undoes"] for e in done if "undoes" in e.details}
    acts = [e for e in done if e.action in _BACK or "act" in e.details]
    return next((e for e in reversed(acts) if e.details.get("act", e.id) not in undone), None)


def _last_act(tx: Tx, case_id: int) -> AuditEntry | None:
    last = revertible(audit.of_case(tx, case_id))
    return audit.get(tx, last.details.get("act", last.id)) if last else None


def _unmerge(tx: Tx, by: Agent, act: AuditEntry) -> Case:
    root_id = stored.leading(tx, act.case_id)
    stored.lock(tx, act.case_id, root_id)
    case, root = cases.locked(tx, act.case_id, merged=True), cases.locked(tx, root_id)
    back = stored.still_in(tx, root.id, set(act.details["messages"])) if case.merged_into else []
    if not back:
        raise NotRegrouped("its messages are elsewhere by now: move them back one by one")
    before = cases.conversation(tx, root.id)
    rest = [e for e in before if e.id not in set(back)]
    if not rest:
        raise NotRegrouped("nothing would be left in %(number)s: move the messages one by one", number=root.number)
    stored.move(tx, back, case.id)
    apart = replace(case, status=Status(act.details["status"]), merged_into=0)
    if len(back) < len(act.details["messages"]):
        own = regrouping.in_order(cases.conversation(tx, case.id))
        apart = regrouping.rebuilt(
            apart, own, regrouping.waiting(apart, own), regrouping.judged(apart, own), by.desk.targets
        )
    cases.rewrite(tx, [apart, _as_before(by, root, act, regrouping.in_order(rest))])
    for one in (case.id, root.id):
        stored.count_participants(tx, one)
    return apart


def _as_before(by: Agent, root: Case, act: AuditEntry, rest: list[Entry]) -> Case:
    """Return the case that another is taken out of again, with the clock it had, unless it was answered since."""
    was: dict[str, Any] = act.details["was"]
    same = root.id == act.details["into"] and plain(root.answered_at) == was["answered_at"]
    waiting = regrouping.waiting(root, rest)
    if same and root.status is Status.OPEN and act.at is not None:
        clock = _time(was["first_unanswered_at"])
        old = regrouping.waiting(replace(root, first_unanswered_at=clock), rest)
        waiting = [e for e in waiting if e in old or e.received_at > act.at]
    after = regrouping.rebuilt(root, rest, waiting, regrouping.judged(root, rest), by.desk.targets)
    if same and not waiting and root.status is Status.OPEN:
        return replace(after, status=Status(was["status"]), resolved_at=_time(was["resolved_at"]))
    return after


def _unsplit(tx: Tx, by: Agent, act: AuditEntry) -> Case:
    """Put what was split off back; the number that was given out stays good, and leads back too."""
    new_id, old_id = int(act.details["to"]), stored.leading(tx, act.case_id)
    if new_id == old_id:
        raise NotRegrouped("they are one case by now")
    stored.lock(tx, new_id, old_id)
    new, old = cases.locked(tx, new_id), cases.locked(tx, old_id)
    return merged(tx, by, new, old, cases.conversation(tx, new.id))


def _unmove(tx: Tx, by: Agent, act: AuditEntry) -> Case:
    message_id, from_id = int(act.details["message"]), int(act.details["from"])
    _, now_in = stored.message(tx, message_id)
    if now_in != stored.leading(tx, int(act.details["to"])):
        raise NotRegrouped("the message was moved on since: move it back from there")
    to_id = stored.leading(tx, from_id) if from_id else 0
    carry(tx, by, message_id, now_in, to_id)
    return cases.locked(tx, to_id or now_in)


def _unlink(tx: Tx, _: Agent, act: AuditEntry) -> Case:
    case = cases.locked(tx, act.case_id)
    cases.rewrite(tx, [after := replace(case, linked_to=int(act.details["was"]))])
    return after


def _time(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


_BACK = {"case.merged": _unmerge, "case.split": _unsplit, "case.message-moved": _unmove, "case.linked": _unlink}
"""How each kind of audit entry is reverted."""
