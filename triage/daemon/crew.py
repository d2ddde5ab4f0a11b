"""Every task of the process, named in one place: mustered from a configuration, set to work, dismissed."""

import asyncio
from collections.abc import Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from triage import log, pipeline
from triage.connectors import Connector
from triage.daemon.ground import Clock, Ground
from triage.daemon.lease import TRIAGE, Leases, reading, sending
from triage.daemon.readers import Reader
from triage.daemon.senders import Sender
from triage.daemon.supervisor import Renewer, Supervisor
from triage.daemon.worker import Models, Worker
from triage.desk import Desk
from triage.errors import ConfigError, TriageError
from triage.settings import Settings
from triage.store import Store
from triage.systemd import Notify

ROLES: Final = ("connectors", "triage", "senders")
"""What a process can do: pull from the channels, work the inbox, send what the outbox holds."""

DRAIN = 6.5
"""Seconds that tasks get to finish what they have in hand."""

CANCEL = 1.5
"""Seconds that tasks get to note down what they could not finish."""

CLOSE = 1.5
"""Seconds that connectors get to take leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a configuration is made into; all of it was tried, so that nothing is refused half way."""

    settings: Settings
    roles: frozenset[str]
    store: Store
    desk: Desk
    connectors: dict[str, Connector]
    models: Models | None

    @classmethod
    def prepare(cls, settings: Settings, only: Collection[str], old: "Parts | None" = None) -> "Parts":
        """Return the parts of `settings`; blocks. Raises `ConfigError`, or `StoreDown`.

        Of the parts before them, `old`, the model stays: if the current one was spoilt meanwhile, it still judges.
        """
        roles = frozenset(only)
        connectors = settings.connectors() if roles & {"connectors", "senders"} else {}
        if not connectors and "triage" not in roles:
            raise ConfigError("no channel is configured, and nothing else is to be done")
        store = settings.open_store()
        desk = Desk.from_settings(settings)
        models = _models(settings, old) if "triage" in roles else None
        if models is not None:
            pipeline.warm_up(desk, models.judge)
        return cls(settings=settings, roles=roles, store=store, desk=desk, connectors=connectors, models=models)

    def leases(self) -> list[str]:
        """Return the names of the leases that these duties need."""
        names = [reading(name) for name in self.connectors] if "connectors" in self.roles else []
        names += [TRIAGE] if "triage" in self.roles else []
        return names + [sending(name) for name in self.senders()]

    def senders(self) -> list[str]:
        """Return the channels that replies go out through."""
        if "senders" not in self.roles:
            return []
        through = {connector.answers_through for connector in self.connectors.values()}
        return [name for name in self.connectors if name in through]


class Crew:
    """The tasks of one configuration."""

    def __init__(self, parts: Parts, ground: Ground, threads: ThreadPoolExecutor, notify: Notify) -> None:
        """Take everything; use `muster`."""
        self._parts = parts
        self._ground = ground
        self._threads = threads
        self._notify = notify
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def muster(cls, parts: Parts, clock: Clock, notify: Notify) -> "Crew":
        """Return the crew for `parts`, its leases taken and its tasks begun; raises `InUse`, `StoreDown`."""
        # Each task has at most one piece of work in a thread, and the status needs one more.
        threads = ThreadPoolExecutor(2 * len(parts.connectors) + 4, thread_name_prefix="triage")
        leases = Leases(parts.store, parts.leases())
        crew = cls(parts, Ground(store=parts.store, threads=threads, leases=leases, clock=clock), threads, notify)
        try:
            await crew._ground.thread(lambda: leases.acquire(clock.now()))
        except BaseException:
            threads.shutdown(wait=False)
            raise
        crew._begin()
        return crew

    def _begin(self) -> None:
        """Begin every task there is. This is the list."""
        ground, parts = self._ground, self._parts
        work = asyncio.Event()
        wakes = {name: asyncio.Event() for name in parts.senders()}
        if "connectors" in parts.roles:
            for name, connector in parts.connectors.items():
                self._task(Reader(ground, connector, work).run(), f"reader {name}")
        if parts.models is not None:
            self._task(Worker(ground, parts.desk, parts.models, work, wakes.values()).run(), "worker")
        for name, wake in wakes.items():
            self._task(Sender(ground, parts.connectors[name], wake).run(), f"sender {name}")
        self._task(Renewer(ground).run(), "leases")
        self._task(Supervisor(ground, parts.settings.channels, parts.models, self._notify).run(), "supervisor")

    def _task(self, duty: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.add(asyncio.create_task(duty, name=name))

    async def work(self, *ends: asyncio.Event) -> None:
        """Return when one of `ends` is set; raises what a task died of."""
        waits = {asyncio.ensure_future(end.wait()) for end in ends}
        try:
            await asyncio.wait({*self._tasks, *waits}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        for task in self._tasks:
            if task.done():
                task.result()
                raise RuntimeError(f"the task {task.get_name()} ended by itself")

    async def dismiss(self) -> None:
        """End every task within ten seconds, and give the leases back; never raises."""
        self._ground.halt.set()
        await self._drain()
        await self._take_leave()
        try:
            async with asyncio.timeout(CLOSE):
                await self._ground.thread(self._give_back)
        except (TriageError, TimeoutError) as error:
            log.warning("daemon.unclean", why=str(error) or "the store did not answer in time")
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _drain(self) -> None:
        """Let the tasks finish what they have in hand, then cancel them, and write down what they died of."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=DRAIN)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CANCEL)
        for task in self._tasks:
            error = task.exception() if task.done() and not task.cancelled() else None
            if error is not None and not isinstance(error, TriageError):
                log.crashed(task.get_name(), error)
        self._tasks.clear()

    async def _take_leave(self) -> None:
        closing = [asyncio.ensure_future(connector.close()) for connector in self._parts.connectors.values()]
        if closing:
            _, late = await asyncio.wait(closing, timeout=CLOSE)
            for one in late:
                one.cancel()

    def _give_back(self) -> None:
        self._ground.leases.release()
        self._parts.store.close()


def _models(settings: Settings, old: Parts | None) -> Models:
    if old is not None and old.models is not None and old.models.folder == settings.models.folder:
        return old.models
    models = Models(settings.models.folder)
    models.refresh()
    return models
