"""Every question on the way of a message and of the next case is answered by an index, none by reading a whole table.

The plans are those of the databases themselves. SQLite plans by its indexes alone; PostgreSQL is told that reading a
whole table is the last resort, so that a plan that still does it has no index to use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from triage.case import Urgency
from triage.store import Store, cases, lists

SMALL = {"inbox", "attempts", "counters", "cursors", "audit_head", "pace", "leases", "incidents", "message_words"}
"""Tables that stay small whatever comes in, and the index of words, which is asked in its own language."""

FILTERS = {
    "all": {},
    "channel": {"channel": "support-mail"},
    "category": {"category": "transaction"},
    "urgency": {"urgency": Urgency.HIGH},
    "topic": {"topic": "pending"},
    "language": {"language": "en"},
    "assignee": {"assignee": "mia"},
    "nobody's": {"unassigned": True},
    "escalated": {"escalated": True},
    "incident": {"incident": 1},
    "incident of any status": {"incident": 1, "status": None},
}

Asked = dict[str, Any]


@contextmanager
def asked(store: Store) -> Iterator[Asked]:
    """Note every statement that is run meanwhile, with the parameters it was run with."""
    noted: Asked = {}

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        noted.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    event.listen(store.engine, "before_cursor_execute", note)
    yield noted
    event.remove(store.engine, "before_cursor_execute", note)


def plan(store: Store, statement: str, parameters: Any) -> list[str]:
    """Return the lines of a statement's plan."""
    if store.dialect == "sqlite":
        with store.read() as tx:
            return [str(row[3]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    with store.begin() as tx:
        tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [str(row[0]) for row in tx.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def read_whole(lines: list[str]) -> set[str]:
    """Return the tables that a plan reads from end to end."""
    found = set()
    for line in lines:
        words = line.replace("->", " ").split()
        part = len(words) > 1 and words[1].startswith("anon_")  # of what a question inside the question brought
        if words[0] == "SCAN" and "USING" not in words and "VIRTUAL" not in words and not part:
            found.add(words[1])
        elif words[:3] == ["Seq", "Scan", "on"]:
            found.add(words[3])
    return found


def whole_tables(store: Store, noted: Asked) -> dict[str, set[str]]:
    kinds = ("SELECT", "UPDATE", "DELETE")
    looked = {s: read_whole(plan(store, s, p)) - SMALL for s, p in noted.items() if s.lstrip().startswith(kinds)}
    return {statement: tables for statement, tables in looked.items() if tables}


@pytest.fixture
def busy(room):
    room.hear(room.mail("My withdrawal of 0.5 BTC has been pending for two days and support does not answer."))
    room.hear(room.chat("how do I change the currency that is shown in the app"))
    room.queued()
    room.queued("bot")
    return room


def test_no_message_reads_a_whole_table(busy):
    [case] = [case for case in busy.cases() if case.kind == "email"]
    busy.later(hours=1)
    many = [
        busy.mail(f"It says failed now, {case.number}.", refers_to=("<1@example.org>",)),
        busy.mail("Where is my money? Nothing has come since I asked for it to be paid out."),
        busy.chat("/status", command="status"),
        busy.mail("I am away until Monday.", headers=(("Auto-Submitted", "auto-replied"),)),
        busy.mail("abandon ability able about above absent"),
    ]
    with asked(busy.store) as noted:
        busy.hear(*many)
    assert len(noted) > 25
    assert whole_tables(busy.store, noted) == {}


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_no_list_and_no_next_case_reads_a_whole_table(busy, filters):
    wanted = lists.Filters(**filters)
    with asked(busy.store) as noted:
        with busy.store.read() as tx:
            lists.top(tx, wanted)
            lists.top(tx, wanted, after=(0, 0))
        busy.store.run(lambda tx: cases.take_next(tx, "mia", wanted, busy.now))
    assert whole_tables(busy.store, noted) == {}


def test_a_plan_that_reads_a_whole_table_is_seen(busy):
    with asked(busy.store) as noted, busy.store.read() as tx:
        tx.exec_driver_sql("SELECT id FROM cases WHERE summary = 'x' ORDER BY verdict").all()
    assert list(whole_tables(busy.store, noted).values()) == [{"cases"}]
