"""Every task of the process, named in one place: mustered from a configuration, set to work, dismissed."""

import asyncio
import socket
from collections.abc import Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from triage import log
from triage.connectors import Connector
from triage.daemon.ground import Clock, Ground
from triage.daemon.incidents import IncidentWatch
from triage.daemon.intake import Intake, Study, prepare_server
from triage.daemon.lease import TRIAGE, Leases, reading, sending, telling
from triage.daemon.promises import Watch
from triage.daemon.readers import Reader
from triage.daemon.room import Room
from triage.daemon.senders import Sender
from triage.daemon.supervisor import Renewer, Supervisor
from triage.daemon.webhooks import Courier
from triage.daemon.worker import Models, Worker
from triage.desk import Desk
from triage.errors import ConfigError, TriageError
from triage.settings import Settings
from triage.settings.tables import WebSettings
from triage.store import Store
from triage.studying import warm_up
from triage.systemd import Notify
from triage.web import Front, Issuer, create_app, server
from triage.webhooks import Endpoint

ROLES: Final = ("connectors", "triage", "senders", "web")
"""What a process can do: pull from the channels, work the inbox, send what the outbox holds, show the desk."""

DRAIN = 5.5
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
    endpoints: list[Endpoint]
    models: Models | None
    study: Study | None = None
    door: socket.socket | None = None
    issuer: Issuer | None = None

    @classmethod
    def prepare(cls, settings: Settings, only: Collection[str], old: "Parts | None" = None) -> "Parts":
        """Return the parts of `settings`; blocks. Raises `ConfigError`, or `StoreDown`.

        Of the parts before them, `old`, the model stays: if the current one was spoilt meanwhile, it still judges.
        """
        roles = frozenset(only)
        connectors = settings.connectors() if roles & {"connectors", "senders"} else {}
        endpoints = settings.endpoints() if "senders" in roles else []
        web = settings.web if "web" in roles else None
        if not (connectors or endpoints) and "triage" not in roles and web is None:
            raise ConfigError("no channel is configured, and nothing else is to be done")
        store = settings.open_store()
        students = settings.models.students() if roles >= {"connectors", "triage"} else 0
        if students:
            prepare_server(settings.classifier.profile)
        desk = Desk.from_settings(settings)
        models = _models(settings, old) if "triage" in roles else None
        if models is not None:
            warm_up(desk, models.judge)
        issuer = Issuer(web.oidc) if web is not None and web.oidc is not None else None
        door = _door(web, old)
        # Last of all: what it begins would stay if anything else were refused.
        study = Study(settings, models, students) if models is not None else None
        return cls(
            settings=settings,
            roles=roles,
            store=store,
            desk=desk,
            connectors=connectors,
            endpoints=endpoints,
            models=models,
            study=study,
            door=door,
            issuer=issuer,
        )

    def leases(self) -> list[str]:
        """Return the names of the leases that these duties need."""
        names = [reading(name) for name in self.connectors] if "connectors" in self.roles else []
        names += [TRIAGE] if "triage" in self.roles else []
        names += [telling(one.name) for one in self.endpoints]
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
        threads = ThreadPoolExecutor(2 * len(parts.connectors) + len(parts.endpoints) + 6, thread_name_prefix="triage")
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
            intake = Intake(ground, parts.desk, parts.study, [work, *wakes.values()])
            room = Room.of(parts.store, parts.settings.store.pause_below_mb)
            for name, connector in parts.connectors.items():
                self._task(Reader(ground, connector, intake, room).run(), f"reader {name}")
        if parts.models is not None:
            self._task(Worker(ground, parts.desk, parts.models, work, wakes.values(), parts.study).run(), "worker")
            self._task(Watch(ground, parts.desk, wakes.values()).run(), "promises")
            self._task(IncidentWatch(ground, parts.desk, wakes.values()).run(), "incidents")
        for name, wake in wakes.items():
            sender = Sender(ground, parts.connectors[name], wake, parts.desk.limits.per_minute_total)
            self._task(sender.run(), f"sender {name}")
        for endpoint in parts.endpoints:
            self._task(Courier(ground, endpoint).run(), f"webhook {endpoint.name}")
        if parts.door is not None and parts.settings.web is not None:
            front = Front(
                store=parts.store,
                desk=parts.desk,
                prefix=parts.settings.web.prefix,
                models=parts.settings.models.folder,
                issuer=parts.issuer,
                second_factor=parts.settings.web.second_factor,
                clock=ground.clock.now,
            )
            self._task(server.serve(create_app(front), parts.door, ground.halt), "web")
        self._task(Renewer(ground).run(), "leases")
        self._task(Supervisor(ground, parts.settings, parts.models, self._notify).run(), "supervisor")

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
        """End every task within ten seconds, and give the leases back; never raises. The second time does nothing."""
        if self._ground.halt.is_set():
            return
        self._ground.halt.set()
        await self._drain()
        await self._take_leave()
        if self._parts.study is not None:
            self._parts.study.close()
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


def _door(web: WebSettings | None, old: Parts | None) -> socket.socket | None:
    """Return the socket of the web desk: the one there is if its address stays, for two cannot have it."""
    if web is None:
        return None
    if (
        old is not None
        and old.door is not None
        and old.settings.web is not None
        and old.settings.web.listen == web.listen
    ):
        return old.door.dup()
    return server.listen(web.listen)


def _models(settings: Settings, old: Parts | None) -> Models:
    wanted = (settings.models.folder, settings.classifier.profile)
    models = old.models if old is not None else None
    if models is None or (models.folder, models.profile) != wanted:
        models = Models(*wanted)
    models.refresh(once_more=True)
    return models
