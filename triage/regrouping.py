"""Merge, split, move, link: what agents do about messages that are in the wrong case.

Each function works in the caller's transaction and writes an audit entry that `triage.undoing` can revert. A merged
case stays as it was, under its own number, and leads to the one that it was made a part of.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from triage.case import Case, Entry, Status
from triage.desk import Desk
from triage.entering import own_keys
from triage.errors import TriageError
from triage.reverting import plain
from triage.rules import lifecycle, promise, regrouping
from triage.store import Tx, audit, cases, people
from triage.store import regrouping as stored
from triage.store.cases import Changes


class NotRegrouped(TriageError):
    """The messages cannot be put together so; the text says why. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who does it, at which desk, and when."""

    desk: Desk
    who: str
    now: datetime


def merge(tx: Tx, by: Agent, case_id: int, into_id: int) -> Case:
    """Make a case a part of another, and return that one; later messages of either go there.

    Raises `NoSuchCase`, `CaseMerged` for a case that is a part of another already, or `NotRegrouped`.
    """
    into_id = stored.leading(tx, into_id)
    stored.lock(tx, case_id, into_id)
    case, into = cases.locked(tx, case_id), cases.locked(tx, into_id)
    if case.id == into.id:
        raise NotRegrouped("%(number)s is one case already", number=case.number)
    own = cases.conversation(tx, case.id)
    was = {name: plain(getattr(into, name)) for name in ("status", "first_unanswered_at", "resolved_at")}
    details = {"into": into.id, "number": into.number, "messages": [e.id for e in own], "status": case.status.value,
               "was": was | {"answered_at": plain(into.answered_at)}}  # fmt: skip
    after = merged(tx, by, case, into, own)
    act = audit.record(tx, by.who, "case.merged", case.id, details, by.now)
    audit.record(tx, by.who, "case.merged-in", into.id, {"act": act, "number": case.number}, by.now)
    return after


def split(tx: Tx, by: Agent, case_id: int, message_id: int) -> Case:
    """Make one message of a case a new case of its sender, open and linked to the old one; return the new one.

    Raises `NoSuchCase`, `CaseMerged`, or `NotRegrouped` when the message is not in it, or is all there is.
    """
    case = cases.locked(tx, case_id)
    entries = cases.conversation(tx, case.id)
    entry = next((e for e in entries if e.id == message_id), None)
    if entry is None:
        raise NotRegrouped("%(number)s has no message %(id)s", number=case.number, id=message_id)
    rest = _rest(case, entries, entry)
    message, _ = stored.message(tx, entry.id)
    [new_id] = cases.reserve_ids(tx, 1)
    new = lifecycle.open_case(
        case_id=new_id,
        number=by.desk.number(new_id),
        person_id=people.resolve(tx, [message.sender], by.now)[message.sender.key],
        message=message,
        reading=regrouping.reading_of(entry),
        verdict=entry.verdict or case.verdict,
        targets=by.desk.targets,
        linked_to=case.id,
        secret_exposed=lifecycle.exposed(entry.redacted),
    )
    cases.save(tx, Changes(opened=[new]), by.now)
    _carry(tx, entry, new.id)
    _shrink(tx, by, case, entries, rest)
    act = audit.record(
        tx, by.who, "case.split", case.id, {"message": entry.id, "to": new.id, "number": new.number}, by.now
    )
    audit.record(tx, by.who, "case.split-off", new.id, {"act": act, "number": case.number}, by.now)
    return new


def move(tx: Tx, by: Agent, message_id: int, to_id: int) -> Case:
    """Put one message into another case, and return that one; answers to the message go there too.

    A message that belonged to no case (held to be a robot's, or advertising) may be moved into one. Raises
    `NoSuchCase`, or `NotRegrouped` when it is there already, or is all that its case holds.
    """
    _, from_id = stored.message(tx, message_id)
    to_id = stored.leading(tx, to_id)
    carry(tx, by, message_id, from_id, to_id)
    after = cases.locked(tx, to_id)
    details = {"message": message_id, "from": from_id, "to": to_id, "number": after.number}
    act = audit.record(tx, by.who, "case.message-moved", from_id or to_id, details, by.now)
    if from_id:
        audit.record(tx, by.who, "case.message-moved-in", to_id, {"act": act, "message": message_id}, by.now)
    return after


def link(tx: Tx, by: Agent, case_id: int, other_id: int) -> Case:
    """Say that a case has to do with another, which stays its own; return the first."""
    case, other = cases.locked(tx, case_id), cases.locked(tx, other_id, merged=True)
    if case.id == other.id:
        raise NotRegrouped("%(number)s is one case already", number=case.number)
    if case.linked_to == other.id:
        return case
    details = {"number": other.number, "was": case.linked_to}
    return cases.change(tx, case.id, {"linked_to": other.id}, by.who, "case.linked", by.now, **details)


def merged(tx: Tx, by: Agent, case: Case, into: Case, own: list[Entry]) -> Case:
    """Put everything of `case` into `into`, and return that one as it is then; the audit is the caller's."""
    theirs = cases.conversation(tx, into.id)
    together = regrouping.in_order([*own, *theirs])
    unanswered = regrouping.in_order([*regrouping.waiting(case, own), *regrouping.waiting(into, theirs)])
    verdict = lifecycle.risen(into, case.verdict)
    after = regrouping.rebuilt(into, together, unanswered, verdict, by.desk.targets)
    told = promise.sooner(into.promise, case.promise)
    after = replace(after, assignee=into.assignee or case.assignee, promise=told)
    cases.rewrite(tx, [replace(case, status=Status.MERGED, merged_into=into.id), after])
    stored.move(tx, [e.id for e in own], into.id)
    stored.count_participants(tx, into.id)
    return after


def carry(tx: Tx, by: Agent, message_id: int, from_id: int, to_id: int) -> None:
    """Put a message from one case into another; 0 is no case. The audit is the caller's."""
    if from_id == to_id:
        raise NotRegrouped("message %(id)s is in this case already", id=message_id)
    stored.lock(tx, from_id, to_id)
    source = cases.locked(tx, from_id) if from_id else None
    entries = cases.conversation(tx, from_id)
    unanswered = regrouping.waiting(source, entries) if source else entries
    if source is not None:
        entry = next(e for e in entries if e.id == message_id)
        rest = _rest(source, entries, entry)
    _carry_id(tx, message_id, to_id)
    if source is not None:
        _shrink(tx, by, source, entries, rest)
    if to_id:
        _grow(tx, by, to_id, message_id, waits=source is None or any(e.id == message_id for e in unanswered))


def _grow(tx: Tx, by: Agent, case_id: int, message_id: int, *, waits: bool) -> None:
    """Write down what a case is with one message more, which is in it already."""
    case = cases.locked(tx, case_id)
    entries = regrouping.in_order(cases.conversation(tx, case_id))
    own = [e for e in entries if e.id != message_id]
    ids = {e.id for e in regrouping.waiting(case, own)} | ({message_id} if waits else set())
    unanswered = [e for e in entries if e.id in ids]
    verdict = regrouping.judged(case, entries)
    cases.rewrite(tx, [regrouping.rebuilt(case, entries, unanswered, verdict, by.desk.targets)])
    stored.count_participants(tx, case_id)


def _shrink(tx: Tx, by: Agent, case: Case, before: list[Entry], rest: list[Entry]) -> None:
    """Write down what a case is without some of its messages, which are elsewhere already."""
    after = regrouping.rebuilt(
        case, rest, regrouping.waiting(case, rest), regrouping.judged(case, rest), by.desk.targets
    )
    opener = rest[0]
    if regrouping.in_order(before)[0].id != opener.id:
        message, _ = stored.message(tx, opener.id)
        after = replace(
            after,
            summary=lifecycle.summary_of(message, regrouping.reading_of(opener)),
            channel=opener.channel,
            kind=opener.kind,
            person_id=people.resolve(tx, [message.sender], by.now)[message.sender.key],
        )
    cases.rewrite(tx, [after])
    stored.count_participants(tx, case.id)


def _rest(case: Case, entries: list[Entry], entry: Entry) -> list[Entry]:
    rest = regrouping.in_order([e for e in entries if e.id != entry.id])
    if not rest:
        raise NotRegrouped("it is all that %(number)s holds: merge the whole case instead", number=case.number)
    return rest


def _carry(tx: Tx, entry: Entry, case_id: int) -> None:
    _carry_id(tx, entry.id, case_id)
    stored.count_participants(tx, case_id)


def _carry_id(tx: Tx, message_id: int, case_id: int) -> None:
    """Put a message into a case, and let answers to it follow, and to what we said to it by ourselves."""
    message, from_id = stored.message(tx, message_id)
    stored.move(tx, [message_id], case_id)
    stored.lead(tx, own_keys(message), case_id)
    stored.follow(tx, message, from_id, case_id)
