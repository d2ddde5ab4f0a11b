"""Many rows at once, without what SQLAlchemy does for each of them.

Turning rows into parameters was a good part of the time that a message takes in the store. The types are still
SQLAlchemy's; only the loop over rows is ours, and only on SQLite, where no network hides it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Table, func, insert, select

from triage.store import tally

_Convert = Callable[[Any], Any]


def insert_many(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, known: bool = False) -> int:
    """Insert rows that all have the same two or more columns; return how many really were inserted.

    With `known`, rows whose key is there already are left out; otherwise they are an error.
    """
    if not rows:
        return 0
    if tx.dialect.name != "sqlite":
        return _insert(tx, table, list(rows), known=known)
    return _insert_sqlite(tx, table, rows, known=known).rowcount


def _insert_sqlite(
    tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, known: bool
) -> CursorResult[Any]:
    names = tuple(rows[0])
    statement, converters = _plan(table, names, tx.dialect)
    pick = itemgetter(*names)
    parameters = [list(pick(row)) for row in rows]
    for position, convert in converters:
        for values in parameters:
            values[position] = convert(values[position])
    statement += " ON CONFLICT DO NOTHING" if known else ""
    written = [tuple(values) for values in parameters]
    return tx.exec_driver_sql(statement, written[0] if len(written) == 1 else written)


def insert_numbered(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows as `insert_many` does, into a table that numbers them itself; return their ids in order."""
    if not rows:
        return []
    if tx.dialect.name == "sqlite":
        done = _insert_sqlite(tx, table, rows, known=False)
        # Many rows have no last one to tell of; nobody else writes meanwhile.
        last = done.lastrowid if len(rows) == 1 else tx.execute(select(func.max(table.c.id))).scalar_one()
        return list(range(last - len(rows) + 1, last + 1))
    numbered = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(tx.execute(numbered, list(rows)).scalars())


def _insert(tx: Connection, table: Table, rows: list[Mapping[str, Any]], *, known: bool) -> int:
    if not known:
        return tx.execute(insert(table), rows).rowcount
    new = tally.upsert(tx, table).on_conflict_do_nothing().returning(*table.primary_key)
    return len(tx.execute(new, rows).all())


@cache
def _plan(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[tuple[int, _Convert], ...]]:
    """Return the statement, its parameters in the order of `names`, and what must be done to which of them."""
    columns = [table.c[name] for name in names]
    quoted = ", ".join(dialect.identifier_preparer.format_column(column) for column in columns)
    statement = f"INSERT INTO {table.name} ({quoted}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own names
    converters = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    return statement, tuple((i, convert) for i, convert in enumerate(converters) if convert is not None)
