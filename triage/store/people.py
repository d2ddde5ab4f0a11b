"""People: one identity, many addresses, joined by evidence only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from triage.case import Case
from triage.message import Address
from triage.store import audit, tally
from triage.store.bulk import insert_many
from triage.store.columns import digest
from triage.store.rows import case_of
from triage.store.tables import addresses, cases, participants, persons

_BEHIND = select(addresses.c.hash, addresses.c.person_id).where(
    addresses.c.hash.in_(bindparam("hashes", expanding=True))
)
_SPOKE = (
    update(addresses)
    .where(addresses.c.hash == bindparam("of"))
    .values(language=bindparam("language"), language_at=bindparam("language_at"))
)


def resolve(tx: Connection, senders: Sequence[Address], now: datetime) -> dict[str, int]:
    """Return the person behind each address, by `Address.key`; an address never seen before is a new person's."""
    return meet(tx, senders, now)[0]


def meet(tx: Connection, senders: Sequence[Address], now: datetime) -> tuple[dict[str, int], set[int]]:
    """Return what `resolve` does, and those of the persons who may have written before: of the others nothing is known.

    Most who write to a desk write for the first time, and need not be looked for any further.
    """
    wanted = {digest(a.key): a for a in senders}
    found = _persons(tx, wanted)
    before = set(found.values())
    if missing := sorted(wanted.keys() - found.keys()):
        created, ours = _create(tx, {hash_: wanted[hash_] for hash_ in missing}, now)
        found |= created
        before |= set() if ours else set(created.values())
    return {wanted[hash_].key: person for hash_, person in found.items()}, before


def link(tx: Connection, address_key: str, person_id: int, who: str, why: str, now: datetime) -> None:
    """Say that an address is a person's; her earlier cases stay where they are. Written to the audit."""
    of = addresses.c.hash == digest(address_key)
    before = tx.execute(select(addresses.c.person_id).where(of)).scalar()
    if before is None or before == person_id:
        return
    tx.execute(update(addresses).where(of).values(person_id=person_id))
    details = {"address": address_key, "from": before, "to": person_id, "why": why}
    audit.record(tx, who, "address.linked", 0, details, now)


def behind(tx: Connection, address_key: str) -> int | None:
    """Return the person behind an address (`Address.key`), or None for one that never wrote."""
    return tx.execute(select(addresses.c.person_id).where(addresses.c.hash == digest(address_key))).scalar()


def addresses_of(tx: Connection, person_id: int) -> list[Address]:
    """Return every address of a person, the oldest first."""
    query = (
        select(addresses).where(addresses.c.person_id == person_id).order_by(addresses.c.created_at, addresses.c.key)
    )
    rows = tx.execute(query).all()
    parted = [(row.key.partition(":"), row) for row in rows]
    return [Address(kind=kind, value=value, name=row.name, handle=row.handle) for (kind, _, value), row in parted]


def cases_of(tx: Connection, person_id: int, address_key: str) -> list[int]:
    """Return the cases of a person in which this address writes and no other address of hers."""
    hers = select(addresses.c.hash).where(addresses.c.person_id == person_id, addresses.c.hash != digest(address_key))
    others = select(participants.c.case_id).where(participants.c.case_id == cases.c.id, participants.c.hash.in_(hers))
    own = select(participants.c.case_id).where(
        participants.c.case_id == cases.c.id, participants.c.hash == digest(address_key)
    )
    query = select(cases.c.id).where(cases.c.person_id == person_id, own.exists(), ~others.exists())
    return list(tx.execute(query.order_by(cases.c.id)).scalars())


def cases_beside(tx: Connection, case: Case, most: int) -> list[Case]:
    """Return the newest other cases of a case's person, none that became part of another."""
    hers = cases.c.person_id == case.person_id, cases.c.id != case.id, cases.c.merged_into.is_(None)
    query = select(cases).where(*hers).order_by(cases.c.id.desc()).limit(most)
    return [case_of(row) for row in tx.execute(query)]


def same_handle(tx: Connection, handles: Collection[str], person_id: int, most: int) -> list[int]:
    """Return the newest cases of others who go by one of these handles somewhere, whatever its capitals."""
    wanted = {one.lower() for one in handles if one}
    # As the index has it, which knows only who has a handle.
    same = addresses.c.handle.in_(wanted), addresses.c.handle != "", addresses.c.person_id != person_id
    theirs = select(addresses.c.person_id).where(*same)
    query = select(cases.c.id).where(cases.c.person_id.in_(theirs), cases.c.merged_into.is_(None))
    return list(tx.execute(query.order_by(cases.c.id.desc()).limit(most)).scalars())


def hand_over(tx: Connection, address_key: str, case_ids: Sequence[int], person_id: int) -> None:
    """Make an address, and cases, a person's; the audit is the caller's."""
    tx.execute(update(addresses).where(addresses.c.hash == digest(address_key)).values(person_id=person_id))
    for start in range(0, len(case_ids), 500):
        some = cases.c.id.in_(case_ids[start : start + 500])
        tx.execute(update(cases).where(some).values(person_id=person_id))


def new_person(tx: Connection, now: datetime) -> int:
    """Return a person without any address yet."""
    [person_id] = tally.reserve(tx, "ids:persons", 1)
    insert_many(tx, persons, [{"id": person_id, "created_at": now}])
    return person_id


def names(tx: Connection, persons_: Collection[int]) -> dict[int, str]:
    """Return what to call people in a list: the name that came with an address of theirs, else the address."""
    query = select(addresses.c.person_id, addresses.c.name, addresses.c.key)
    rows = tx.execute(query.where(addresses.c.person_id.in_(persons_)).order_by(addresses.c.created_at.desc())).all()
    return {row.person_id: row.name or row.key.partition(":")[2] for row in rows}


def spoke(tx: Connection, languages: Iterable[tuple[str, str, datetime]]) -> None:
    """Remember the language that each address last wrote in: (`Address.key`, language, when), oldest first."""
    last = {digest(key): (language, at) for key, language, at in languages}
    rows = [{"of": hash_, "language": last[hash_][0], "language_at": last[hash_][1]} for hash_ in sorted(last)]
    if rows:
        tx.execute(_SPOKE, rows)


def _persons(tx: Connection, hashes: Iterable[bytes]) -> dict[bytes, int]:
    rows = tx.execute(_BEHIND, {"hashes": list(hashes)})
    return {bytes(hash_): person for hash_, person in rows}


def _create(tx: Connection, new: Mapping[bytes, Address], now: datetime) -> tuple[dict[bytes, int], bool]:
    """Give each address a person of its own, and tell whether all are.

    Where another process was faster, its person stays and ours is empty.
    """
    ids = tally.reserve(tx, "ids:persons", len(new))
    insert_many(tx, persons, [{"id": person, "created_at": now} for person in ids])
    rows = [
        {
            "hash": hash_,
            "key": a.key,
            "person_id": person,
            "name": a.name,
            "handle": a.handle.lower(),
            "language": "und",
            "created_at": now,
        }
        for person, (hash_, a) in zip(ids, new.items(), strict=True)
    ]
    created = insert_many(tx, addresses, rows, known=True)
    ours = created == len(rows)
    return dict(zip(new, ids, strict=True)) if ours else _persons(tx, new), ours
