"""Leases: who may do something alone. A row with a holder, an epoch and an end; PostgreSQL and SQLite alike.

The epoch is checked inside each write transaction (`fence`), so a process that was stopped, replaced and woken
again can do no harm. An advisory lock would be lost with its connection, and never taken from a stopped process.
"""

import os
import socket
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, bindparam, select, update

from triage.errors import InUse, LeaseLost
from triage.store import tally
from triage.store.tables import leases

_HIDDEN = "hidden"
_HELD = select(leases.c.epoch).where(leases.c.name == bindparam("lease"), leases.c.holder != "").with_for_update()


def acquire(tx: Connection, name: str, holder: str, now: datetime, ttl: timedelta) -> int:
    """Take a lease and return its epoch, which only grows; raises `InUse`, naming the holder.

    It is free if it ended, was released, is ours, or its holder was a process of this host that is no more.
    """
    first = tally.upsert(tx, leases).values(name=name, holder="", epoch=0, expires_at=now)
    tx.execute(first.on_conflict_do_nothing())
    row = tx.execute(select(leases).where(leases.c.name == name).with_for_update()).one()
    if row.holder not in {"", holder} and row.expires_at > now and not _is_gone(row.holder):
        raise InUse(f"{name} is held by {row.holder} until {row.expires_at:%H:%M:%S} UTC: stop that process first")
    values = {"holder": holder, "epoch": row.epoch + 1, "expires_at": now + ttl}
    tx.execute(update(leases).where(leases.c.name == name).values(**values))
    return int(row.epoch + 1)


def renew(tx: Connection, name: str, epoch: int, now: datetime, ttl: timedelta) -> None:
    """Keep a lease for another `ttl`, even one that ended if nobody took it; raises `LeaseLost`."""
    held = update(leases).where(leases.c.name == name, leases.c.epoch == epoch, leases.c.holder != "")
    if tx.execute(held.values(expires_at=now + ttl)).rowcount != 1:
        raise LeaseLost(_lost(name, epoch))


def fence(tx: Connection, name: str, epoch: int) -> None:
    """Return if the lease is still ours, and keep it so until the transaction ends; raises `LeaseLost`.

    One transaction at a time passes: what two tasks of a process do under one lease is done one after the other.
    """
    if tx.execute(_HELD, {"lease": name}).scalar() != epoch:
        raise LeaseLost(_lost(name, epoch))


def release(tx: Connection, name: str, epoch: int) -> None:
    """Give a lease back; one that is not ours any more is left alone."""
    held = update(leases).where(leases.c.name == name, leases.c.epoch == epoch)
    tx.execute(held.values(holder=""))


@cache
def this_process() -> str:
    """Return the holder's name for this process: "HOST:PID:START.NAMESPACE".

    A number that is used again later has another start; in another namespace of numbers it is another process.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}.{_namespace()}"


def _is_gone(holder: str) -> bool:
    """Return whether a holder was a process of this host that has ended; False whenever that cannot be told."""
    name, _, start = holder.rpartition(":")
    host, _, process = name.rpartition(":")
    start, _, namespace = start.rpartition(".")
    comparable = host == socket.gethostname() and namespace == _namespace() != "" and start and process.isdecimal()
    return bool(comparable) and _start_of(int(process)) not in {start, _HIDDEN}


def _start_of(process: int) -> str:
    """Return when a process began, in ticks since the machine did; "" if it is gone, `_HIDDEN` if we may not know."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _HIDDEN if _lives(process) else ""
    # Field 3 is the state, field 22 the start; a zombie has ended, only nobody has looked yet.
    return "" if fields[0] in "ZX" else fields[19]


def _lives(process: int) -> bool:
    """Return whether a process exists: the service does not see those of others under /proc (`ProtectProc=`)."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@cache
def _namespace() -> str:
    """Return which namespace our process numbers belong to; "" where the system does not tell."""
    try:
        return "".join(filter(str.isdecimal, str(Path("/proc/self/ns/pid").readlink())))
    except OSError:
        return ""


def _lost(name: str, epoch: int) -> str:
    return f"the lease {name} (epoch {epoch}) was taken over by another process"
