"""The inbox: what came in and was not handled yet. A key that was seen once is known for ever.

A message that cannot be stored or read again goes to the quarantine with its reason; it never holds up the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any

from pydantic import ValidationError
from sqlalchemy import BindParameter, Connection, bindparam, delete, func, select, update

from triage.errors import LeaseLost
from triage.message import Unreadable
from triage.store import quarantine, tally
from triage.store.bulk import insert_many
from triage.store.tables import attempts, cursors, inbox, seen
from triage.store.turns import turns_of
from triage.store.waiting import Fresh, Item, Waiting
from triage.store.written import MESSAGE, dump, load, read_words, words

__all__ = [
    "Item", "Received", "Waiting", "admit", "advance", "backlog", "claim", "cursor_of", "finish", "give_back",
    "is_empty", "receive",
]  # fmt: skip

MOST_COUNTED = 10_000
"""Counting stops here: nobody acts differently on more, and a long backlog is when time is short."""

# Made once: to build a statement costs more than to run it.
_ANY = select(inbox.c.id).limit(1)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_GONE = delete(inbox).where(inbox.c.id.in_(_IDS))
_TRIED = select(attempts).where(attempts.c.inbox_id.in_(_IDS))
_TRIED_ENOUGH = delete(attempts).where(attempts.c.inbox_id.in_(_IDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a batch was: items never seen before, items seen before, and how many of the new ones are unreadable."""

    new: int
    known: int
    unreadable: int

    def __add__(self, other: "Received") -> "Received":
        """Return what two batches were together."""
        return Received(
            new=self.new + other.new, known=self.known + other.known, unreadable=self.unreadable + other.unreadable
        )


def receive(tx: Connection, channel: str, items: Sequence[Item], cursor: str | None, now: datetime) -> Received:
    """Store what is new of a batch, together with the channel's cursor; return how much was new.

    An item is known if any of its keys is, be it from earlier in this batch; its other keys are remembered too.
    A cursor of None keeps the last one.
    """
    fresh, received = admit(tx, channel, items, now)
    turns = turns_of(tx, [message.sender for message, _ in fresh])
    insert_many(tx, inbox, [_row(channel, item) | turn for item, turn in zip(fresh, turns, strict=True)])
    if cursor is not None:
        advance(tx, channel, cursor, now)
    return received


def admit(tx: Connection, channel: str, items: Sequence[Item], now: datetime) -> tuple[list[Fresh], Received]:
    """Remember a batch and return the messages that are new, in order, for a caller who settles them at once.

    They do not enter the inbox: unless this same transaction writes what became of them, they are lost.
    What is unreadable goes to the quarantine.
    """
    new = _remember(tx, items)
    unreadable = [item for item in new if isinstance(item, Unreadable)]
    for item in unreadable:
        quarantine.keep_unreadable(tx, item, now)
    known = len(items) - len(new)
    tally.add(tx, {f"{what}:{channel}": n for what, n in (("received", len(new)), ("known", known)) if n})
    fresh = [item for item in new if not isinstance(item, Unreadable)]
    return fresh, Received(new=len(new), known=known, unreadable=len(unreadable))


def cursor_of(tx: Connection, channel: str) -> str | None:
    """Return how far a channel was read, or None if it never was."""
    return tx.execute(select(cursors.c.cursor).where(cursors.c.channel == channel)).scalar()


def advance(tx: Connection, channel: str, cursor: str, now: datetime) -> None:
    """Write down how far a channel was read."""
    values = {"cursor": cursor, "at": now}
    insert_ = tally.upsert(tx, cursors).values(channel=channel, **values)
    tx.execute(insert_.on_conflict_do_update(index_elements=["channel"], set_=values))


def claim(tx: Connection, limit: int, now: datetime) -> list[Waiting]:
    """Return the messages whose turn it is, each with its attempt counted: commit before the work begins.

    A sender's own come oldest first, and one of hers beside one of everybody else's (`rules.turns`). One that was
    tried before comes alone: should it be what ended the process, it takes no other with it.
    A row that cannot be read any more is moved to the quarantine and is not among them.
    """
    rows = tx.execute(next_waiting(limit)).all()
    tried = _tried(tx, [row.id for row in rows])
    rows = rows[:1] if rows and rows[0].id in tried else list(takewhile(lambda row: row.id not in tried, rows))
    begun = {row.id: tried.get(row.id, 0) + 1 for row in rows}
    _begin(tx, begun)
    waiting = []
    for row in rows:
        try:
            message = load(MESSAGE, row.message)
        except ValidationError as error:
            quarantine.keep_row(tx, row, f"it cannot be read from the inbox: {error.title}", now)
            continue
        redacted = read_words(row.redacted)
        waiting.append(Waiting(id=row.id, message=message, redacted=redacted, attempts=begun[row.id]))
    return waiting


def next_waiting(limit: int) -> Any:
    """Return the question for the rows whose turn it is."""
    return select(inbox).order_by(inbox.c.turn, inbox.c.id).limit(limit)


def finish(tx: Connection, ids: Sequence[int]) -> None:
    """Take handled messages out of the inbox, in the transaction that writes what became of them.

    A message that is not there any more was handled by somebody else meanwhile: raises `LeaseLost`, which undoes
    the transaction. So a message is stored once, without an index over every message there ever was.
    """
    if not ids:
        return
    gone = tx.execute(_GONE, {"ids": list(ids)}).rowcount
    tx.execute(_TRIED_ENOUGH, {"ids": list(ids)})
    if gone != len(set(ids)):
        raise LeaseLost(f"{len(set(ids)) - gone} messages were handled by another process")


def give_back(tx: Connection, ids: Sequence[int]) -> None:
    """Take back the attempt that was counted for messages whose handling failed through no fault of theirs."""
    if ids:
        fewer = update(attempts).where(attempts.c.inbox_id.in_(ids), attempts.c.attempts > 0)
        tx.execute(fewer.values(attempts=attempts.c.attempts - 1))


def is_empty(tx: Connection) -> bool:
    """Tell whether no message waits."""
    return tx.execute(_ANY).first() is None


def backlog(tx: Connection) -> int:
    """Return how many messages wait, up to `MOST_COUNTED`."""
    waiting = select(inbox.c.id).limit(MOST_COUNTED).subquery()
    return tx.execute(select(func.count()).select_from(waiting)).scalar_one()


def _remember(tx: Connection, items: Sequence[Item]) -> list[Item]:
    """Write down every key and return the items of which none was there; the constraint decides, not a look-up."""
    keys = [_keys(item) for item in items]
    rows = [{"key": key} for key in sorted({key for of_item in keys for key in of_item})]
    if not rows:
        return []
    unseen = {bytes(key) for key in tx.execute(_remembering(tx.dialect.name), rows).scalars()}
    fresh = []
    for item, of_item in zip(items, keys, strict=True):
        if unseen.issuperset(of_item):
            fresh.append(item)
        unseen.difference_update(of_item)
    return fresh


@cache
def _remembering(dialect: str) -> Any:
    """Return the statement that writes down keys and returns the new ones."""
    return tally.insert_into(seen, dialect).on_conflict_do_nothing().returning(seen.c.key)


def _tried(tx: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Return how often each row was tried; one that never was is not among them."""
    rows = tx.execute(_TRIED, {"ids": list(ids)}) if ids else ()
    return {row.inbox_id: row.attempts for row in rows}


def _begin(tx: Connection, begun: Mapping[int, int]) -> None:
    """Write down how often each row was tried, this time included."""
    if begun:
        counted = tally.upsert(tx, attempts)
        counted = counted.on_conflict_do_update(
            index_elements=["inbox_id"], set_={"attempts": counted.excluded.attempts}
        )
        tx.execute(counted, [{"inbox_id": id_, "attempts": times} for id_, times in begun.items()])


def _keys(item: Item) -> tuple[bytes, ...]:
    thing = item if isinstance(item, Unreadable) else item[0]
    return tuple(bytes.fromhex(key) for key in thing.keys)


def _row(channel: str, item: Fresh) -> dict[str, object]:
    message, redacted = item
    return {
        "channel": channel,
        "received_at": message.received_at,
        "redacted": words(redacted),
        "message": dump(MESSAGE, message, exclude_defaults=True),
    }
