"""Waiting times that customers were told and that run out: found by an index, never by looking at every case."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal_column, select

from triage.case import Case, Kept
from triage.store import tally
from triage.store.rows import case_of
from triage.store.tables import cases

_RUNNING: ColumnElement[bool] = literal_column("promise_state = 'running'")


def next_end(tx: Connection) -> datetime | None:
    """Return when the next waiting time runs out, or None while none runs."""
    query = select(cases.c.promised_by).where(_RUNNING).order_by(cases.c.promised_by).limit(1)
    return tx.execute(query).scalar()


def run_out(tx: Connection, now: datetime, limit: int) -> list[Case]:
    """Return the cases whose waiting time has run out and was not looked at yet, locked, those of longest ago first."""
    query = select(cases).where(_RUNNING, cases.c.promised_by <= now)
    query = query.order_by(cases.c.promised_by, cases.c.id).limit(limit).with_for_update(skip_locked=True)
    return [case_of(row) for row in tx.execute(query)]


def count(tx: Connection, before: Case, after: Case) -> None:
    """Count a waiting time that a change of its case ended, as kept or as broken; each time, should it run again."""
    ran = before.promise is not None and before.promise.state is Kept.RUNNING
    if ran and after.promise is not None and after.promise.state is not Kept.RUNNING:
        tally.add(tx, {f"promises:{after.promise.state.value}": 1})
