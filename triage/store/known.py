"""What matching needs to know about a batch, in six queries whatever its size."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Table,
    TextClause,
    bindparam,
    func,
    select,
    text,
    true,
)

from triage.case import Case
from triage.store.columns import Moment, digest
from triage.store.rows import case_of
from triage.store.tables import addresses, cases, messages, participants, persons, threads

RECENT = 5
"""Texts of a case that a new message is compared with."""

MOST_CASES = 50
"""Cases of one person that are looked at: a hostile one may have opened thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store holds that could matter to a batch.

    Attributes:
        cases: Every case named below, by id, and what it was merged into.
        leads: A case that was merged to the one where it is continued, through any number of merges.
        by_person: A person's cases, newest first: all but those resolved long ago.
        by_thread: Thread key to case.
        recent_texts: What the last messages of a case newly said, newest first.
        participants: The `Address.key`s that wrote in a case.
        recent_languages: A person to the language she last wrote in.
    """

    cases: dict[int, Case] = field(default_factory=dict)
    leads: dict[int, int] = field(default_factory=dict)
    by_person: dict[int, tuple[int, ...]] = field(default_factory=dict)
    by_thread: dict[str, int] = field(default_factory=dict)
    recent_texts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    participants: dict[int, frozenset[str]] = field(default_factory=dict)
    recent_languages: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Newest:
    """Whose rows: their table, its column that names the owner, the owners' table, and which of the rows count.

    Attributes:
        wanted: What of each row.
        most: So many of one owner's, the newest.
    """

    rows: Table
    name: str
    owners: Table
    wanted: ColumnElement[Any]
    most: int
    only: tuple[TextClause, ...] = ()


# Made once, all of them: to build a statement costs more than to run it.
_ALIVE = text("(status <> 'resolved' OR resolved_at >= :since)").bindparams(bindparam("since", type_=Moment))
_OWN = _Newest(rows=cases, name="person_id", owners=persons, wanted=cases.c.id, most=MOST_CASES, only=(_ALIVE,))
_SAID = _Newest(
    rows=messages,
    name="case_id",
    owners=cases,
    wanted=func.coalesce(messages.c.new_text, messages.c.text),
    most=RECENT,
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_LEADING = select(threads).where(threads.c.hash.in_(_IDS))
_CASES = select(cases).where(cases.c.id.in_(_IDS)).order_by(cases.c.id)
_LOCKED = _CASES.with_for_update()
_WRITERS = select(participants.c.case_id, participants.c.key).where(participants.c.case_id.in_(_IDS))
_SPOKEN = (
    select(addresses.c.person_id, addresses.c.language)
    .where(addresses.c.person_id.in_(_IDS), addresses.c.language_at.is_not(None))
    .order_by(addresses.c.language_at)
)


def known(
    tx: Connection, of: Collection[int], thread_keys: Collection[str], case_ids: Collection[int], since: datetime
) -> Known:
    """Return what is known about persons (`of`), threads and cases; resolved cases count if resolved after `since`.

    On PostgreSQL the cases stay locked until the transaction ends, so that no agent changes them meanwhile.
    """
    by_thread = _by_thread(tx, thread_keys)
    own = _newest(tx, _OWN, of, since=since)
    wanted = {row.id for row in own} | set(by_thread.values()) | {i for i in case_ids if 0 < i < 2**63}
    found = _with_merged(tx, _cases(tx, wanted))
    leads = {case.id: lead(found, case.id) for case in found.values() if case.merged_into}
    owned = {(case.person_id, leads.get(case.id, case.id)) for case in found.values() if case.person_id in of}
    by_person: dict[int, tuple[int, ...]] = {}
    for person, case_id in sorted(owned, key=lambda pair: -pair[1]):
        resolved_at = found[case_id].resolved_at
        if resolved_at is None or resolved_at >= since:
            by_person[person] = (*by_person.get(person, ()), case_id)
    return Known(
        cases=found,
        leads=leads,
        by_person=by_person,
        by_thread={key: leads.get(case_id, case_id) for key, case_id in by_thread.items() if case_id in found},
        recent_texts=_recent_texts(tx, found),
        participants=_participants(tx, found),
        recent_languages=_languages(tx, of),
    )


def lead(found: Mapping[int, Case], case_id: int) -> int:
    """Return where a case is continued: itself, or what it was merged into; a circle ends where it closes."""
    been = {case_id}
    while (into := found[case_id].merged_into) in found and into not in been:
        been.add(into)
        case_id = into
    return case_id


def _with_merged(tx: Connection, found: dict[int, Case]) -> dict[int, Case]:
    """Return cases and everything they were merged into; hardly any was, and then there is nothing to ask."""
    while missing := {case.merged_into for case in found.values() if case.merged_into} - found.keys():
        more = _cases(tx, missing)
        if not more:
            break
        found = found | more
    return found


def _by_thread(tx: Connection, keys: Collection[str]) -> dict[str, int]:
    if not keys:
        return {}
    wanted = {digest(key): key for key in keys}
    rows = tx.execute(_LEADING, {"ids": list(wanted)})
    return {wanted[bytes(row.hash)]: row.case_id for row in rows}


def _cases(tx: Connection, ids: Collection[int]) -> dict[int, Case]:
    """Return cases by id; locked in the order of ids, so that two transactions never wait in a circle."""
    if not ids:
        return {}
    query = _CASES if tx.get_execution_options().get("postgresql_readonly") else _LOCKED
    return {row.id: case_of(row) for row in tx.execute(query, {"ids": list(ids)})}


def _recent_texts(tx: Connection, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    return _grouped((owner, text_) for owner, text_ in _newest(tx, _SAID, ids))


def _participants(tx: Connection, ids: Collection[int]) -> dict[int, frozenset[str]]:
    if not ids:
        return {}
    rows = tx.execute(_WRITERS, {"ids": list(ids)})
    return {case_id: frozenset(keys) for case_id, keys in _grouped((row.case_id, row.key) for row in rows).items()}


def _languages(tx: Connection, of: Collection[int]) -> dict[int, str]:
    if not of:
        return {}
    return {row.person_id: row.language for row in tx.execute(_SPOKEN, {"ids": list(of)})}


def _newest(tx: Connection, of: _Newest, ids: Collection[int], **values: Any) -> Sequence[Any]:
    """Return (owner, what is wanted) of each owner's newest rows, newest first."""
    return tx.execute(_statement(tx.dialect.name, of), {"ids": list(ids), **values}).all() if ids else []


@cache
def _statement(dialect: str, of: _Newest) -> Select[Any]:
    """Return the question for each owner's newest rows, by the index on (owner, id) alone.

    A window function would read all of an owner's rows to number them; each dialect has its own way to read few.
    """
    table, rows = of.rows, of.rows.alias()
    last = select(rows.c.id).where(rows.c[of.name] == of.owners.c.id, *of.only).order_by(rows.c.id.desc())
    last = last.limit(of.most)
    if dialect == "postgresql":
        each = last.lateral()
        source = of.owners.join(each, true()).join(table, table.c.id == each.c.id)
    else:
        source = of.owners.join(table, table.c.id.in_(last.correlate(of.owners)))
    query = select(of.owners.c.id.label("owner"), of.wanted).select_from(source).where(of.owners.c.id.in_(_IDS))
    return query.order_by(table.c.id.desc())


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    groups: dict[int, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
