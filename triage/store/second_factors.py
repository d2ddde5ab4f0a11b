"""Second factors as the store keeps them: a closed box, the last step taken, hashes of recovery codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from triage.store.columns import digest
from triage.store.tables import recovery_codes, sessions, users


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A user's second factor.

    Attributes:
        box: Her phone's secret, closed.
        since: Since when it is asked for; None while it waits for its first code.
    """

    box: str
    since: datetime | None


def of_user(tx: Connection, user_id: int) -> Kept | None:
    """Return a user's second factor, also one that waits for its first code; None when she has none."""
    row = tx.execute(select(users.c.factor_box, users.c.factor_since).where(users.c.id == user_id)).one_or_none()
    return None if row is None or row.factor_box is None else Kept(box=row.factor_box, since=row.factor_since)


def propose(tx: Connection, user_id: int, box: str) -> bool:
    """Keep a secret that waits for its first code, in place of one that does; False when one is on already."""
    waits = update(users).where(users.c.id == user_id, users.c.factor_since.is_(None))
    return tx.execute(waits.values(factor_box=box)).rowcount == 1


def switch_on(tx: Connection, user_id: int, step: int, now: datetime, session: str) -> bool:
    """Ask for it from now on, `step` being taken, and end her other sessions; False when it is on already."""
    waits = update(users).where(users.c.id == user_id, users.c.factor_since.is_(None))
    if tx.execute(waits.values(factor_since=now, factor_step=step)).rowcount != 1:
        return False
    tx.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.hash != digest(session)))
    return True


def take_step(tx: Connection, user_id: int, step: int) -> bool:
    """Take the code of a step of time; False when it, or a later one, was taken before."""
    newer = update(users).where(users.c.id == user_id, users.c.factor_step < step)
    return tx.execute(newer.values(factor_step=step)).rowcount == 1


def set_codes(tx: Connection, user_id: int, hashes: Sequence[bytes]) -> None:
    """Keep new recovery codes; the old ones end."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    tx.execute(insert(recovery_codes), [{"hash": one, "user_id": user_id} for one in hashes])


def take_code(tx: Connection, user_id: int, hashes: Sequence[bytes]) -> bool:
    """Use up a recovery code, given as its hash under each key; False when she has no such code."""
    hers = delete(recovery_codes).where(recovery_codes.c.user_id == user_id, recovery_codes.c.hash.in_(hashes))
    return tx.execute(hers).rowcount > 0


def codes_left(tx: Connection, user_id: int) -> int:
    """Return how many recovery codes a user has not used."""
    hers = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user_id == user_id)
    return tx.execute(hers).scalar_one()


def remove(tx: Connection, user_id: int) -> bool:
    """Take a second factor off, with its recovery codes and every session of the user; False when there was none."""
    hers = update(users).where(users.c.id == user_id, users.c.factor_box.is_not(None))
    if tx.execute(hers.values(factor_box=None, factor_since=None, factor_step=None)).rowcount == 0:
        return False
    for table in (recovery_codes, sessions):
        tx.execute(delete(table).where(table.c.user_id == user_id))
    return True
