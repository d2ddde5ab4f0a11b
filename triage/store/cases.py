"""Cases: written by the pipeline, one batch at a time, and by agents, one action at a time.

What matching asks is in `known`, the ranked list and a case's pages in `lists`; both are offered here too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from triage.case import Case, Entry, Place, Status
from triage.errors import TriageError
from triage.message import Message
from triage.rules import promise
from triage.store import audit, people, promises, searching, tally
from triage.store.audit import AuditEntry
from triage.store.bulk import insert_many, insert_numbered
from triage.store.columns import digest
from triage.store.known import Known, known
from triage.store.lists import Filters, conversation, filtered, get, is_id, top, totals
from triage.store.rows import case_of, row_of, row_of_entry
from triage.store.tables import cases, messages, participants, threads

__all__ = [
    "AuditEntry", "CaseMerged", "Changes", "Filters", "Known", "NoSuchCase", "assign", "change", "conversation", "get",
    "known", "locked", "number_of", "present", "reopen", "reserve_ids", "resolve", "rewrite", "save", "take",
    "take_next", "top", "totals",
]  # fmt: skip


_IDS = "ids:cases"
_REWRITTEN = update(cases).where(cases.c.id == bindparam("of"))


class NoSuchCase(TriageError):
    """No case has this id. Nothing was changed."""


class CaseMerged(TriageError):
    """An agent made this case a part of another one: work on that. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything a batch changes.

    Attributes:
        opened: New cases, with ids of `reserve_ids`.
        changed: Cases that were there before, in their last state.
        entries: Each message handled, and what became of it.
        threads: (key, case id): where an answer to these messages leads. The first writer of a key wins.
        participants: (case id, `Address.key`).
        rated: Those of `changed` that their customer has rated now.
        audit: What is written down beside it.
    """

    opened: Sequence[Case] = ()
    changed: Sequence[Case] = ()
    entries: Sequence[tuple[Message, Entry]] = ()
    threads: Sequence[tuple[str, int]] = ()
    participants: Sequence[tuple[int, str]] = ()
    rated: Sequence[Case] = ()
    audit: Sequence[AuditEntry] = ()


def reserve_ids(tx: Connection, count: int) -> range:
    """Return `count` ids for new cases that no other case ever had or will have."""
    return tally.reserve(tx, _IDS, count)


def save(tx: Connection, changes: Changes, now: datetime) -> None:
    """Write a batch. A message that is stored already is an error of the caller, and undoes the transaction."""
    insert_many(tx, cases, [row_of(case) for case in changes.opened])
    rewrite(tx, changes.changed)
    if changes.entries:
        # Messages are seen in the order of their ids: whoever reads on from a place would miss one that came late.
        tally.hold(tx, _IDS)
    ids = insert_numbered(tx, messages, [row_of_entry(message, entry, now) for message, entry in changes.entries])
    searching.add(tx, [(id_, entry) for id_, (_, entry) in zip(ids, changes.entries, strict=True)])
    join_threads(tx, changes.threads)
    _join(tx, changes.participants)
    said = ((m.sender.key, e.language, e.received_at) for m, e in changes.entries if e.language != "und")
    people.spoke(tx, said)
    audit.record_all(tx, changes.audit, now)
    grown = Counter(f"messages:{e.channel}:{e.disposition.value}" for _, e in changes.entries)
    grown.update(f"cases:{case.channel}" for case in changes.opened)
    grown.update(f"rated:{case.channel}:{case.rating}" for case in changes.rated)
    tally.add(tx, grown)


def join_threads(tx: Connection, keys: Sequence[tuple[str, int]]) -> None:
    """Remember where answers lead; a key that leads somewhere already stays as it is."""
    first: dict[bytes, int] = {}
    for key, case_id in keys:
        first.setdefault(digest(key), case_id)
    rows = [{"hash": hash_, "case_id": first[hash_]} for hash_ in sorted(first)]
    insert_many(tx, threads, rows, known=True)


def take(tx: Connection, case_id: int, agent: str, now: datetime) -> Case:
    """Give a case to an agent, whoever had it before; raises `NoSuchCase`."""
    return change(tx, case_id, {"assignee": agent}, agent, "case.taken", now)


def assign(tx: Connection, case_id: int, to: str, agent: str, now: datetime) -> Case:
    """Give a case to another agent, or ("") to nobody; raises `NoSuchCase`."""
    return change(tx, case_id, {"assignee": to}, agent, "case.assigned", now)


def take_next(tx: Connection, agent: str, filters: Filters, now: datetime) -> Case | None:
    """Give an agent the first case of the list that is nobody's, and return it; None when there is none.

    Two agents who ask at once get two cases: one that is locked is passed over.
    """
    wanted = replace(filters, unassigned=True, awake_at=now)
    query = filtered(tx, select(cases), wanted).order_by(cases.c.order_key, cases.c.id)
    row = tx.execute(query.limit(1).with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else take(tx, row.id, agent, now)


def resolve(tx: Connection, case_id: int, agent: str, now: datetime) -> Case:
    """Close a case: nothing is left to do, or it stays as it is if it was closed before; raises `NoSuchCase`."""
    if (before := locked(tx, case_id)).status is Status.RESOLVED:
        return before
    done = {"status": Status.RESOLVED, "resolved_at": now, "first_unanswered_at": None, "snoozed_until": None}
    done |= {"promise": promise.ended(before.promise, now)}
    return change(tx, case_id, done, agent, "case.resolved", now)


def reopen(tx: Connection, case_id: int, agent: str, now: datetime, place: Place | None = None) -> Case:
    """Open a case again, at its old place unless a new one is given; raises `NoSuchCase`.

    It was not answered after all: its clock is the old one too, or the next message would send it to the end.
    """
    if (before := locked(tx, case_id)).status is Status.OPEN:
        return before
    waiting: dict[str, Any] = {"first_unanswered_at": before.opened_at}
    if before.first_answered_at is None:
        waiting["promise"] = promise.resumed(before.promise)
    values: dict[str, Any] = {"status": Status.OPEN, "resolved_at": None, **waiting}
    return change(tx, case_id, values | ({"place": place} if place else {}), agent, "case.reopened", now)


def locked(tx: Connection, case_id: int, *, merged: bool = False) -> Case:
    """Return a case that nobody else changes until the transaction ends.

    Raises `NoSuchCase`, and `CaseMerged` for one that is a part of another, unless `merged` asks for it.
    """
    one = select(cases).where(cases.c.id == case_id).with_for_update()
    row = tx.execute(one).one_or_none() if is_id(case_id) else None
    if row is None:
        raise NoSuchCase("there is no case %(id)s", id=case_id)
    case = case_of(row)
    if case.merged_into and not merged:
        raise CaseMerged(
            "%(number)s was merged into %(other)s: work on that one",
            number=case.number,
            other=number_of(tx, case.merged_into),
        )
    return case


def present(tx: Connection, case_id: int) -> Case:
    """Return a case, to be looked at only; raises `NoSuchCase`."""
    if (case := get(tx, case_id)) is None:
        raise NoSuchCase("there is no such case")
    return case


def number_of(tx: Connection, case_id: int) -> str:
    """Return the number of a case that is there."""
    return str(tx.execute(select(cases.c.number).where(cases.c.id == case_id)).scalar_one())


def change(
    tx: Connection, case_id: int, values: Mapping[str, Any], who: str, action: str, now: datetime, **details: Any
) -> Case:
    """Change fields of one case, locked meanwhile, and write it to the audit; return the case as it is now.

    What is so already is not written again: pressing a button twice is one action.
    """
    before = locked(tx, case_id)
    after = replace(before, **values)
    if after == before:
        return before
    rewrite(tx, [after])
    promises.count(tx, before, after)
    audit.record(tx, who, action, case_id, {"assignee_before": before.assignee, **details}, now)
    return after


def rewrite(tx: Connection, changed: Sequence[Case]) -> None:
    """Write cases as they are now, without a word to the audit: that is the caller's."""
    if changed:
        rows = [row_of(case) for case in sorted(changed, key=lambda case: case.id)]
        tx.execute(_REWRITTEN, [row | {"of": row.pop("id")} for row in rows])


def _join(tx: Connection, joined: Sequence[tuple[int, str]]) -> None:
    rows = [{"case_id": case_id, "hash": digest(key), "key": key} for case_id, key in sorted(set(joined))]
    insert_many(tx, participants, rows, known=True)
