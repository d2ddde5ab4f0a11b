"""Numbers that only grow: ids given out ahead, and how many there were of something.

Counting the rows of a big table takes longer than handling a message; each transaction adds to these instead.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from triage.store.tables import counters

_RESERVE = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + bindparam("count"))
    .returning(counters.c.value)
)


def upsert(tx: Connection, table: Table) -> Any:
    """Return an `insert()` that knows ON CONFLICT; both dialects spell it alike, each in its own class."""
    return insert_into(table, tx.dialect.name)


def insert_into(table: Table, dialect: str) -> Any:
    """Return the same for a dialect by its name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def reserve(tx: Connection, name: str, count: int) -> range:
    """Return `count` numbers that nobody was given before and nobody will be given again.

    PostgreSQL holds the counter's row until the transaction ends: reserve late.
    """
    grown = {"counter": name, "count": count}
    last = tx.execute(_RESERVE, grown).scalar()
    if last is None:
        add(tx, {name: 0})
        last = tx.execute(_RESERVE, grown).scalar_one()
    return range(last - count + 1, last + 1)


def hold(tx: Connection, name: str) -> None:
    """Wait for others who reserved of this number, and let them wait until the transaction ends.

    SQLite has one writer anyway.
    """
    if tx.dialect.name != "sqlite":
        reserve(tx, name, 0)


def add(tx: Connection, amounts: Mapping[str, int]) -> None:
    """Add to counters by name; always in the order of names, so that two transactions never wait in a circle."""
    rows = [{"name": name, "value": amounts[name]} for name in sorted(amounts)]
    if rows:
        tx.execute(_growing(tx.dialect.name), rows)


@cache
def _growing(dialect: str) -> Any:
    """Return the statement that adds to counters; made once, for that costs more than to run it."""
    insert = insert_into(counters, dialect)
    grown = {"value": counters.c.value + insert.excluded.value}
    return insert.on_conflict_do_update(index_elements=["name"], set_=grown)


def all_of(tx: Connection) -> dict[str, int]:
    """Return every counter by name."""
    return {row.name: row.value for row in tx.execute(select(counters))}
