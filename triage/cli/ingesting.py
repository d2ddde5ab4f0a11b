"""`triage ingest`: files through the same receive and work as the daemon's, in one process, with a progress bar."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from triage import pipeline
from triage.classifier import Judge
from triage.cli.terminal import err
from triage.connectors import Batch
from triage.daemon.lease import RENEWAL, TRIAGE, Leases
from triage.desk import Desk
from triage.errors import InUse
from triage.message import Message, Unreadable
from triage.store import Store, cases

BATCH = 256
"""Items that are stored, and messages that are settled, in one transaction."""

COUNTED = ("new", "follow-up", "repeat", "robot", "spam", "empty", "command")


@dataclass(slots=True, kw_only=True)
class Intake:
    """Takes items in, and settles them unless a daemon does that already.

    Attributes:
        leases: Held while we settle; None when a daemon does.
    """

    store: Store
    desk: Desk
    judge: Judge
    channel: str
    leases: Leases | None
    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("read", "new", "known", "unreadable"), 0))
    _renewed: float = field(default_factory=time.monotonic)

    def take(self, items: tuple[Message | Unreadable, ...]) -> None:
        """Store a batch and settle everything that waits."""
        received = pipeline.receive(self.store, self.channel, Batch(items=items), datetime.now(UTC))
        self.figures["read"] += len(items)
        self.figures["new"] += received.new
        self.figures["known"] += received.known
        self.figures["unreadable"] += received.unreadable
        self.settle()

    def settle(self) -> None:
        """Work the inbox until it is empty."""
        if self.leases is None:
            return
        fence, done = self.leases.fence(TRIAGE), 1
        while done:
            if time.monotonic() - self._renewed > RENEWAL:
                self.leases.renew(datetime.now(UTC))
                self._renewed = time.monotonic()
            done = pipeline.work(self.store, self.desk, self.judge, datetime.now(UTC), limit=BATCH, fence=fence)


def take_in(
    store: Store, desk: Desk, judge: Judge, channel: str, items: Iterable[Message | Unreadable]
) -> dict[str, float]:
    """Take all items in and return the figures: what was read, what became of it, what waits, and the seconds."""
    begun = time.monotonic()
    with store.read() as tx:
        before = cases.totals(tx)
    with _settling(store) as leases, _progress() as (progress, task):
        intake = Intake(store=store, desk=desk, judge=judge, channel=channel, leases=leases)
        for batch in _batches(items):
            intake.take(batch)
            progress.update(task, advance=len(batch))
        intake.settle()
    with store.read() as tx:
        after = cases.totals(tx)
    became = {f"messages.{name}": name for name in COUNTED} | {"cases": "cases", "quarantined": "quarantined"}
    grown = {short: after.get(name, 0) - before.get(name, 0) for name, short in became.items()}
    opened = {"opened" if name == "new" else name: count for name, count in grown.items() if name != "cases"}
    return {
        **intake.figures,
        **opened,
        "waiting": after["waiting"],
        "lost": after["lost"],
        "seconds": round(time.monotonic() - begun, 2),
    }


def _batches(items: Iterable[Message | Unreadable]) -> Iterator[tuple[Message | Unreadable, ...]]:
    stream = iter(items)
    while batch := tuple(islice(stream, BATCH)):
        yield batch


@contextmanager
def _settling(store: Store) -> Iterator[Leases | None]:
    """Hold the right to work the inbox; None when a daemon holds it, which then does the work."""
    leases = Leases(store, [TRIAGE])
    try:
        leases.acquire(datetime.now(UTC))
    except InUse:
        yield None
        return
    try:
        yield leases
    finally:
        leases.release()


@contextmanager
def _progress() -> Iterator[tuple[Progress, TaskID]]:
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} messages"), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as progress:
        yield progress, progress.add_task("ingest", total=None)
