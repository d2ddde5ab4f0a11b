"""How each channel is, as its reader and sender last said; the status line and `triage check` show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, case, select

from triage.store import tally
from triage.store.tables import channel_health

State = Literal["up", "down", "refused", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """One channel.

    Attributes:
        state: "up"; "down" (tried again by itself); "refused" (a person must act); "off" (switched off).
        why: One line; empty when it is up.
        since: When it came into this state.
        reported_at: When it was last heard of.
        progress_at: When it last handed over a batch, even an empty one; None if never.
    """

    channel: str
    state: str
    why: str
    since: datetime
    reported_at: datetime
    progress_at: datetime | None


def report(tx: Connection, channel: str, state: State, why: str, now: datetime) -> None:
    """Say how a channel is; `since` stays when that is no news."""
    new = {"state": state, "why": why, "reported_at": now}
    insert = tally.upsert(tx, channel_health).values(channel=channel, since=now, **new)
    kept = case((channel_health.c.state == state, channel_health.c.since), else_=insert.excluded.since)
    tx.execute(insert.on_conflict_do_update(index_elements=["channel"], set_=new | {"since": kept}))


def progress(tx: Connection, channel: str, now: datetime) -> None:
    """Say that a channel handed something over: it is up."""
    report(tx, channel, "up", "", now)
    tx.execute(channel_health.update().where(channel_health.c.channel == channel).values(progress_at=now))


def all(tx: Connection) -> list[ChannelHealth]:  # noqa: A001 - read as `health.all(tx)`
    """Return every channel that was ever heard of, by name."""
    names = ("channel", "state", "why", "since", "reported_at", "progress_at")
    rows = tx.execute(select(channel_health).order_by(channel_health.c.channel))
    return [ChannelHealth(**{name: getattr(row, name) for name in names}) for row in rows]
