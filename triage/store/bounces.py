"""Mails of ours that came back, and the addresses that are dead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select

from triage.message import Reply
from triage.rules.bounces import Bounce
from triage.store import tally
from triage.store.bulk import insert_many
from triage.store.columns import digest
from triage.store.tables import bounces, dead_addresses, outbox, threads
from triage.store.written import REPLY, load, read_words

STAYS_DEAD = timedelta(days=30)
"""So long nothing is sent to an address whose mail came back for good."""


# Made once: to build a statement costs more than to run it.
_DEAD = select(dead_addresses.c.hash, dead_addresses.c.since).where(
    dead_addresses.c.hash.in_(bindparam("hashes", expanding=True)),
    dead_addresses.c.since >= bindparam("since", type_=dead_addresses.c.since.type),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The reply that came back; its address is dead if the report says so."""

    reply_id: int
    case_id: int
    channel: str
    dead: bool


def keep(tx: Connection, bounce: Bounce, now: datetime) -> Returned | None:
    """Write down that a reply came back, once for each, and mark its address if it is dead.

    Returns None where no reply was sent under one of these ids, or it came back before.
    """
    found = _reply(tx, bounce.ids)
    if found is None:
        return None
    row_id, channel, reply = found
    row = {"outbox_id": row_id, "at": now, "status": bounce.status, "why": bounce.why, "dead": bounce.dead}
    if not insert_many(tx, bounces, [row], known=True):
        return None
    # An agent's answer may have gone where a Reply-To asked for: that is not the address she writes from.
    elsewhere = reply.kind == "answer" and reply.reply_to.get("to") not in (None, "", reply.to.value)
    dead = bounce.dead and not elsewhere
    if dead:
        told = {"since": now, "why": f"{bounce.status} {bounce.why}".strip()}
        marked = tally.upsert(tx, dead_addresses).values(hash=digest(reply.to.key), **told)
        tx.execute(marked.on_conflict_do_update(index_elements=["hash"], set_=told))
    tally.add(tx, {f"bounced:{channel}": 1})
    return Returned(reply_id=row_id, case_id=reply.case_id, channel=channel, dead=dead)


def dead_since(tx: Connection, address_keys: Collection[str], now: datetime) -> dict[str, datetime]:
    """Return since when mail to addresses comes back, those whose mail arrives left out."""
    wanted = {digest(key): key for key in address_keys}
    asked = {"hashes": list(wanted), "since": now - STAYS_DEAD}
    return {wanted[bytes(hash_)]: since for hash_, since in tx.execute(_DEAD, asked)} if wanted else {}


def revive(tx: Connection, address_keys: Collection[str]) -> None:
    """Write down that addresses are alive: somebody who is proved to have them wrote from there."""
    if address_keys:
        tx.execute(delete(dead_addresses).where(dead_addresses.c.hash.in_([digest(key) for key in address_keys])))


def forget(tx: Connection, now: datetime) -> None:
    """Throw away which addresses were dead so long ago that they are tried again."""
    tx.execute(delete(dead_addresses).where(dead_addresses.c.since < now - STAYS_DEAD))


def _reply(tx: Connection, ids: Collection[str]) -> tuple[int, str, Reply] | None:
    leads = select(threads.c.case_id).where(threads.c.hash.in_([digest(one) for one in ids]))
    query = select(outbox.c.id, outbox.c.channel, outbox.c.known_as, outbox.c.reply)
    for row in tx.execute(query.where(outbox.c.case_id.in_(leads)).order_by(outbox.c.id)):
        if set(ids) & set(read_words(row.known_as)):
            return row.id, row.channel, load(REPLY, row.reply)
    return None
