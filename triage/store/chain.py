"""The audit's chain: each entry's hash holds that of the one before it, so that nothing is changed or left out unseen.

Whoever may write to the database could make the whole chain anew; so `triage audit verify` prints its end, to be noted
elsewhere, and finds an end noted earlier again.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from triage.store import tally
from triage.store.columns import microseconds
from triage.store.tables import audit, audit_head

BEGINNING = bytes(32)
"""What the first entry follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What reading the whole chain found.

    Attributes:
        entries: How many entries were read.
        end: The hash of the last one, in hex.
        broken_at: The id of the first entry that does not follow from the one before it; 0 for none.
        missing: Entries that are gone from the end.
        known: A hash that was noted earlier is still in the chain; None when none was given.
    """

    entries: int
    end: str
    broken_at: int = 0
    missing: int = 0
    known: bool | None = None

    @property
    def whole(self) -> bool:
        """Tell whether nothing was changed or removed."""
        return not self.broken_at and not self.missing and self.known is not False


def link(tx: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of the audit with their hashes; until the transaction ends nobody else adds to the chain."""
    last, count = _head(tx)
    linked = []
    for row in rows:
        last = _hash(last, row["at"], row["who"], row["action"], row["case_id"], row["details"])
        linked.append(row | {"hash": last})
    tx.execute(update(audit_head).values(hash=last, entries=count + len(rows)))
    return linked


def verify(tx: Connection, noted: str = "") -> Verified:
    """Read the whole audit and return what its chain says; `noted` is an end that was written down earlier."""
    last, count, known = BEGINNING, 0, None if not noted else noted == BEGINNING.hex()
    for row in _all(tx):
        if row.hash != _hash(last, row.at, row.who, row.action, row.case_id, row.details):
            return Verified(entries=count, end=last.hex(), broken_at=row.id, known=known)
        last, count = row.hash, count + 1
        if noted and last.hex() == noted.strip().lower():
            known = True
    head = tx.execute(select(audit_head)).one_or_none()
    missing = 0 if head is None or head.hash == last else max(head.entries - count, 1)
    return Verified(entries=count, end=last.hex(), missing=missing, known=known)


def _all(tx: Connection) -> Iterator[Row[Any]]:
    last = 0
    while rows := tx.execute(select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(1000)).all():
        yield from rows
        last = rows[-1].id


def _head(tx: Connection) -> tuple[bytes, int]:
    locked = select(audit_head).with_for_update()
    row = tx.execute(locked).one_or_none()
    if row is None:
        first = tally.upsert(tx, audit_head).values(name="end", entries=0, hash=BEGINNING)
        tx.execute(first.on_conflict_do_nothing())
        row = tx.execute(locked).one()
    return row.hash, row.entries


def _hash(last: bytes, at: datetime, who: str, action: str, case_id: int | None, details: str) -> bytes:
    said = json.dumps([microseconds(at), who, action, case_id, details], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(last + said.encode()).digest()
