"""Those who watch the others: the watchdog is fed while every task makes progress, and the leases are renewed."""

import asyncio

from triage import log, systemd
from triage.daemon.ground import Ground
from triage.daemon.lease import RENEWAL
from triage.daemon.worker import Models
from triage.errors import StoreDown
from triage.settings import Settings
from triage.store import cases, health, webhooks
from triage.systemd import Notify

LONGEST_ANSWER = 40.0
"""Seconds within which the store must answer, be it that it is down; it gives up on its own after 30."""

INTERVAL = 10.0
"""Seconds between two looks at the tasks when no watchdog asks for more."""


class Supervisor:
    """Looks after the tasks, and tells the service manager how they are."""

    def __init__(self, ground: Ground, settings: Settings, models: Models | None, notify: Notify) -> None:
        """Watch every pulse of `ground`; `models` is None where nothing is judged."""
        self._channels = frozenset(settings.channels)
        self._webhooks = frozenset(settings.webhooks)
        self._ground = ground
        self._models = models
        self._notify = notify
        watchdog = systemd.watchdog_interval()
        # Three looks in each interval: one late look must not kill a healthy process.
        self._interval = min(INTERVAL, watchdog / 3) if watchdog else INTERVAL

    async def run(self) -> None:
        """Feed the watchdog until the process is to end, but never while a task is stuck."""
        while not self._ground.halt.is_set():
            status = await self._status()
            stuck = [pulse.name for pulse in self._ground.pulses if pulse.late]
            if status is None:
                stuck.append("store")
            if stuck:
                log.error("daemon.stuck", tasks=stuck)
                self._notify(systemd.status_line(f"stuck: {', '.join(stuck)}"))
            else:
                self._notify(f"WATCHDOG=1\n{systemd.status_line(str(status))}")
            await self._ground.wait(self._interval)

    async def _status(self) -> str | None:
        """Return the line for `systemctl status`, or None when the store did not answer at all."""
        try:
            async with asyncio.timeout(LONGEST_ANSWER):
                return await self._ground.thread(self._count)
        except StoreDown as error:
            # It answered: it is down, everybody waits on purpose, and a restart would change nothing.
            return str(error)
        except TimeoutError:
            return None

    def _count(self) -> str:
        with self._ground.store.read() as tx:
            totals, channels, hooks = cases.totals(tx), health.all(tx), webhooks.all(tx)
        # The store also remembers channels and webhooks that are configured no more.
        ours = [c for c in channels if c.channel.partition("/")[0] in self._channels]
        well = sum(c.state == "up" for c in ours if c.channel in self._channels)
        ill = [f"{c.channel} {c.state}" for c in ours if c.state not in ("up", "off")]
        ill += [f"webhook {hook.name} off" for hook in hooks if hook.off and hook.name in self._webhooks]
        parts = [f"{well} channels up", *ill, f"{totals['waiting']} in the inbox", f"{totals['open']} cases open"]
        states = ("queued", "refused", "sent", "unknown", "withheld")
        parts += [f"{count} replies {state}" for state in states if (count := totals[f"outbox.{state}"])]
        if self._models is not None:
            judging = f"model {self._models.judge.version}"
            parts.append(f"{judging} (current is unusable)" if self._models.why_not else judging)
        return ", ".join(parts)


class Renewer:
    """Holds the leases for as long as the process lives."""

    def __init__(self, ground: Ground) -> None:
        """Renew every lease of `ground`."""
        self._ground = ground
        self._pulse = ground.pulse("leases", 120.0)

    async def run(self) -> None:
        """Renew until the process is to end; raises `LeaseLost` when another process took over."""
        ground = self._ground
        while not ground.halt.is_set():
            await ground.wait(RENEWAL)
            try:
                await ground.persist(lambda: ground.leases.renew(ground.clock.now()), self._pulse)
            except StoreDown:
                return
            self._pulse.beat()
