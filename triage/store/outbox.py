"""The outbox: each reply is queued once, for ever, and sent at most once unless its row says `unknown`.

queued -> sending -> sent
                  -> unknown (it may have gone out: looked up, counted, never blindly repeated) -> sent | queued
                  -> refused (never for this reply)
                  -> queued  (it certainly did not go out: again later)
       -> withdrawn (an agent took it back before it went, or was faster than it; or it waited too long)
withheld (a dry run: decided and kept, never sent)
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    and_,
    bindparam,
    literal_column,
    not_,
    or_,
    select,
    update,
)  # fmt: skip

from triage.case import Said
from triage.message import Reply
from triage.rules.mail_domains import domain_of
from triage.store import pace, tally
from triage.store.bulk import insert_many
from triage.store.cases import join_threads
from triage.store.columns import digest
from triage.store.spent import UNASKED, is_unasked
from triage.store.tables import bounces, outbox
from triage.store.written import NONE, REPLY, dump, load, words

OVERTAKEN = "an agent was faster"

STALE = timedelta(hours=24)
"""So old an acknowledgement would say what is no longer true."""

# Each says "not sent" too: that is what the index of the few rows that are still of interest asks for.
_QUEUED: ColumnElement[bool] = literal_column("state <> 'sent' AND state = 'queued'")
_IN_DOUBT: ColumnElement[bool] = literal_column("state <> 'sent' AND state IN ('sending', 'unknown')")
_SENDING: ColumnElement[bool] = literal_column("state = 'sending'")
_TOLD = (outbox.c.id, outbox.c.key, outbox.c.channel, outbox.c.case_id)
# Made once: to build a statement costs more than to run it.
_DUE = (
    select(outbox.c.id, outbox.c.kind, outbox.c.created_at, outbox.c.reply, outbox.c.attempts)
    .where(outbox.c.channel == bindparam("of"), _QUEUED, outbox.c.not_before <= bindparam("now"))
    .order_by(outbox.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_HELD: ColumnElement[bool] = and_(UNASKED, literal_column("kind <> 'secret'"))
_DUE_AT_ONCE = _DUE.where(not_(_HELD))
_WITHDRAW_LATE = (
    update(outbox)
    .where(outbox.c.channel == bindparam("of"), _QUEUED, _HELD)
    .where(outbox.c.created_at < bindparam("before", type_=outbox.c.created_at.type))
    .values(state="withdrawn", why="it waited too long to be still true", changed_at=bindparam("at"))
)
_ROW = outbox.c.id == bindparam("row")
_NOW = bindparam("now", type_=outbox.c.changed_at.type)
_MARK = update(outbox).where(_ROW).values(state="sending", attempts=outbox.c.attempts + 1, changed_at=_NOW)
_OPEN = (
    select(*_TOLD)
    .where(outbox.c.id.in_(bindparam("rows", expanding=True)), outbox.c.state != "sent")
    .order_by(outbox.c.id)
    .with_for_update()
)
_SENT = update(outbox).where(_ROW).values(state="sent", why="", known_as=bindparam("ids"), changed_at=_NOW)

_OF_CASE = (outbox.c.case_id == bindparam("case"), _HELD)
_OVERTAKE = update(outbox).where(*_OF_CASE, _QUEUED)
_GIVE_BACK = update(outbox).where(*_OF_CASE, literal_column("state <> 'sent' AND state = 'withdrawn'"))


def queue(tx: Connection, replies: Sequence[Reply], *, withheld: bool = False) -> int:
    """Queue replies and return how many really were: a key that was ever queued is not queued again.

    `withheld` keeps them as they would have gone out; they never will.
    """
    state = "withheld" if withheld else "queued"
    rows = {_key(reply.key): reply for reply in reversed(replies)}
    return insert_many(tx, outbox, [_row(key, reply, state) for key, reply in reversed(rows.items())], known=True)


def claim(tx: Connection, channel: str, limit: int, now: datetime, per_minute: int | None = None) -> list[Reply]:
    """Return the oldest replies that are due, each one's attempt counted, and mark them: commit before they are sent.

    Of what we say by ourselves there are no more than `per_minute` over all channels; the others wait. Answers of
    agents, answers to commands and warnings go past them. Should the process die before it writes down what became of
    them, all of them are in doubt: claim few.
    """
    wanted = {"of": channel, "now": now, "most": limit}
    rows = _fresh(tx, wanted, now)
    if per_minute is not None:
        held = [row.id for row in rows if _is_held(row.kind)]
        waits = set(held[pace.take(tx, len(held), per_minute, now) :])
        if waits:
            rows = [row for row in rows if row.id not in waits]
            mine = {row.id for row in rows}
            rows += [row for row in tx.execute(_DUE_AT_ONCE, wanted) if row.id not in mine][: limit - len(rows)]
    if rows:
        tx.execute(_MARK, [{"row": row.id, "now": now} for row in rows])
    return [_reply(row, attempts=row.attempts + 1) for row in rows]


def sent(tx: Connection, known_as: Mapping[int, Sequence[str]], now: datetime) -> None:
    """Write down that replies went out, and under which ids an answer to each will come."""
    if not known_as:
        return
    rows = tx.execute(_OPEN, {"rows": sorted(known_as)}).all()
    if not rows:
        return
    tx.execute(_SENT, [{"row": row.id, "ids": words(tuple(known_as[row.id])), "now": now} for row in rows])
    join_threads(tx, [(key, row.case_id) for row in rows if row.case_id for key in known_as[row.id]])
    what = Counter(f"outbox.sent:{row.channel}" for row in rows)
    what.update(f"acknowledged:{row.channel}" for row in rows if row.key.endswith(":acknowledgement"))
    tally.add(tx, what)


def unknown(tx: Connection, reply_id: int, known_as: Sequence[str], why: str, now: datetime) -> None:
    """Write down that a reply may have gone out; an answer to it still finds its case."""
    found = {"known_as": words(tuple(known_as))} if known_as else {}
    row = _set(tx, reply_id, now, state="unknown", why=why, **found)
    if row is not None and row.case_id:
        join_threads(tx, [(key, row.case_id) for key in known_as])


def refused(tx: Connection, reply_id: int, why: str, now: datetime) -> None:
    """Write down that a reply will never go out."""
    _set(tx, reply_id, now, state="refused", why=why)


def retry(tx: Connection, reply_id: int, not_before: datetime, why: str, now: datetime) -> None:
    """Queue a reply again that certainly did not go out."""
    _set(tx, reply_id, now, state="queued", why=why, not_before=not_before)


def withdraw(tx: Connection, reply_id: int, now: datetime) -> bool:
    """Take a reply back that waits to be sent; return False when it is on its way or gone already."""
    waiting = update(outbox).where(outbox.c.id == reply_id, _QUEUED)
    return tx.execute(waiting.values(state="withdrawn", changed_at=now)).rowcount > 0


def overtake(tx: Connection, case_id: int, now: datetime) -> None:
    """Take back the acknowledgements of a case that wait to be sent: an agent answered it."""
    tx.execute(_OVERTAKE.values(state="withdrawn", why=OVERTAKEN, changed_at=now), {"case": case_id})


def give_back(tx: Connection, case_id: int, now: datetime) -> None:
    """Queue again what `overtake` took back: the agent's answer was withdrawn."""
    again = _GIVE_BACK.where(outbox.c.why == OVERTAKEN)
    tx.execute(again.values(state="queued", why="", changed_at=now), {"case": case_id})


def of_case(tx: Connection, case_id: int) -> list[Said]:
    """Return everything we said in a case, oldest first; what came back is "bounced", with what the far side says."""
    query = select(outbox, bounces.c.status, bounces.c.why.label("returned")).outerjoin(bounces)
    rows = tx.execute(query.where(outbox.c.case_id == case_id).order_by(outbox.c.id))
    return [
        said if row.returned is None else replace(said, state="bounced", why=f"{row.status} {row.returned}".strip())
        for row in rows
        for said in [_said(row)]
    ]


def by_key(tx: Connection, key: str) -> Said | None:
    """Return the reply that was queued under a key, or None."""
    row = tx.execute(select(outbox).where(outbox.c.key == _key(key))).one_or_none()
    return None if row is None else _said(row)


def in_doubt(tx: Connection, channel: str, since: datetime, limit: int = 500) -> list[Reply]:
    """Return the replies whose fate is open: those the process died in first, then those nobody could tell of.

    Of the latter only those that were due `since` then: what nobody knew for days nobody will know.
    """
    open_now = or_(_SENDING, outbox.c.not_before >= since)
    doubtful = select(outbox).where(outbox.c.channel == channel, _IN_DOUBT, open_now)
    rows = tx.execute(doubtful.order_by(outbox.c.state, outbox.c.id).limit(limit))
    return [_reply(row, tried_at=row.changed_at) for row in rows]


def _is_held(kind: str) -> bool:
    """Tell whether the breaker may hold a reply back: a warning that money is at risk never waits."""
    return is_unasked(kind) and kind != "secret"


def _fresh(tx: Connection, wanted: Mapping[str, Any], now: datetime) -> list[Any]:
    """Return the rows that are due; acknowledgements that waited too long are withdrawn, all at once.

    After a long outage thousands may stand before an answer that is still true.
    """
    rows = tx.execute(_DUE, wanted).all()
    if any(now - row.created_at > STALE and _is_held(row.kind) for row in rows):
        tx.execute(_WITHDRAW_LATE, {"of": wanted["of"], "before": now - STALE, "at": now})
        rows = tx.execute(_DUE, wanted).all()
    return list(rows)


def _key(key: str) -> str:
    """Return a reply's key; one too long for an index, hashed. Not all are: those of neighbours lie together."""
    return key if len(key) <= 200 else digest(key).hex()


def _row(key: str, reply: Reply, state: str) -> dict[str, Any]:
    domain = domain_of(reply.to.key) if is_unasked(reply.kind) else ""
    return {
        "key": key,
        "kind": reply.kind,
        "channel": reply.channel,
        "state": state,
        "case_id": reply.case_id or None,
        "to_hash": digest(reply.to.key),
        "domain_hash": digest(domain) if domain else None,
        "created_at": reply.created_at,
        "not_before": reply.not_before or reply.created_at,
        "changed_at": reply.created_at,
        "attempts": 0,
        "why": "",
        "known_as": NONE,
        "reply": dump(REPLY, reply),
    }


def _reply(row: Any, **other: Any) -> Reply:
    return replace(load(REPLY, row.reply), **{"id": row.id, "attempts": row.attempts} | other)


def _said(row: Row[Any]) -> Said:
    reply = load(REPLY, row.reply)
    same = {name: getattr(row, name) for name in ("id", "kind", "channel", "state", "why")}
    return Said(**same, who=reply.who, text=reply.text, at=row.created_at, due=row.not_before)


def _set(tx: Connection, reply_id: int, now: datetime, **values: object) -> Row[Any] | None:
    """Change a row and return it; None, and nothing changes, once it was sent: that is the end of its way."""
    unsent = update(outbox).where(outbox.c.id == reply_id, outbox.c.state != "sent")
    return tx.execute(unsent.values(changed_at=now, **values).returning(*_TOLD)).one_or_none()
