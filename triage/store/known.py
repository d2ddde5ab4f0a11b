"""What matching needs to know about a batch, in six queries whatever its size."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, TextClause, bindparam, func, select, text, true

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
        cases: Every case named below, by id.
        by_person: A person's cases, newest first: open ones, and those resolved lately.
        by_thread: Thread key to case.
        recent_texts: What the last messages of a case newly said, newest first.
        participants: The `Address.key`s that wrote in a case.
        recent_languages: A person to the language she last wrote in.
    """

    cases: dict[int, Case] = field(default_factory=dict)
    by_person: dict[int, tuple[int, ...]] = field(default_factory=dict)
    by_thread: dict[str, int] = field(default_factory=dict)
    recent_texts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    participants: dict[int, frozenset[str]] = field(default_factory=dict)
    recent_languages: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Of:
    """Whose rows: their table, its column that names the owner, the owners' table, and which of the rows count."""

    rows: Table
    name: str
    owners: Table
    only: tuple[TextClause, ...] = ()


def known(
    tx: Connection, of: Collection[int], thread_keys: Collection[str], case_ids: Collection[int], since: datetime
) -> Known:
    """Return what is known about persons (`of`), threads and cases; resolved cases count if resolved after `since`.

    On PostgreSQL the cases stay locked until the transaction ends, so that no agent changes them meanwhile.
    """
    by_thread = _by_thread(tx, thread_keys)
    alive = (text("(status = 'open' OR resolved_at >= :since)").bindparams(bindparam("since", since, Moment)),)
    own = _newest(tx, cases.c.id, _Of(rows=cases, name="person_id", owners=persons, only=alive), of, MOST_CASES)
    wanted = {row.id for row in own} | set(by_thread.values()) | {i for i in case_ids if 0 < i < 2**63}
    found = _cases(tx, wanted)
    by_person: dict[int, tuple[int, ...]] = {}
    for case in sorted(found.values(), key=lambda case: -case.id):
        if case.person_id in of and (case.resolved_at is None or case.resolved_at >= since):
            by_person[case.person_id] = (*by_person.get(case.person_id, ()), case.id)
    return Known(
        cases=found,
        by_person=by_person,
        by_thread={key: case_id for key, case_id in by_thread.items() if case_id in found},
        recent_texts=_recent_texts(tx, found),
        participants=_participants(tx, found),
        recent_languages=_languages(tx, of),
    )


def _by_thread(tx: Connection, keys: Collection[str]) -> dict[str, int]:
    if not keys:
        return {}
    wanted = {digest(key): key for key in keys}
    rows = tx.execute(select(threads).where(threads.c.hash.in_(list(wanted))))
    return {wanted[bytes(row.hash)]: row.case_id for row in rows}


def _cases(tx: Connection, ids: Collection[int]) -> dict[int, Case]:
    """Return cases by id; locked in the order of ids, so that two transactions never wait in a circle."""
    if not ids:
        return {}
    query = select(cases).where(cases.c.id.in_(ids)).order_by(cases.c.id)
    if not tx.get_execution_options().get("postgresql_readonly"):
        query = query.with_for_update()
    return {row.id: case_of(row) for row in tx.execute(query)}


def _recent_texts(tx: Connection, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    newly = func.coalesce(messages.c.new_text, messages.c.text)
    rows = _newest(tx, newly, _Of(rows=messages, name="case_id", owners=cases), ids, RECENT)
    return _grouped((owner, text_) for owner, text_ in rows)


def _participants(tx: Connection, ids: Collection[int]) -> dict[int, frozenset[str]]:
    if not ids:
        return {}
    rows = tx.execute(select(participants.c.case_id, participants.c.key).where(participants.c.case_id.in_(ids)))
    return {case_id: frozenset(keys) for case_id, keys in _grouped((row.case_id, row.key) for row in rows).items()}


def _languages(tx: Connection, of: Collection[int]) -> dict[int, str]:
    if not of:
        return {}
    spoken = select(addresses.c.person_id, addresses.c.language).where(
        addresses.c.person_id.in_(of), addresses.c.language_at.is_not(None)
    )
    return {row.person_id: row.language for row in tx.execute(spoken.order_by(addresses.c.language_at))}


def _newest(tx: Connection, column: ColumnElement[Any], of: _Of, ids: Collection[int], limit: int) -> Sequence[Any]:
    """Return (owner, `column`) of each owner's newest rows, newest first, by the index on (owner, id) alone.

    A window function would read all of an owner's rows to number them; each dialect has its own way to read few.
    """
    if not ids:
        return []
    table, rows = of.rows, _again(of.rows)
    last = select(rows.c.id).where(rows.c[of.name] == of.owners.c.id, *of.only).order_by(rows.c.id.desc()).limit(limit)
    if tx.dialect.name == "postgresql":
        each = last.lateral()
        source = of.owners.join(each, true()).join(table, table.c.id == each.c.id)
    else:
        source = of.owners.join(table, table.c.id.in_(last.correlate(of.owners)))
    query = select(of.owners.c.id.label("owner"), column).select_from(source).where(of.owners.c.id.in_(ids))
    return tx.execute(query.order_by(table.c.id.desc())).all()


@cache
def _again(table: Table) -> FromClause:
    """Return a table under another name; made once, for it costs more than the query that it is for."""
    return table.alias()


def _grouped(pairs: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    groups: dict[int, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
