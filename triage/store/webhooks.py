"""How far each webhook was told of what happened, and what its receiver did not take yet.

The queue is the log of events itself (`events.since`): an event is queued by the transaction that makes it happen.
What is kept here is the place up to which a webhook was told, and the few events that are sent once more.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from triage.store import events, tally
from triage.store.events import Place
from triage.store.tables import webhook_retries, webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One webhook as it stands.

    Attributes:
        place: Up to where it was told; what is sent once more does not count.
        off: It was switched off; a person must switch it on again.
        why: What is the matter; "" when nothing is.
        failures: Requests in a row that found the receiver busy or gone.
        failing_since: When the first request failed after the last that did not.
        resume_at: Nothing is sent before.
        waiting: Events that are sent once more.
        taken: Events that the receiver took.
        failed: Requests that failed.
        given_up: Events that it never took.
    """

    name: str
    seed: bytes
    place: Place
    off: bool
    why: str
    failures: int
    failing_since: datetime | None
    resume_at: datetime | None
    waiting: int
    taken: int
    failed: int
    given_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One event on its way to one webhook; `attempts` counts the requests that failed before."""

    msg_id: str
    body: str
    attempts: int = 0


def begin(tx: Connection, name: str) -> Hook:
    """Return a webhook; a new one is told what happens from now on."""
    place = events.newest(tx)
    fresh = {"off": False, "why": "", "failures": 0, "taken": 0, "failed": 0, "given_up": 0}
    values = {"name": name, "seed": secrets.token_bytes(16), "message": place.message, "action": place.action}
    tx.execute(tally.upsert(tx, webhooks).values(values | fresh).on_conflict_do_nothing())
    found = get(tx, name)
    assert found is not None
    return found


def get(tx: Connection, name: str) -> Hook | None:
    """Return one webhook, or None."""
    row = tx.execute(select(webhooks).where(webhooks.c.name == name)).one_or_none()
    return None if row is None else _value(row, _waiting(tx).get(name, 0))


def all(tx: Connection) -> list[Hook]:  # noqa: A001 - read as `webhooks.all(tx)`
    """Return every webhook that there ever was, by name."""
    waiting = _waiting(tx)
    return [_value(row, waiting.get(row.name, 0)) for row in tx.execute(select(webhooks).order_by(webhooks.c.name))]


def msg_id(seed: bytes, what: str) -> str:
    """Return the id of one thing that happened, always the same for the same webhook: receivers know it again by it."""
    return f"msg_{hashlib.blake2b(what.encode(), key=seed, digest_size=16).hexdigest()}"


def due(tx: Connection, name: str, now: datetime, limit: int) -> list[Telling]:
    """Return what is to be sent once more by now, what has waited longest first."""
    ripe = select(webhook_retries).where(webhook_retries.c.webhook == name, webhook_retries.c.due_at <= now)
    rows = tx.execute(ripe.order_by(webhook_retries.c.due_at, webhook_retries.c.id).limit(limit))
    return [Telling(msg_id=row.msg_id, body=row.body, attempts=row.attempts) for row in rows]


def move(tx: Connection, name: str, place: Place) -> None:
    """Note up to where a webhook was told."""
    _set(tx, name, message=place.message, action=place.action)


def done(tx: Connection, name: str, told: Sequence[str], given_up: Sequence[str]) -> None:
    """Note that the receiver took some events, and that others are not sent any more."""
    ids = [*told, *given_up]
    tx.execute(delete(webhook_retries).where(webhook_retries.c.webhook == name, webhook_retries.c.msg_id.in_(ids)))
    columns = webhooks.c
    grown = {"taken": columns.taken + len(told), "given_up": columns.given_up + len(given_up)}
    tx.execute(update(webhooks).where(columns.name == name).values(grown | {"failed": columns.failed + len(given_up)}))


def again(tx: Connection, name: str, telling: Telling, at: datetime) -> None:
    """Note that an event was not taken and is sent once more, not before `at`."""
    new = {"attempts": telling.attempts + 1, "due_at": at}
    row = tally.upsert(tx, webhook_retries).values(webhook=name, msg_id=telling.msg_id, body=telling.body, **new)
    tx.execute(row.on_conflict_do_update(index_elements=["webhook", "msg_id"], set_=new))
    tx.execute(update(webhooks).where(webhooks.c.name == name).values(failed=webhooks.c.failed + 1))


def well(tx: Connection, name: str) -> None:
    """Note that the receiver takes events."""
    _set(tx, name, off=False, why="", failures=0, failing_since=None, resume_at=None)


def failing(tx: Connection, name: str, why: str, failures: int, since: datetime, resume_at: datetime | None) -> None:
    """Note that the receiver does not take what it should, and until when it is left alone."""
    _set(tx, name, why=why, failures=failures, failing_since=since, resume_at=resume_at)


def switch_off(tx: Connection, name: str, why: str) -> None:
    """Send nothing any more; what happens meanwhile stays in the log."""
    _set(tx, name, off=True, why=why)


def switch_on(tx: Connection, name: str, *, skip: bool) -> None:
    """Send again, from where it stopped; with `skip` only what happens from now on."""
    well(tx, name)
    if skip:
        move(tx, name, events.newest(tx))
        tx.execute(delete(webhook_retries).where(webhook_retries.c.webhook == name))


def _set(tx: Connection, name: str, **values: object) -> None:
    tx.execute(update(webhooks).where(webhooks.c.name == name).values(values))


def _waiting(tx: Connection) -> dict[str, int]:
    query = select(webhook_retries.c.webhook, func.count()).group_by(webhook_retries.c.webhook)
    return {row[0]: row[1] for row in tx.execute(query)}


def _value(row: Row[Any], waiting: int) -> Hook:
    names = ("name", "seed", "off", "why", "failures", "failing_since", "resume_at", "taken", "failed", "given_up")
    place = Place(row.message, row.action)
    return Hook(place=place, waiting=waiting, **{name: getattr(row, name) for name in names})
