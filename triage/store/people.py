"""People: one identity, many addresses, joined by evidence only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from triage.message import Address
from triage.store import audit, tally
from triage.store.bulk import insert_many
from triage.store.columns import digest
from triage.store.tables import addresses, persons


def resolve(tx: Connection, senders: Sequence[Address], now: datetime) -> dict[str, int]:
    """Return the person behind each address, by `Address.key`; an address never seen before is a new person's."""
    wanted = {digest(a.key): a for a in senders}
    found = _persons(tx, wanted)
    if missing := sorted(wanted.keys() - found.keys()):
        found |= _create(tx, {hash_: wanted[hash_] for hash_ in missing}, now)
    return {wanted[hash_].key: person for hash_, person in found.items()}


def link(tx: Connection, address_key: str, person_id: int, who: str, why: str, now: datetime) -> None:
    """Say that an address is a person's; her earlier cases stay where they are. Written to the audit."""
    of = addresses.c.hash == digest(address_key)
    before = tx.execute(select(addresses.c.person_id).where(of)).scalar()
    if before is None or before == person_id:
        return
    tx.execute(update(addresses).where(of).values(person_id=person_id))
    details = {"address": address_key, "from": before, "to": person_id, "why": why}
    audit.record(tx, who, "address.linked", 0, details, now)


def spoke(tx: Connection, languages: Iterable[tuple[str, str, datetime]]) -> None:
    """Remember the language that each address last wrote in: (`Address.key`, language, when), oldest first."""
    last = {digest(key): (language, at) for key, language, at in languages}
    rows = [{"of": hash_, "language": last[hash_][0], "language_at": last[hash_][1]} for hash_ in sorted(last)]
    if rows:
        tx.execute(update(addresses).where(addresses.c.hash == bindparam("of")), rows)


def _persons(tx: Connection, hashes: Iterable[bytes]) -> dict[bytes, int]:
    rows = tx.execute(select(addresses.c.hash, addresses.c.person_id).where(addresses.c.hash.in_(list(hashes))))
    return {bytes(hash_): person for hash_, person in rows}


def _create(tx: Connection, new: Mapping[bytes, Address], now: datetime) -> dict[bytes, int]:
    """Give each address a person of its own. Where another process was faster, its person stays and ours is empty."""
    ids = tally.reserve(tx, "ids:persons", len(new))
    insert_many(tx, persons, [{"id": person, "created_at": now} for person in ids])
    rows = [
        {
            "hash": hash_,
            "key": a.key,
            "person_id": person,
            "name": a.name,
            "handle": a.handle,
            "language": "und",
            "created_at": now,
        }
        for person, (hash_, a) in zip(ids, new.items(), strict=True)
    ]
    created = insert_many(tx, addresses, rows, known=True)
    return dict(zip(new, ids, strict=True)) if created == len(rows) else _persons(tx, new)
