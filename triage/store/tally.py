"""Numbers that only grow: ids given out ahead, and how many there were of something.

Counting the rows of a big table takes longer than handling a message; each transaction adds to these instead.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from triage.store.tables import counters


def upsert(tx: Connection, table: Table) -> Any:
    """Return an `insert()` that knows ON CONFLICT; both dialects spell it alike, each in its own class."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def reserve(tx: Connection, name: str, count: int) -> range:
    """Return `count` numbers that nobody was given before and nobody will be given again.

    PostgreSQL holds the counter's row until the transaction ends: reserve late.
    """
    grown = update(counters).where(counters.c.name == name).values(value=counters.c.value + count)
    last = tx.execute(grown.returning(counters.c.value)).scalar()
    if last is None:
        add(tx, {name: 0})
        last = tx.execute(grown.returning(counters.c.value)).scalar_one()
    return range(last - count + 1, last + 1)


def add(tx: Connection, amounts: Mapping[str, int]) -> None:
    """Add to counters by name; always in the order of names, so that two transactions never wait in a circle."""
    rows = [{"name": name, "value": amounts[name]} for name in sorted(amounts)]
    if rows:
        tx.execute(_growing(tx.dialect.name), rows)


@cache
def _growing(dialect: str) -> Any:
    """Return the statement that adds to counters; made once, for that costs more than to run it."""
    insert = postgresql.insert(counters) if dialect == "postgresql" else sqlite.insert(counters)
    grown = {"value": counters.c.value + insert.excluded.value}
    return insert.on_conflict_do_update(index_elements=["name"], set_=grown)


def all_of(tx: Connection) -> dict[str, int]:
    """Return every counter by name."""
    return {row.name: row.value for row in tx.execute(select(counters))}
