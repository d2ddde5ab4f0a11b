"""Many cases at once: one action for all that an agent marked in the list, and the way back."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from triage import agents, reverting, snoozing
from triage.case import Case
from triage.desk import Desk
from triage.errors import TriageError
from triage.store import Tx, audit, cases
from triage.store.cases import CaseMerged, NoSuchCase

MOST = 500
"""Cases at once: they are one transaction, and nobody else writes meanwhile."""

UNDONE = "cases.changed-undone"
"""The action of the audit that takes one back."""


class TooMany(TriageError):
    """More cases are marked than may be changed at once. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done to many cases.

    Attributes:
        id: By which it is undone.
        changed: How many it changed.
        left: How many stayed as they were: it was so already, or they are a part of another case.
    """

    id: int
    action: str
    changed: int
    left: int


def act(
    tx: Tx,
    desk: Desk,
    ids: Collection[int],
    action: str,
    who: str,
    now: datetime,
    to: str = "",
    until: datetime | None = None,
) -> Done:
    """Take, resolve, reopen, snooze (`until`), wake or assign (`to` an agent, "" for nobody) cases.

    Those that cannot be are left.

    Raises `TooMany`, and `TriageError` for an action or an agent that there is not.
    """
    if len(ids) > MOST:
        raise TooMany("%(n)s cases are marked; at most %(most)s can be changed at once", n=len(ids), most=MOST)
    doing = _doing(tx, desk, action, who, now, to, until)
    changed = []
    for case_id in sorted(set(ids)):
        try:
            before = cases.locked(tx, case_id)
            after = doing(case_id)
        except (NoSuchCase, CaseMerged, snoozing.NotSnoozed):
            continue
        if after != before:
            changed.append({"id": case_id, "was": reverting.state(before), "then": reverting.state(after)})
    done = audit.record(tx, who, "cases.changed", 0, {"action": action, "cases": changed}, now)
    return Done(id=done, action=action, changed=len(changed), left=len(set(ids)) - len(changed))


def undo(tx: Tx, done_id: int, who: str, now: datetime) -> Done:
    """Take back what this agent did to many cases; those that changed since stay as they are.

    Raises `TriageError` when it is not hers, or was taken back already.
    """
    done = audit.find(tx, done_id)
    if done is None or done.action != "cases.changed" or done.who != who:
        raise TriageError("there is nothing of yours to take back")
    if audit.undone(tx, done_id, UNDONE):
        raise TriageError("it was taken back already")
    back = sum(reverting.put_back(tx, one["id"], one["was"], one["then"], who, now) for one in done.details["cases"])
    audit.record(tx, who, UNDONE, 0, {"undoes": done_id}, now)
    left = len(done.details["cases"]) - back
    return Done(id=0, action=done.details["action"], changed=back, left=left)


def _doing(
    tx: Tx, desk: Desk, action: str, who: str, now: datetime, to: str, until: datetime | None
) -> Callable[[int], Case]:
    if action == "assign":
        agents.check_works(tx, to)
    actions: Mapping[str, Callable[[int], Case]] = {
        "take": lambda id_: cases.take(tx, id_, who, now),
        "resolve": lambda id_: agents.resolve(tx, desk, id_, who, now),
        "reopen": lambda id_: cases.reopen(tx, id_, who, now),
        "snooze": lambda id_: snoozing.snooze(tx, id_, until or now, who, now),
        "wake": lambda id_: snoozing.wake(tx, id_, who, now),
        "assign": lambda id_: cases.assign(tx, id_, to, who, now),
    }
    if action not in actions:
        raise TriageError("there is no such action")
    return actions[action]
