"""Every task of the process, named in one place: mustered from a configuration, set to work, dismissed."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from triage import log
from triage.daemon.ground import Clock, Ground
from triage.daemon.incidents import IncidentWatch
from triage.daemon.intake import Intake
from triage.daemon.lease import Leases
from triage.daemon.parts import Parts
from triage.daemon.promises import Watch
from triage.daemon.readers import Reader
from triage.daemon.room import Room
from triage.daemon.senders import Sender
from triage.daemon.supervisor import Renewer, Supervisor
from triage.daemon.webhooks import Courier
from triage.daemon.worker import Worker
from triage.errors import TriageError
from triage.systemd import Notify

DRAIN = 5.5
"""Seconds that tasks get to finish what they have in hand."""

CANCEL = 1.5
"""Seconds that tasks get to note down what they could not finish."""

CLOSE = 1.5
"""Seconds that connectors get to take leave."""


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
        if parts.door is not None and (front := parts.front(ground.clock.now)) is not None:
            from triage.web import create_app, server

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
