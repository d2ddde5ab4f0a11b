"""The quarantine: kept, not a case, with a reason. Nothing leaves it unless a person says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, delete, func, insert, select

from triage.errors import TriageError
from triage.message import Address, Message, Unreadable
from triage.store import audit, tally
from triage.store.tables import attempts, inbox, quarantine
from triage.store.turns import turns_of
from triage.store.waiting import Waiting
from triage.store.written import MESSAGE, NONE, dump, load, words

_NO_ROW = "quarantine %(id)s: no such row"
_NO_MESSAGE = "quarantine %(id)s: no message, only bytes"

_LISTED = (
    *(quarantine.c[name] for name in ("id", "channel", "kind", "external_id", "received_at", "quarantined_at", "why")),
    quarantine.c.message.is_not(None).label("readable"),
)


class NotReleasable(TriageError):
    """The row holds bytes that no message could be made of. Nothing was changed."""


class NoSuchRow(NotReleasable):
    """The row is gone, or never was. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Something that is kept aside.

    Attributes:
        why: One line for the agent.
        original: The bytes as they came, or the message as JSON; empty in a list, which could not hold them all.
        readable: It is a message and can go back to the inbox.
    """

    id: int
    channel: str
    kind: str
    external_id: str
    received_at: datetime
    quarantined_at: datetime
    why: str
    original: bytes
    readable: bool


def keep_unreadable(tx: Connection, item: Unreadable, now: datetime) -> None:
    """Keep what no message could be made of, with its bytes."""
    _put(tx, item, item.why, now, original=item.original, message=None, redacted=NONE)


def keep_waiting(tx: Connection, waiting: Waiting, why: str, now: datetime) -> None:
    """Move a message from the inbox to here."""
    m = waiting.message
    _put(tx, m, why, now, original=b"", message=dump(MESSAGE, m), redacted=words(waiting.redacted))
    _take_out(tx, waiting.id)


def keep_row(tx: Connection, row: Row[Any], why: str, now: datetime) -> None:
    """Move an inbox row whose message cannot be read any more to here, as it stands."""
    item = Unreadable(
        channel=row.channel,
        kind="",
        external_id=f"inbox/{row.id}",
        received_at=row.received_at,
        original=row.message.encode(),
        why=why,
    )
    keep_unreadable(tx, item, now)
    _take_out(tx, row.id)


def listing(tx: Connection, limit: int = 100, before: int = 0) -> list[Quarantined]:
    """Return what is kept, newest first; only older ones than the row `before`, unless that is 0."""
    newest = select(*_LISTED).order_by(quarantine.c.id.desc()).limit(limit)
    rows = tx.execute(newest.where(quarantine.c.id < before) if before else newest).mappings()
    return [Quarantined(original=b"", **row) for row in rows]


def get(tx: Connection, row_id: int) -> Quarantined | None:
    """Return one row, or None."""
    kept = (quarantine.c.original, quarantine.c.message)
    found = tx.execute(select(*_LISTED, *kept).where(quarantine.c.id == row_id)).mappings().one_or_none()
    if found is None:
        return None
    row = dict(found)
    message = row.pop("message")
    return Quarantined(**row if message is None else row | {"original": message.encode()})


def release(tx: Connection, row_id: int, now: datetime, who: str = "triage") -> None:
    """Put a message back into the inbox, its tries counted anew; raises `NotReleasable`, or `NoSuchRow`."""
    row = tx.execute(select(quarantine).where(quarantine.c.id == row_id)).one_or_none()
    if row is None:
        raise NoSuchRow(_NO_ROW, id=row_id)
    if row.message is None:
        raise NotReleasable(_NO_MESSAGE, id=row_id)
    [turn] = turns_of(tx, [_sender(row.message)])
    about = {"channel": row.channel, "received_at": row.received_at} | turn
    tx.execute(insert(inbox).values(redacted=row.redacted, message=row.message, **about))
    _remove(tx, row_id)
    audit.record(tx, who, "quarantine.released", 0, {"channel": row.channel, "id": row.external_id}, now)


def _sender(message: str) -> Address:
    """Return who wrote a kept message; nobody when it cannot be read any more, which the inbox will find out too."""
    try:
        return load(MESSAGE, message).sender
    except ValidationError:
        return Address(kind="", value="")


def drop(tx: Connection, row_id: int, who: str, now: datetime) -> None:
    """Throw a row away for good, because a person said so; raises `NoSuchRow` if there is none."""
    row = tx.execute(select(quarantine).where(quarantine.c.id == row_id)).one_or_none()
    if row is None:
        raise NoSuchRow(_NO_ROW, id=row_id)
    _remove(tx, row_id)
    tally.add(tx, {f"dropped:{row.channel}": 1})
    details = {"channel": row.channel, "id": row.external_id, "why": row.why}
    audit.record(tx, who, "quarantine.dropped", 0, details, now)


def backlog(tx: Connection) -> int:
    """Return how many rows are kept."""
    return tx.execute(select(func.count()).select_from(quarantine)).scalar_one()


def _put(tx: Connection, thing: Message | Unreadable, why: str, now: datetime, **kept: object) -> None:
    about = {name: getattr(thing, name) for name in ("channel", "kind", "external_id", "received_at")}
    tx.execute(insert(quarantine).values(why=why, quarantined_at=now, **about, **kept))


def _take_out(tx: Connection, inbox_id: int) -> None:
    tx.execute(delete(inbox).where(inbox.c.id == inbox_id))
    tx.execute(delete(attempts).where(attempts.c.inbox_id == inbox_id))


def _remove(tx: Connection, row_id: int) -> None:
    tx.execute(delete(quarantine).where(quarantine.c.id == row_id))
