"""What several tables have in common."""

from sqlalchemy import Index, text

NUMBERED = {"sqlite_autoincrement": True}
COMPACT = {"sqlite_with_rowid": False}


def some(name: str, where: str, *columns: str, table: str = "outbox", unique: bool = False) -> Index:
    """Return an index of only the rows that a question is about; both databases plan with it."""
    return Index(f"ix_{table}_{name}", *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
