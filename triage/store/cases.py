"""Cases: written by the pipeline, one batch at a time, and by agents, one action at a time.

What matching asks is in `known`, the ranked list and a case's pages in `lists`; both are offered here too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from triage.case import Case, Entry, Place, Status
from triage.errors import TriageError
from triage.message import Message
from triage.store import audit, people, tally
from triage.store.audit import AuditEntry
from triage.store.bulk import insert_many
from triage.store.columns import digest
from triage.store.known import Known, known
from triage.store.lists import Filters, conversation, get, is_id, top, totals
from triage.store.rows import case_of, row_of, row_of_entry
from triage.store.tables import cases, messages, participants, threads

__all__ = [
    "AuditEntry", "Changes", "Filters", "Known", "NoSuchCase", "change", "conversation", "get", "known", "locked",
    "reopen", "reserve_ids", "resolve", "save", "take", "top", "totals",
]  # fmt: skip


class NoSuchCase(TriageError):
    """No case has this id. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything a batch changes.

    Attributes:
        opened: New cases, with ids of `reserve_ids`.
        changed: Cases that were there before, in their last state.
        entries: Each message handled, and what became of it.
        threads: (key, case id): where an answer to these messages leads. The first writer of a key wins.
        participants: (case id, `Address.key`).
    """

    opened: Sequence[Case] = ()
    changed: Sequence[Case] = ()
    entries: Sequence[tuple[Message, Entry]] = ()
    threads: Sequence[tuple[str, int]] = ()
    participants: Sequence[tuple[int, str]] = ()
    audit: Sequence[AuditEntry] = field(default_factory=tuple)


def reserve_ids(tx: Connection, count: int) -> range:
    """Return `count` ids for new cases that no other case ever had or will have."""
    return tally.reserve(tx, "ids:cases", count)


def save(tx: Connection, changes: Changes, now: datetime) -> None:
    """Write a batch. A message that is stored already is an error of the caller, and undoes the transaction."""
    insert_many(tx, cases, [row_of(case) for case in changes.opened])
    _update(tx, changes.changed)
    insert_many(tx, messages, [row_of_entry(message, entry, now) for message, entry in changes.entries])
    join_threads(tx, changes.threads)
    _join(tx, changes.participants)
    said = ((m.sender.key, e.language, e.received_at) for m, e in changes.entries if e.language != "und")
    people.spoke(tx, said)
    audit.record_all(tx, changes.audit, now)
    grown = Counter(f"messages:{e.channel}:{e.disposition.value}" for _, e in changes.entries)
    grown.update(f"cases:{case.channel}" for case in changes.opened)
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


def resolve(tx: Connection, case_id: int, agent: str, now: datetime) -> Case:
    """Close a case: everything in it is answered; raises `NoSuchCase`."""
    done = {"status": Status.RESOLVED, "resolved_at": now, "first_unanswered_at": None}
    return change(tx, case_id, done, agent, "case.resolved", now)


def reopen(tx: Connection, case_id: int, agent: str, now: datetime, place: Place | None = None) -> Case:
    """Open a case again, at its old place unless a new one is given; raises `NoSuchCase`.

    It was not answered after all: its clock is the old one too, or the next message would send it to the end.
    """
    waiting = {"first_unanswered_at": locked(tx, case_id).opened_at}
    values: dict[str, Any] = {"status": Status.OPEN, "resolved_at": None, **waiting}
    return change(tx, case_id, values | ({"place": place} if place else {}), agent, "case.reopened", now)


def locked(tx: Connection, case_id: int) -> Case:
    """Return a case that nobody else changes until the transaction ends; raises `NoSuchCase`."""
    one = select(cases).where(cases.c.id == case_id).with_for_update()
    row = tx.execute(one).one_or_none() if is_id(case_id) else None
    if row is None:
        raise NoSuchCase(f"there is no case {case_id}")
    return case_of(row)


def change(
    tx: Connection, case_id: int, values: Mapping[str, Any], who: str, action: str, now: datetime, **details: Any
) -> Case:
    """Change fields of one case, locked meanwhile, and write it to the audit; return the case as it is now.

    What is so already is not written again: pressing a button twice is one action.
    """
    before = locked(tx, case_id)
    if "status" in values and values["status"] is before.status:
        return before
    after = replace(before, **values)
    if after == before:
        return before
    _update(tx, [after])
    audit.record(tx, who, action, case_id, {"assignee_before": before.assignee, **details}, now)
    return after


def _update(tx: Connection, changed: Sequence[Case]) -> None:
    if changed:
        rows = [row_of(case) for case in sorted(changed, key=lambda case: case.id)]
        tx.execute(update(cases).where(cases.c.id == bindparam("of")), [row | {"of": row.pop("id")} for row in rows])


def _join(tx: Connection, joined: Sequence[tuple[int, str]]) -> None:
    rows = [{"case_id": case_id, "hash": digest(key), "key": key} for case_id, key in sorted(set(joined))]
    insert_many(tx, participants, rows, known=True)
