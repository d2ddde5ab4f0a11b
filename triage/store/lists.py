"""What people look at: the ranked list, one case with its messages, and the totals of the status line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, literal, literal_column, or_, select, tuple_, union_all

from triage.case import Case, Entry, Status, Urgency
from triage.message import Message
from triage.store import searching, tally
from triage.store.columns import microseconds, storable
from triage.store.inbox import MOST_COUNTED, backlog
from triage.store.rows import case_of, entry_of, message_of
from triage.store.tables import audit, cases, incident_cases, messages, outbox, quarantine

SNOOZED = "status = 'open' AND snoozed_until IS NOT NULL"
"""Those that an agent put off; few, and some of them are back already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which cases a list shows; None and "" mean any.

    `status`, `channel`, `category`, `urgency`, `assignee` and `unassigned` are found by an index at any size; `topic`
    and `language` are looked for in what the others leave. `text` is words of the messages (`triage.store.searching`),
    or a case number; `incident` is the incident they belong to. A case of any status is found only together with one of
    the two. `late_at` leaves those that were due before then, `escalated` those with many follow-ups that nobody
    answered; `awake_at` those that are not put off beyond then, `snoozed_at` those that are.
    """

    status: Status | str | None = Status.OPEN
    channel: str | None = None
    category: str | None = None
    topic: str | None = None
    urgency: Urgency | None = None
    language: str | None = None
    assignee: str | None = None
    unassigned: bool = False
    late_at: datetime | None = None
    escalated: bool = False
    awake_at: datetime | None = None
    snoozed_at: datetime | None = None
    text: str | None = None
    incident: int | None = None


def top(tx: Connection, filters: Filters, limit: int = 50, after: tuple[int, int] | None = None) -> list[Case]:
    """Return the first cases of the list in its order, (order_key, id); `after` is the last one of the page before."""
    # Few, and known by their ids: an index in the list's order would lead past all others.
    key = cases.c.order_key + 0 if filters.text or filters.incident else cases.c.order_key
    query = filtered(tx, select(cases), filters).order_by(key, cases.c.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(cases.c.order_key, cases.c.id) > after)
    return [case_of(row) for row in tx.execute(query)]


def get(tx: Connection, case_id: int) -> Case | None:
    """Return one case, or None."""
    if not is_id(case_id):
        return None
    row = tx.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
    return None if row is None else case_of(row)


def is_id(number: int) -> bool:
    """Return whether a database can hold this as an id; a number typed by hand may be any."""
    return 0 < number < 2**63


def conversation(tx: Connection, case_id: int, most: int | None = None) -> list[Entry]:
    """Return the messages of a case, oldest first; at most so many, the newest."""
    if not is_id(case_id):
        return []
    newest = select(messages).where(messages.c.case_id == case_id).order_by(messages.c.id.desc()).limit(most)
    return [entry_of(row) for row in tx.execute(newest)][::-1]


def said_in(tx: Connection, case_id: int) -> int:
    """Return how many messages a case has."""
    return tx.execute(select(func.count()).where(messages.c.case_id == case_id)).scalar_one()


def sealed(tx: Connection, case_id: int) -> list[Message]:
    """Return the messages of a case whose original was sealed, oldest first."""
    if not is_id(case_id):
        return []
    mine = select(messages).where(messages.c.case_id == case_id, messages.c.original.contains('"sealed":"'))
    return [message for row in tx.execute(mine.order_by(messages.c.id)) if (message := message_of(row)).sealed]


def last_message(tx: Connection, case_id: int) -> tuple[Message, int] | None:
    """Return the newest message of a case as it came in, and its id; None when there is no such case."""
    newest = select(messages).where(messages.c.case_id == case_id).order_by(messages.c.id.desc()).limit(1)
    row = tx.execute(newest).one_or_none() if is_id(case_id) else None
    return None if row is None else (message_of(row), row.id)


def order_keys(tx: Connection) -> dict[int, int]:
    """Return the order key of every open case, by the case's id, in the order of the list."""
    query = select(cases.c.id, cases.c.order_key).where(_is("status = 'open'"))
    return {row.id: row.order_key for row in tx.execute(query.order_by(cases.c.order_key, cases.c.id))}


def version(tx: Connection) -> tuple[int, int]:
    """Return two numbers that change whenever a message was handled, or an agent did something."""
    newest = [tx.execute(select(func.max(table.c.id))).scalar() or 0 for table in (messages, audit)]
    return newest[0], newest[1]


def woken(tx: Connection, now: datetime) -> int:
    """Return a number that changes whenever the time of a case is over that was put off, with nobody doing anything."""
    last = select(func.max(cases.c.snoozed_until)).where(_is(SNOOZED), cases.c.snoozed_until <= now)
    at: datetime | None = tx.execute(last).scalar()
    return 0 if at is None else microseconds(at)


def stored_since(tx: Connection, since: datetime, limit: int | None = None) -> Iterator[tuple[Message, Entry]]:
    """Yield every message handled since then, oldest first, as it came in and with what became of it."""
    query = select(messages).where(messages.c.stored_at >= since).order_by(messages.c.stored_at, messages.c.id)
    for row in tx.execution_options(yield_per=200).execute(query.limit(limit)):
        yield message_of(row), entry_of(row)


def totals(tx: Connection) -> dict[str, int]:
    """Return the figures of the status line by name; what is written "up to" stops at `MOST_COUNTED`.

    "received", "received-again", "waiting", "quarantined", "dropped", "cases", "messages" and "messages.DISPOSITION",
    "acknowledged" and "acknowledged.CHANNEL", "rated.1" to "rated.5" (cases, by what their customers said),
    "promises.kept" and "promises.broken" (waiting times that were told and ended), "csp_violations.RULE" (what browsers
    were kept from), "outbox.STATE" (all but "sent" up to), "open" and
    "open.URGENCY" (up to), and "lost": what came in and is nowhere. It is 0, or something is wrong; while more wait
    than are counted, nobody can tell, and it is 0 too. "waiting" is "up to".
    """
    figures = _from_counters(tally.all_of(tx))
    figures["waiting"] = backlog(tx)
    figures["quarantined"] = tx.execute(select(func.count()).select_from(quarantine)).scalar_one()
    figures |= _capped(
        tx,
        {
            f"outbox.{state}": select(outbox.c.id).where(_is(f"state <> 'sent' AND state = '{state}'"))
            for state in ("queued", "sending", "unknown", "refused", "withheld")
        },
    )
    figures |= open_by_urgency(tx)
    if figures["waiting"] < MOST_COUNTED:
        kept = ("messages", "waiting", "quarantined", "dropped")
        figures["lost"] = figures["received"] - sum(figures[name] for name in kept)
    return figures


def open_by_urgency(tx: Connection) -> dict[str, int]:
    """Return how many cases are open: "open.URGENCY", each up to `MOST_COUNTED`, and "open", their sum."""
    of = select(cases.c.id).where(_is("status = 'open'"))
    figures = _capped(tx, {f"open.{urgency.label}": of.where(cases.c.urgency == int(urgency)) for urgency in Urgency})
    return figures | {"open": sum(figures.values())}


def pressing(tx: Connection, now: datetime) -> dict[str, int]:
    """Return how many open cases are "overdue" and "unassigned", each up to `MOST_COUNTED`."""
    wanted = {"overdue": Filters(late_at=now), "unassigned": Filters(unassigned=True)}
    return _capped(tx, {name: filtered(tx, select(cases.c.id), filters) for name, filters in wanted.items()})


def oldest_waiting(tx: Connection) -> datetime | None:
    """Return since when the customer waits who has waited longest among the first of the list; None for nobody."""
    waiting = select(cases.c.first_unanswered_at).where(_is("status = 'open'"))
    first = waiting.order_by(cases.c.order_key, cases.c.id).limit(MOST_COUNTED).subquery()
    return tx.execute(select(func.min(first.c.first_unanswered_at))).scalar()


_BY_NAME = {"promises": "promises", "csp": "csp_violations", "acknowledged": "acknowledged"}
"""Counters with one figure for each name, and what the figures are called."""


def _from_counters(counted: dict[str, int]) -> dict[str, int]:
    """Return the figures that are kept as counters, named "what:channel" or "what:channel:which"."""
    figures = dict.fromkeys(("received", "received-again", "dropped", "cases", "messages", "acknowledged", "lost"), 0)
    figures |= {"outbox.sent": 0, "promises.kept": 0, "promises.broken": 0}
    for name, value in counted.items():
        what, _, rest = name.partition(":")
        which = rest.rpartition(":")[2]
        if what == "known":
            what = "received-again"
        elif what == "messages":
            figures[f"messages.{which}"] = figures.get(f"messages.{which}", 0) + value
        elif what == "rated":
            figures[f"rated.{which}"] = figures.get(f"rated.{which}", 0) + value
        elif what in _BY_NAME:
            figures[f"{_BY_NAME[what]}.{rest}"] = value
        if what in figures:
            figures[what] += value
    return figures


def filtered(tx: Connection, query: Select[Any], filters: Filters) -> Select[Any]:
    """Return a query of cases narrowed to those that `filters` show."""
    if filters.status or not (filters.text or filters.incident):
        query = query.where(_is(f"status = '{Status(filters.status or Status.OPEN).value}'"))
    for name in ("channel", "category", "topic", "urgency", "language", "assignee"):
        value = getattr(filters, name)
        if value is not None and value != "":
            query = query.where(cases.c[name] == (int(value) if name == "urgency" else storable(value)))
    if filters.late_at is not None:
        # No place is after its due time, so the index ends the search early.
        query = query.where(cases.c.due_at < filters.late_at, cases.c.order_key < int(filters.late_at.timestamp()))
    if filters.escalated:
        query = query.where(_is("escalated"))
    if filters.unassigned:
        query = query.where(cases.c.assignee == "")
    return _by_snooze(_known_by_ids(tx, query, filters), filters)


def _known_by_ids(tx: Connection, query: Select[Any], filters: Filters) -> Select[Any]:
    """Return a query of those alone that a search or an incident names."""
    if filters.incident:
        of_it = select(incident_cases.c.case_id).where(incident_cases.c.incident_id == filters.incident)
        query = query.where(cases.c.id.in_(of_it))
    return query.where(_says(tx, filters.text)) if filters.text else query


def _by_snooze(query: Select[Any], filters: Filters) -> Select[Any]:
    """Return a query without what is put off, or of that alone, as the filters ask."""
    if filters.awake_at is not None:
        query = query.where(or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= filters.awake_at))
    if filters.snoozed_at is not None:
        query = query.where(_is(SNOOZED), cases.c.snoozed_until > filters.snoozed_at)
    return query


def _says(tx: Connection, text: str) -> Any:
    """Return the condition of a search: the words are in the messages, or it is the number of the case."""
    found = searching.find(tx, text)
    named = cases.c.number == storable(text).strip().upper()
    if found is None:
        return named
    said = searching.among(tx, cases.c.id, found)
    return or_(said, named) if "-" in text else said  # each number has one; two conditions cost a second index


def _is(condition: str) -> Any:
    """Return a condition written out, never bound: a partial index is used only if the planner can read it."""
    return literal_column(condition)


def _capped(tx: Connection, queries: Mapping[str, Select[Any]]) -> dict[str, int]:
    """Return how many rows each query has, up to `MOST_COUNTED`; asked at once, for each question is a way there."""
    counts = [
        select(literal(name).label("name"), func.count().label("found")).select_from(
            query.limit(MOST_COUNTED).subquery()
        )
        for name, query in queries.items()
    ]
    return {row.name: row.found for row in tx.execute(union_all(*counts))}
