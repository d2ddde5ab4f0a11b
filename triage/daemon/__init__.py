"""The daemon: one asyncio process in which every task has one duty. `run` is all that others need.

    reader per channel ─ inbox ─ worker ─ outbox ─ sender per channel
                      supervisor, lease renewer

What an error does is said by one table, `actions.ACTIONS`.
"""

import asyncio
from collections.abc import Callable, Collection

from triage import log, systemd
from triage.daemon.actions import ACTIONS, Action
from triage.daemon.crew import Crew
from triage.daemon.ground import Clock
from triage.daemon.parts import ROLES, Parts
from triage.errors import TriageError
from triage.settings import Settings
from triage.systemd import Notify

__all__ = ["ACTIONS", "ROLES", "Action", "Clock", "run"]

CLOCK = Clock()


async def run(
    settings: Settings,
    *,
    stop: asyncio.Event,
    only: Collection[str] = ROLES,
    reload: asyncio.Event | None = None,
    load: Callable[[], Settings] | None = None,
    clock: Clock = CLOCK,
    notify: Notify = systemd.notify,
) -> None:
    """Do the work of the roles `only` until `stop` is set; then finish what is in hand, in at most ten seconds.

    Args:
        settings: The configuration to begin with.
        stop: Set it to end.
        only: Some of `ROLES`.
        reload: Set it to have the configuration read again with `load`: it is taken whole, or refused whole.
        load: Returns the configuration as it is now; raises `ConfigError`.
        clock: Time.
        notify: Tells the service manager.

    Raises `ConfigError`, `InUse` when another process does one of these duties on this store, `LeaseLost`,
    `StoreDown` if the store does not answer at the start, and whatever must not happen.
    """
    reload = reload or asyncio.Event()
    parts = await asyncio.to_thread(Parts.prepare, settings, only)
    crew = await Crew.muster(parts, clock, notify)
    try:
        while True:
            notify(systemd.ready("starting"))
            log.info("daemon.ready", roles=sorted(only), channels=sorted(parts.settings.channels))
            await crew.work(stop, reload)
            if stop.is_set():
                break
            reload.clear()
            notify(systemd.reloading())
            fresh = await _read_again(load, parts, only)
            if fresh is None:
                # Nothing was given up yet: the same crew goes on.
                continue
            await crew.dismiss()
            parts, crew = fresh, await Crew.muster(fresh, clock, notify)
            log.info("daemon.reloaded")
    finally:
        log.info("daemon.stopping")
        notify(systemd.stopping("finishing what is in hand"))
        await crew.dismiss()
        log.info("daemon.stopped")


async def _read_again(load: Callable[[], Settings] | None, old: Parts, only: Collection[str]) -> Parts | None:
    """Return what the configuration, as it is now, is made of; None when it cannot be used."""
    if load is None:
        return None
    try:
        settings = await asyncio.to_thread(load)
        return await asyncio.to_thread(Parts.prepare, settings, only, old)
    except TriageError as error:
        log.error("daemon.reload-refused", why=str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is: what works goes on working
        log.exception("daemon.reload-refused", why=type(error).__name__)
    return None
