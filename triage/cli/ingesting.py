"""`triage ingest`: files into the store, in one transaction for each handful, with a progress bar."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from triage import log, pipeline
from triage.classifier import Judge
from triage.cli.studying import BATCH, WORTH_IT, Chunk, chunks_of, students, studied_in_order
from triage.cli.terminal import err
from triage.connectors import Batch, Item, read
from triage.connectors.folder import UnreadFile
from triage.daemon.lease import RENEWAL, TRIAGE, Leases
from triage.desk import Desk
from triage.errors import InUse, TriageError
from triage.settings import Settings
from triage.store import Store, cases
from triage.store.inbox import Received
from triage.students import Studied
from triage.studying import study

COUNTED = ("new", "follow-up", "repeat", "robot", "spam", "empty", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How messages are taken in: by which desk and judge, and as those of which channel."""

    desk: Desk
    judge: Judge
    channel: str


@dataclass(slots=True, kw_only=True)
class Intake:
    """Takes chunks in, and settles them unless a daemon does that already.

    Attributes:
        leases: Held while we settle; None when a daemon does.
    """

    store: Store
    way: Way
    leases: Leases | None
    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("read", "new", "known", "unreadable"), 0))
    _renewed: float = field(default_factory=time.monotonic)

    def take(self, chunk: Chunk, outcome: "Future[Studied] | None" = None) -> int:
        """Take one chunk in and return how many messages it held.

        If it cannot be studied and settled as a whole, each message goes its own way through the inbox.
        """
        if self.leases is None:
            return self._leave_in_inbox(chunk)
        self._keep_lease(self.leases)
        desk, judge, channel = self.way.desk, self.way.judge, self.way.channel
        try:
            studied = outcome.result() if outcome else study(desk, judge, chunk)
            received = pipeline.take_in(self.store, desk, channel, studied, datetime.now(UTC), self._fence())
        except (TriageError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a hostile file makes our code raise
            log.warning("message.batch-failed", error=type(error).__name__)
            size = self._leave_in_inbox(chunk)
            self.settle()
            return size
        return self._count(received, len(studied))

    def settle(self) -> None:
        """Work the inbox until it is empty."""
        while self.leases is not None:
            self._keep_lease(self.leases)
            desk, judge = self.way.desk, self.way.judge
            if not pipeline.work(self.store, desk, judge, datetime.now(UTC), limit=BATCH, fence=self._fence()):
                return

    def _leave_in_inbox(self, chunk: Chunk) -> int:
        items = tuple(read(chunk))
        batch, how = Batch(items=items), self.way.desk.guarding
        received = pipeline.receive(self.store, self.way.channel, batch, datetime.now(UTC), how=how)
        return self._count(received, len(items))

    def _count(self, received: Received, size: int) -> int:
        for name, count in (("read", size), *asdict(received).items()):
            self.figures[name] += count
        return size

    def _fence(self) -> pipeline.Fence | None:
        return self.leases.fence(TRIAGE) if self.leases else None

    def _keep_lease(self, leases: Leases) -> None:
        if time.monotonic() - self._renewed > RENEWAL:
            leases.renew(datetime.now(UTC))
            self._renewed = time.monotonic()


def take_in(
    store: Store, settings: Settings, way: Way, files: Sequence[UnreadFile], large: Iterable[Item]
) -> dict[str, float]:
    """Take files in and return the figures: what was read, what became of it, what waits, and the seconds.

    Args:
        store: Where it goes.
        settings: For the other processes, which many files are worth.
        way: How they are taken in.
        files: Small files, each read as a whole.
        large: The messages of large files, read as they are needed.
    """
    begun = time.monotonic()
    with store.read() as tx:
        before = cases.totals(tx)
    with _settling(store) as leases, _progress(len(files)) as (progress, task):
        intake = Intake(store=store, way=way, leases=leases)
        with _outcomes(settings, way.judge, chunks_of(files, large), parallel=len(files) >= WORTH_IT) as outcomes:
            for chunk, outcome in outcomes:
                progress.update(task, advance=intake.take(chunk, outcome))
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


@contextmanager
def _outcomes(
    settings: Settings, judge: Judge, chunks: Iterable[Chunk], *, parallel: bool
) -> Iterator[Iterable[tuple[Chunk, "Future[Studied] | None"]]]:
    """Give the chunks, in order, each with the outcome of its study elsewhere; None: it is studied here."""
    if not parallel:
        yield ((chunk, None) for chunk in chunks)
        return
    with students(settings, judge) as those:
        yield studied_in_order(those, chunks)


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
def _progress(files: int) -> Iterator[tuple[Progress, TaskID]]:
    columns = (
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.completed:.0f} messages"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as progress:
        yield progress, progress.add_task("ingest", total=files or None)
