"""Who hunts our customers: the contacts that reports name and pitches lead to, and who sends the same pitch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, select

from triage.store import tally
from triage.store.columns import digest
from triage.store.tables import pitches, sightings


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A contact in one message.

    Attributes:
        kind: "handle", "link", "email", "address".
        why: "reported" by a customer, or the code of the pitch that led to it ("pitch.recovery-expert").
        sender: Who sent the message (`Address.key`).
        number: The case of a report; "" for a pitch, which has none.
        source: What tells the message from all others.
    """

    kind: str
    value: str
    why: str
    channel: str
    sender: str
    number: str
    at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impostor:
    """A contact with how often, by how many senders, and when it was named."""

    kind: str
    value: str
    reports: int
    pitches: int
    first_at: datetime
    last_at: datetime


def add(tx: Connection, found: Sequence[Sighting]) -> None:
    """Write down contacts; one that the same message named before is known."""
    rows = [
        {"hash": digest("\0".join((s.kind, s.value, s.source)))}
        | {name: getattr(s, name) for name in ("kind", "value", "why", "channel", "sender", "number", "at")}
        for s in found
    ]
    if rows:
        tx.execute(tally.upsert(tx, sightings).on_conflict_do_nothing(), rows)


def listing(tx: Connection, *, kind: str = "", text: str = "", limit: int = 50) -> list[Impostor]:
    """Return the contacts that were named last, of a kind and with a text in them if asked, at most `limit`."""
    c = sightings.c
    reports = func.sum(case((c.why == "reported", 1), else_=0))
    asked: Any = select(
        c.kind, c.value, reports.label("reports"), func.count().label("all"), func.min(c.at).label("first_at"),
        func.max(c.at).label("last_at"),
    ).group_by(c.kind, c.value)  # fmt: skip
    asked = asked.where(c.kind == kind) if kind else asked
    asked = asked.where(c.value.contains(text.lower(), autoescape=True)) if text else asked
    rows = tx.execute(asked.order_by(func.max(c.id).desc()).limit(limit))
    names = ("kind", "value", "reports", "first_at", "last_at")
    return [Impostor(pitches=row.all - row.reports, **{name: getattr(row, name) for name in names}) for row in rows]


def sighted(tx: Connection, value: str, limit: int = 200) -> list[Sighting]:
    """Return where a contact was named, newest first."""
    c = sightings.c
    rows = tx.execute(select(sightings).where(c.value == value).order_by(c.id.desc()).limit(limit))
    names = ("kind", "value", "why", "channel", "sender", "number", "at")
    return [Sighting(**{name: getattr(row, name) for name in names}) for row in rows]


def senders(tx: Connection, fingerprint: str, sender: str, now: datetime, since: datetime) -> int:
    """Remember that an address sent a text, and return how many different ones sent it since then, this one too."""
    text_hash = digest(fingerprint)
    row = {"hash": digest(f"{fingerprint}\0{sender}"), "text_hash": text_hash, "at": now}
    put = tally.upsert(tx, pitches).values(row)
    tx.execute(put.on_conflict_do_update(index_elements=["hash"], set_={"at": now}))
    asked = select(func.count()).where(pitches.c.text_hash == text_hash, pitches.c.at >= since)
    return int(tx.execute(asked).scalar_one())


def forget(tx: Connection, before: datetime) -> None:
    """Throw away who sent which text before then: nothing is compared with it any more."""
    tx.execute(delete(pitches).where(pitches.c.at < before))
