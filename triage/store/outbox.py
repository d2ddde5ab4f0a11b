"""The outbox: each reply is queued once, for ever, and sent at most once unless its row says `unknown`.

queued -> sending -> sent
                  -> unknown (it may have gone out: looked up, counted, never blindly repeated) -> sent | queued
                  -> refused (never for this reply)
                  -> queued  (it certainly did not go out: again later)
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Update, bindparam, func, literal_column, select, update

from triage.message import Reply
from triage.store import tally
from triage.store.bulk import insert_many
from triage.store.cases import join_threads
from triage.store.columns import digest
from triage.store.tables import outbox
from triage.store.written import NONE, REPLY, dump, load, words

MOST_RECENT = 1000
"""Replies to anybody that the limiter gets to see; all of them within the last minute in which one was queued."""

# Each says "not sent" too: that is what the index of the few rows that are still of interest asks for.
_QUEUED: ColumnElement[bool] = literal_column("state <> 'sent' AND state = 'queued'")
_IN_DOUBT: ColumnElement[bool] = literal_column("state <> 'sent' AND state IN ('sending', 'unknown')")
_TOLD = (outbox.c.id, outbox.c.key, outbox.c.channel, outbox.c.case_id)
_COMMAND: ColumnElement[bool] = literal_column("kind IN ('start', 'status', 'status-unknown')")
_UNASKED: ColumnElement[bool] = literal_column("kind NOT IN ('answer', 'start', 'status', 'status-unknown')")


def queue(tx: Connection, replies: Sequence[Reply]) -> int:
    """Queue replies and return how many really were: a key that was ever queued is not queued again."""
    rows = {_key(reply): reply for reply in reversed(replies)}
    return insert_many(tx, outbox, [_row(key, reply) for key, reply in reversed(rows.items())], known=True)


def next_to_send(tx: Connection, channel: str, now: datetime) -> Reply | None:
    """Return the oldest reply that is due, marked as `claim` does."""
    return next(iter(claim(tx, channel, 1, now)), None)


def claim(tx: Connection, channel: str, limit: int, now: datetime) -> list[Reply]:
    """Return the oldest replies that are due, each one's attempt counted, and mark them: commit before they are sent.

    Should the process die before it writes down what became of them, all of them are in doubt: claim few.
    """
    due = select(outbox).where(outbox.c.channel == channel, _QUEUED, outbox.c.not_before <= now)
    rows = tx.execute(due.order_by(outbox.c.id).limit(limit).with_for_update(skip_locked=True)).all()
    if rows:
        marked = update(outbox).where(outbox.c.id.in_([row.id for row in rows]))
        tx.execute(marked.values(state="sending", attempts=outbox.c.attempts + 1, changed_at=now))
    return [replace(_reply(row), attempts=row.attempts + 1) for row in rows]


def sent(tx: Connection, reply_id: int, known_as: Sequence[str], now: datetime) -> None:
    """Write down that a reply went out, and under which ids an answer to it will come."""
    all_sent(tx, {reply_id: known_as}, now)


def all_sent(tx: Connection, known_as: Mapping[int, Sequence[str]], now: datetime) -> None:
    """Write down that replies went out, and under which ids an answer to each will come."""
    if not known_as:
        return
    gone = _still_open(update(outbox).where(outbox.c.id.in_(sorted(known_as))))
    gone = gone.values(state="sent", why="", changed_at=now).returning(*_TOLD)
    rows = tx.execute(gone).all()
    if not rows:
        return
    named = update(outbox).where(outbox.c.id == bindparam("row")).values(known_as=bindparam("ids"))
    tx.execute(named, [{"row": row.id, "ids": words(tuple(known_as[row.id]))} for row in rows])
    join_threads(tx, [(key, row.case_id) for row in rows if row.case_id for key in known_as[row.id]])
    what = Counter(f"outbox.sent:{row.channel}" for row in rows)
    what.update(f"acknowledged:{row.channel}" for row in rows if row.key.endswith(":acknowledgement"))
    tally.add(tx, what)


def unknown(tx: Connection, reply_id: int, known_as: Sequence[str], why: str, now: datetime) -> None:
    """Write down that a reply may have gone out; an answer to it still finds its case."""
    found = {"known_as": words(tuple(known_as))} if known_as else {}
    row = _set(tx, reply_id, now, state="unknown", why=why, **found)
    if row is not None:
        _lead_back(tx, row, known_as)


def refused(tx: Connection, reply_id: int, why: str, now: datetime) -> None:
    """Write down that a reply will never go out."""
    _set(tx, reply_id, now, state="refused", why=why)


def retry(tx: Connection, reply_id: int, not_before: datetime, why: str, now: datetime) -> None:
    """Queue a reply again that certainly did not go out."""
    _set(tx, reply_id, now, state="queued", why=why, not_before=not_before)


def in_doubt(tx: Connection, channel: str, limit: int = 500) -> list[Reply]:
    """Return the replies whose fate is open: those the process died in first, then those nobody could tell of."""
    doubtful = select(outbox).where(outbox.c.channel == channel, _IN_DOUBT)
    rows = tx.execute(doubtful.order_by(outbox.c.state, outbox.c.id).limit(limit))
    return [replace(_reply(row), tried_at=row.changed_at) for row in rows]


def recent(tx: Connection, address_keys: Collection[str], since: datetime) -> dict[str, list[datetime]]:
    """Return when automatic replies were queued to each address since then, oldest first.

    Refused ones do not count, nor answers to commands, which nobody gets without asking. The key "" stands for
    everybody: only the last minute in which any was queued, and at most `MOST_RECENT`.
    """
    wanted = {digest(key): key for key in address_keys if key}
    times: dict[str, list[datetime]] = {}
    counted = (_UNASKED, outbox.c.state != "refused", outbox.c.created_at >= since)
    if wanted:
        query = select(outbox.c.to_hash, outbox.c.created_at).where(outbox.c.to_hash.in_(list(wanted)), *counted)
        for row in tx.execute(query.order_by(outbox.c.created_at)):
            times.setdefault(wanted[bytes(row.to_hash)], []).append(row.created_at)
    if "" in address_keys:
        times[""] = _last_minute(tx, since)
    return times


def asked(tx: Connection, address_keys: Collection[str], since: datetime) -> dict[str, int]:
    """Return how many commands of each address were answered since then; addresses without any are left out."""
    wanted = {digest(key): key for key in address_keys}
    query = select(outbox.c.to_hash, func.count()).where(
        outbox.c.to_hash.in_(list(wanted)), _COMMAND, outbox.c.created_at >= since
    )
    return {wanted[bytes(row[0])]: row[1] for row in tx.execute(query.group_by(outbox.c.to_hash))} if wanted else {}


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """Return how many replies each channel has in each state, as (channel, state)."""
    query = select(outbox.c.channel, outbox.c.state, func.count()).group_by(outbox.c.channel, outbox.c.state)
    open_ones = query.where(literal_column("state <> 'sent'"))
    found = {(channel, state): n for channel, state, n in tx.execute(open_ones)}
    for name, value in tally.all_of(tx).items():
        if name.startswith("outbox.sent:"):
            found[name.partition(":")[2], "sent"] = value
    return found


def _last_minute(tx: Connection, since: datetime) -> list[datetime]:
    newest = tx.execute(select(func.max(outbox.c.created_at)).where(_UNASKED)).scalar()
    if newest is None or newest < since:
        return []
    of_all = select(outbox.c.created_at).where(_UNASKED, outbox.c.state != "refused")
    of_all = of_all.where(outbox.c.created_at > max(since, newest - timedelta(minutes=1)))
    return list(tx.execute(of_all.order_by(outbox.c.created_at.desc()).limit(MOST_RECENT)).scalars())[::-1]


def _key(reply: Reply) -> str:
    """Return the reply's key; one too long for an index, hashed. Not all are: those of neighbours lie together."""
    return reply.key if len(reply.key) <= 200 else digest(reply.key).hex()


def _row(key: str, reply: Reply) -> dict[str, Any]:
    return {
        "key": key,
        "kind": reply.kind,
        "channel": reply.channel,
        "state": "queued",
        "case_id": reply.case_id or None,
        "to_hash": digest(reply.to.key),
        "created_at": reply.created_at,
        "not_before": reply.created_at,
        "changed_at": reply.created_at,
        "attempts": 0,
        "why": "",
        "known_as": NONE,
        "reply": dump(REPLY, reply),
    }


def _reply(row: Row[Any]) -> Reply:
    return replace(load(REPLY, row.reply), id=row.id, attempts=row.attempts)


def _set(tx: Connection, reply_id: int, now: datetime, **values: object) -> Row[Any] | None:
    """Change a row and return it; None, and nothing changes, once it was sent: that is the end of its way."""
    changed = _still_open(update(outbox).where(outbox.c.id == reply_id)).values(changed_at=now, **values)
    return tx.execute(changed.returning(*_TOLD)).one_or_none()


def _still_open(rows: Update) -> Update:
    return rows.where(outbox.c.state != "sent")


def _lead_back(tx: Connection, row: Row[Any], known_as: Sequence[str]) -> None:
    if row.case_id:
        join_threads(tx, [(key, row.case_id) for key in known_as])
