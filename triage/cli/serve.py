"""`triage run`: the daemon as a process, with its signals."""

import asyncio
import signal
from pathlib import Path

from triage import daemon, log, settings
from triage.errors import ConfigError, TriageError
from triage.settings import Settings


def serve(config: Path | None, only: str | None) -> None:
    """Run the daemon until SIGTERM or SIGINT; SIGHUP has the configuration read again. Raises as `daemon.run`."""
    path = settings.find(config)
    roles = roles_of(only)
    current = settings.load(path)
    log.configure(salt=_salt(current))
    asyncio.run(_until_told(current, path, roles))


def roles_of(only: str | None) -> tuple[str, ...]:
    """Return the roles that `--only` names; raises `ConfigError` for one that does not exist."""
    named = tuple(role.strip() for role in only.split(",")) if only else daemon.ROLES
    for role in named:
        if role not in daemon.ROLES:
            raise ConfigError(f'--only: there is no role "{role}"; there are {", ".join(daemon.ROLES)}')
    return named


async def _until_told(current: Settings, path: Path, roles: tuple[str, ...]) -> None:
    stop, reload = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    await daemon.run(current, stop=stop, only=roles, reload=reload, load=lambda: settings.load(path))


def _salt(current: Settings) -> bytes | None:
    """Return what keeps the pseudonyms of addresses the same from start to start."""
    try:
        return b"log\0" + current.desk.key.read().encode()
    except TriageError:
        return None
