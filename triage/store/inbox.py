"""The inbox: what came in and was not handled yet. A key that was seen once is known for ever.

A message that cannot be stored or read again goes to the quarantine with its reason; it never holds up the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, insert, select, update

from triage.message import Unreadable
from triage.store import quarantine, tally
from triage.store.tables import cursors, inbox, seen
from triage.store.waiting import Fresh, Item, Waiting
from triage.store.written import MESSAGE, dump, load, read_words, words

__all__ = ["Item", "Received", "Waiting", "backlog", "claim", "cursor_of", "finish", "receive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a batch was: items never seen before, items seen before, and how many of the new ones are unreadable."""

    new: int
    known: int
    unreadable: int


def receive(tx: Connection, channel: str, items: Sequence[Item], cursor: str | None, now: datetime) -> Received:
    """Store what is new of a batch, together with the channel's cursor; return how much was new.

    An item is known if any of its keys is, be it from earlier in this batch; its other keys are remembered too.
    A cursor of None keeps the last one.
    """
    fresh = _remember(tx, items, now)
    unreadable = [item for item in fresh if isinstance(item, Unreadable)]
    rows = [_row(channel, item) for item in fresh if not isinstance(item, Unreadable)]
    if rows:
        tx.execute(insert(inbox), rows)
    for item in unreadable:
        quarantine.keep_unreadable(tx, item, now)
    if cursor is not None:
        _advance(tx, channel, cursor, now)
    known = len(items) - len(fresh)
    tally.add(tx, {f"{what}:{channel}": n for what, n in (("received", len(fresh)), ("known", known)) if n})
    return Received(new=len(fresh), known=known, unreadable=len(unreadable))


def cursor_of(tx: Connection, channel: str) -> str | None:
    """Return how far a channel was read, or None if it never was."""
    return tx.execute(select(cursors.c.cursor).where(cursors.c.channel == channel)).scalar()


def claim(tx: Connection, limit: int, now: datetime) -> list[Waiting]:
    """Return the oldest messages that wait, each with its attempt counted: commit before the work begins.

    A row that cannot be read any more is moved to the quarantine and is not among them.
    """
    rows = tx.execute(select(inbox).order_by(inbox.c.id).limit(limit)).all()
    if rows:
        begun = update(inbox).where(inbox.c.id.in_([row.id for row in rows])).values(attempts=inbox.c.attempts + 1)
        tx.execute(begun)
    waiting = []
    for row in rows:
        try:
            message = load(MESSAGE, row.message)
        except ValidationError as error:
            quarantine.keep_row(tx, row, f"it cannot be read from the inbox: {error.title}", now)
            continue
        redacted = read_words(row.redacted)
        waiting.append(Waiting(id=row.id, message=message, redacted=redacted, attempts=row.attempts + 1))
    return waiting


def finish(tx: Connection, ids: Sequence[int]) -> None:
    """Take handled messages out of the inbox, in the transaction that writes what became of them."""
    if ids:
        tx.execute(delete(inbox).where(inbox.c.id.in_(ids)))


def backlog(tx: Connection) -> int:
    """Return how many messages wait."""
    return tx.execute(select(func.count()).select_from(inbox)).scalar_one()


def _remember(tx: Connection, items: Sequence[Item], now: datetime) -> list[Item]:
    """Write down every key and return the items of which none was there; the constraint decides, not a look-up."""
    keys = [_keys(item) for item in items]
    rows = [{"key": key, "at": now} for key in sorted({key for of_item in keys for key in of_item})]
    if not rows:
        return []
    stored = tally.upsert(tx, seen).on_conflict_do_nothing().returning(seen.c.key)
    unseen = {bytes(key) for key in tx.execute(stored, rows).scalars()}
    fresh = []
    for item, of_item in zip(items, keys, strict=True):
        if unseen.issuperset(of_item):
            fresh.append(item)
        unseen.difference_update(of_item)
    return fresh


def _keys(item: Item) -> tuple[bytes, ...]:
    thing = item if isinstance(item, Unreadable) else item[0]
    return tuple(bytes.fromhex(key) for key in thing.keys)


def _row(channel: str, item: Fresh) -> dict[str, object]:
    message, redacted = item
    return {
        "channel": channel,
        "received_at": message.received_at,
        "attempts": 0,
        "redacted": words(redacted),
        "message": dump(MESSAGE, message, exclude_defaults=True),
    }


def _advance(tx: Connection, channel: str, cursor: str, now: datetime) -> None:
    values = {"cursor": cursor, "at": now}
    insert_ = tally.upsert(tx, cursors).values(channel=channel, **values)
    tx.execute(insert_.on_conflict_do_update(index_elements=["channel"], set_=values))
