"""The one who works the inbox: judges, matches, places and acknowledges, a batch at a time."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from triage import log, pipeline
from triage.classifier import Judge, Profile
from triage.daemon.ground import Ground, Lull
from triage.daemon.lease import TRIAGE
from triage.desk import Desk
from triage.errors import ModelUnusable, StoreDown

LIMIT = 240.0
"""Seconds: a worker without progress for longer is stuck; a batch of the worst messages takes less."""

MODEL_POLL = 5.0
"""Seconds between two looks whether another model is current."""


class Models:
    """The model that judges now, and the rules that judge without one.

    Attributes:
        judge: Judges from now on; never missing.
        why_not: Why the current model is not in use; empty when it is.
    """

    def __init__(self, folder: Path, profile: Profile = "default") -> None:
        """Judge by rules until `refresh` finds a model in `folder` that can judge as `profile` says, or as default."""
        from triage.classifier.urgency import RulesOnly

        self.folder = folder
        self.profile: Profile = profile
        self.judge: Judge = RulesOnly()
        self.why_not = ""
        self._seen: object = None

    def refresh(self, *, once_more: bool = False) -> None:
        """Load the current model if it is another one than before; keep the last good one if it cannot be used.

        What could not be used as it is wished is tried again when its files change, and when it shall be `once_more`:
        no file of a model changes when somebody installs the encoder.
        """
        sign = self._sign()
        if sign == self._seen and not (once_more and self.why_not):
            return
        self._seen = sign
        from triage.classifier import predict

        try:
            self.judge, self.why_not = predict.best(self.folder, self.profile)
        except ModelUnusable as error:
            self.why_not = str(error)
        else:
            log.info("model.loaded", version=self.judge.version)
        if self.why_not:
            log.error("model.unusable", why=self.why_not, judging=self.judge.version)

    def _sign(self) -> object:
        """Return what changes whenever `current` names another model or is written anew, or a bad one is repaired."""
        from triage.classifier import artefact

        current = self.folder / "current"
        try:
            target = current.readlink() if current.is_symlink() else current.read_bytes()[:200]
            sign: tuple[object, ...] = (target, current.stat().st_mtime_ns)
            if self.why_not:
                folder = self.folder / artefact.current_version(self.folder)
                sign += tuple(sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir()))
        except (OSError, ModelUnusable):
            return "missing"
        return sign


class Worker:
    """Works the inbox for as long as the process lives."""

    def __init__(
        self,
        ground: Ground,
        desk: Desk,
        models: Models,
        wake: asyncio.Event,
        senders: Iterable[asyncio.Event],
        apart: pipeline.Apart | None = None,
    ) -> None:
        """Work when `wake` is set, or after a while; wake the `senders` when there may be something to send."""
        self._apart = apart
        self._ground = ground
        self._desk = desk
        self._models = models
        self._wake = wake
        self._senders = tuple(senders)
        self._pulse = ground.pulse("worker", LIMIT)
        self._lull = Lull()
        self._looked = float("-inf")

    async def run(self) -> None:
        """Empty the inbox, batch by batch, until the process is to end; the batch in hand is finished first."""
        while not self._ground.halt.is_set():
            await self._look_for_model()
            try:
                count = await self._work()
            except StoreDown:
                # It was down to the end; what waits in the inbox is safe there.
                return
            self._pulse.beat()
            if not count:
                await self._ground.wait(self._lull.next(), self._wake)
                continue
            self._lull.over()
            for sender in self._senders:
                sender.set()

    async def _work(self) -> int:
        ground = self._ground
        begun = ground.clock.monotonic()
        work = _bound(ground, self._desk, self._models.judge, self._apart)
        count = await ground.persist(work, self._pulse)
        if count:
            log.info("message.worked", count=count, seconds=round(ground.clock.monotonic() - begun, 3))
        return count

    async def _look_for_model(self) -> None:
        moment = self._ground.clock.monotonic()
        if moment - self._looked >= MODEL_POLL:
            self._looked = moment
            await self._ground.thread(self._models.refresh)


def _bound(ground: Ground, desk: Desk, judge: Judge, apart: pipeline.Apart | None) -> Callable[[], int]:
    fence = ground.leases.fence(TRIAGE)
    return lambda: pipeline.work(ground.store, desk, judge, ground.clock.now(), fence=fence, apart=apart)
