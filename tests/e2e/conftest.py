"""End to end: the real daemon with its real connectors; only the far sides are ours."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from crowd import Crowd
from stores import *  # noqa: F403

from triage.demo.mail import mail_servers
from triage.demo.telegram_api import TelegramApi

ADDRESS = "support@wallet.example"
PASSWORD = "correct horse"
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
    """A desk in a folder of its own, with servers that it can reach."""

    folder: Path
    crowd: Crowd
    config: Path

    @property
    def mail(self) -> Any:
        return self.crowd.mail

    @property
    def telegram(self) -> TelegramApi:
        return self.crowd.telegram

    def channels(self, **other: Any) -> str:
        """Return the tables of a mail account and a bot that work."""
        told = {
            "imap": self.mail.imap_port, "smtp": self.mail.smtp_port, "ca_file": self.mail.ca_file,
            "telegram": self.telegram.url, "password": "password", "token": "token",
        }  # fmt: skip
        return CHANNELS.format(**(told | other))

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


@pytest.fixture
async def desk(tmp_path) -> AsyncIterator[Desk]:
    """A desk with a mail account and a bot, its store made; nothing runs yet."""
    telegram = TelegramApi()
    (tmp_path / "key").write_text("the key of the case numbers in this test")
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "token").write_text(telegram.token)
    async with mail_servers(tmp_path, ADDRESS, PASSWORD) as mail:
        await telegram.start()
        made = Desk(tmp_path, Crowd(mail, telegram, random.Random(1)), tmp_path / "triage.toml")
        made.config.write_text(HEAD.format(store=f"sqlite:///{tmp_path}/triage.db") + made.channels())
        try:
            yield made
        finally:
            await telegram.stop()


HEAD = """
[desk]
name = "Example Wallet"
key = {{ file = "key" }}
trusted_authserv = ["mx.wallet.example"]
answer_unauthenticated = false
[store]
url = "{store}"
"""

CHANNELS = """
[channels.mail]
kind = "email"
address = "support@wallet.example"
password = {{ file = "{password}" }}
imap = {{ host = "127.0.0.1", port = {imap}, ca_file = "{ca_file}" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, tls = "starttls", ca_file = "{ca_file}" }}
start = "all"
poll = 2
[channels.telegram]
kind = "telegram"
token = {{ file = "{token}" }}
base_url = "{telegram}"
poll_seconds = 5
"""
