"""Filters of the list that users gave names; each has her own."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from triage.errors import TriageError
from triage.store import tally
from triage.store.tables import views

MOST = 30
LONGEST_NAME = 40
_VIEWS = select(views.c.id, views.c.name, views.c.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Named filters; `query` is that of the list's address."""

    id: int
    name: str
    query: str


def of_user(tx: Connection, user_id: int) -> list[View]:
    """Return a user's views by name."""
    rows = tx.execute(_VIEWS.where(views.c.user_id == user_id).order_by(views.c.name))
    return [View(**row) for row in rows.mappings()]


def some(tx: Connection, user_id: int, limit: int, after: int = 0) -> list[View]:
    """Return those of a user's views whose ids follow `after`, the oldest first."""
    mine = _VIEWS.where(views.c.user_id == user_id, views.c.id > after)
    return [View(**row) for row in tx.execute(mine.order_by(views.c.id).limit(limit)).mappings()]


def save(tx: Connection, user_id: int, name: str, query: str) -> None:
    """Keep filters under a name, in place of those it named before; raises `TriageError` when that cannot be."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise TriageError("a view needs a name of at most %(most)s characters", most=LONGEST_NAME)
    others = views.c.user_id == user_id, views.c.name != name
    if tx.execute(select(func.count()).select_from(views).where(*others)).scalar_one() >= MOST:
        raise TriageError("there are %(most)s views already: remove one first", most=MOST)
    new = tally.upsert(tx, views).values(user_id=user_id, name=name, query=query)
    tx.execute(new.on_conflict_do_update(index_elements=["user_id", "name"], set_={"query": query}))


def remove(tx: Connection, user_id: int, view_id: int) -> None:
    """Forget a view; another user's, or none, is left alone."""
    tx.execute(delete(views).where(views.c.user_id == user_id, views.c.id == view_id))
