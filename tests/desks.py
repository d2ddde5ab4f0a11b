"""A desk in a folder of its own, and `triage` as a process, the way an operator and systemd see it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 30.0
"""Seconds: what takes longer does not come."""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Daemon:
    """`triage run`, a process of its own, as the service manager and its journal see it.

    Attributes:
        heard: What it told the service manager, line by line.
        log: What it wrote to standard error: one object a line.
    """

    process: asyncio.subprocess.Process
    heard: list[str] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.log if line.get("event") == name]

    def status(self) -> str:
        return next((line for line in reversed(self.heard) if line.startswith("STATUS=")), "")

    async def until(self, is_so: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Return what `is_so` finds; fails when the daemon ends or the patience does."""
        end = time.monotonic() + seconds
        while not (found := is_so()):
            assert self.process.returncode is None, f"it ended with {self.process.returncode}: {self.log[-3:]}"
            assert time.monotonic() < end, f"it did not come; {self.heard[-4:]}, {self.log[-6:]}"
            await asyncio.sleep(0.02)
        return found

    async def told_to_end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Return its exit code, and after how many seconds it had ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
        return code, time.monotonic() - began


@dataclass
class Desk:
    """A folder with a configuration in it."""

    folder: Path
    config: Path

    async def triage(self, *words: str) -> Outcome:
        """Type a command."""
        process = await self._start(*words, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(2 * PATIENCE):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Outcome(process.returncode, out.decode(), err.decode())

    @contextlib.asynccontextmanager
    async def running(self, *words: str, **environment: str) -> AsyncIterator[Daemon]:
        """Start `triage run` and wait until it says that it is ready; at the end it is killed if it still lives."""
        address = f"\0triage-test-{os.getpid()}-{time.monotonic_ns()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
            manager.bind(address)
            environment = {"NOTIFY_SOCKET": f"@{address[1:]}", "WATCHDOG_USEC": "1500000"} | environment
            daemon = Daemon(await self._start("run", *words, **environment))
            tasks = [asyncio.create_task(_listen(manager, daemon)), asyncio.create_task(_read(daemon))]
            try:
                await daemon.until(lambda: "READY=1" in daemon.heard)
                yield daemon
            finally:
                if daemon.process.returncode is None:
                    daemon.process.kill()
                await daemon.process.wait()
                await tasks[1]
                tasks[0].cancel()

    async def _start(self, *words: str, stdout: int = asyncio.subprocess.DEVNULL, **environment: str) -> Any:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "triage.cli.main", *words,
            cwd=self.folder, env=os.environ | {"TRIAGE_CONFIG": str(self.config)} | environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=stdout, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip


async def _listen(manager: socket.socket, daemon: Daemon) -> None:
    while True:
        told = await asyncio.get_running_loop().sock_recv(manager, 65536)
        daemon.heard += told.decode().splitlines()


async def _read(daemon: Daemon) -> None:
    assert daemon.process.stderr is not None
    async for line in daemon.process.stderr:
        try:
            daemon.log.append(json.loads(line))
        except ValueError:
            daemon.log.append({"event": "not a log line", "said": line.decode(errors="replace")})
