"""Waiting times that were told and not kept: the case rises, and its customer is told, once.

`announce` works in the caller's transaction: the case, the reply in the outbox and the audit entry are written
together or not at all.
"""

from dataclasses import replace
from datetime import datetime

from triage import log
from triage.case import Case, Kept, Status
from triage.desk import Desk
from triage.message import Reply
from triage.rules import lifecycle
from triage.store import Tx, audit, cases, lists, outbox, promises

MOST = 20
"""Cases that are looked at in one transaction."""

NEVER_SENT = frozenset({"refused", "withdrawn", "withheld"})
"""States of an acknowledgement that its customer will never get."""


def announce(tx: Tx, desk: Desk, now: datetime) -> int:
    """Treat up to `MOST` waiting times that have run out; return how many there were.

    A customer whom our acknowledgement never reached was told nothing: her case has no promise, and none is broken.
    What is told waits for the end of quiet hours, and on a channel that is switched off nothing is told.
    """
    found = promises.run_out(tx, now, MOST)
    for case in found:
        _break(tx, desk, case, now)
    return len(found)


def _break(tx: Tx, desk: Desk, case: Case, now: datetime) -> None:
    assert case.promise is not None
    if case.status is not Status.OPEN or not _was_told(tx, case):
        cases.rewrite(tx, [replace(case, promise=None)])
        return
    broken = replace(case, promise=replace(case.promise, state=Kept.BROKEN), snoozed_until=None)
    risen = lifecycle.placed(broken, desk.targets, case.place)
    cases.rewrite(tx, [risen])
    promises.count(tx, case, risen)
    reply = _words(tx, desk, risen, now)
    if reply is not None:
        outbox.queue(tx, [reply], withheld=desk.dry_run)
    details = {"by": case.promise.by.isoformat(), "told": reply is not None}
    audit.record(tx, "triage", "case.promise-broken", case.id, details, now)
    log.info("promise.broken", case=case.id, told=reply is not None)


def _was_told(tx: Tx, case: Case) -> bool:
    said = (outbox.by_key(tx, f"{case.id}:{name}") for name in ("acknowledgement", "secret-warning"))
    return any(one is not None and one.state not in NEVER_SENT for one in said)


def _words(tx: Tx, desk: Desk, case: Case, now: datetime) -> Reply | None:
    """Return what the customer is told, where she last wrote; None where nothing is said by ourselves."""
    found = lists.last_message(tx, case.id)
    if found is None:
        return None
    message, _ = found
    if not desk.may_speak_first(message):
        return None
    return desk.reply(
        message,
        "late",
        key=f"{case.id}:late",
        language=case.language,
        now=now,
        facts={"number": case.number},
        case_id=case.id,
        not_before=desk.quiet_until(now),
    )
