"""Daemons that are born in a few milliseconds, to be killed: one process has imported everything and forks each life.

    async with Nursery(config, log) as nursery:
        life = await nursery.start(failpoint="after-send", nth=2)
        death = await life.ended()

A life is what `triage run --config FILE` is, in a process of its own, from the first line of the program to its exit
code. The nursery itself never runs a thread or an event loop, so that a fork of it is as good as a fresh start.
"""

import asyncio
import ctypes
import importlib
import json
import os
import re
import signal
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

SETTLED = 1.0
"""Seconds after which a copy of a sent mail is not under way any more: the servers of the tests deliver at once."""

KINDS = ("triage.connectors.email", "triage.connectors.telegram")
"""The channels of the desk, whose settings a process beside a life reads as well."""


@dataclass
class Life:
    """One daemon.

    Attributes:
        death: The signal that ended it as a negative number, or its exit code; None while it lives.
    """

    pid: int
    death: "asyncio.Future[int]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def ended(self, seconds: float) -> int | None:
        """Return how it ended, or None if it still lives after so long."""
        await asyncio.wait({self.death}, timeout=seconds)
        return self.death.result() if self.death.done() else None

    def signal(self, number: int = signal.SIGKILL) -> None:
        if not self.death.done():
            os.kill(self.pid, number)


class Nursery:
    """Starts lives of the daemon of one configuration, one at a time."""

    def __init__(self, config: Path, log: Path) -> None:
        self._config, self._log = config, log
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._born: asyncio.Queue[Life] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        # A library that computes with several threads would begin them as it is imported.
        env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        words = (sys.executable, __file__, str(self._config), str(self._log))
        self._process = await asyncio.create_subprocess_exec(*words, env=env, **pipes)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._listening is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(15):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._listening

    async def start(self, failpoint: str = "", nth: int = 1, processes: int = 0) -> Life:
        """Return a new daemon that dies at the `nth` pass of a failpoint; it studies in so many other processes."""
        config = self._config.read_text()
        self._config.write_text(re.sub(r"(?m)^processes = \d+$", f"processes = {processes}", config))
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([failpoint, nth]).encode() + b"\n")
        async with asyncio.timeout(30):
            return await self._born.get()

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        life: Life | None = None
        async for line in self._process.stdout:
            word, number = line.split()
            if word == b"born":
                life = Life(int(number))
                self._born.put_nowait(life)
            elif life is not None:
                life.death.set_result(int(number))


def serve(config: str, log: str) -> None:
    """Fork a life for each line of the input; say who was born and how it ended."""
    prepare(Path(config))
    parent = os.getpid()
    for line in sys.stdin.buffer:
        failpoint, nth = json.loads(line)
        child = os.fork()
        if child == 0:
            live(parent, config, log, failpoint, nth)
        print("born", child, flush=True)
        _, status = os.waitpid(child, 0)
        print("died", os.waitstatus_to_exitcode(status), flush=True)


def prepare(config: Path) -> None:
    """Load whatever a daemon needs for its first message, and change what has no place where deaths are deliberate."""
    for name in ("triage.cli.main", "triage.cli.serve", *KINDS, "httpcore", "anyio._backends._asyncio"):
        importlib.import_module(name)
    from triage import explaining, pipeline, settings
    from triage.classifier import predict
    from triage.connectors.email import connector
    from triage.desk import Desk
    from triage.message import Address, Message
    from triage.studying import warm_up

    loaded = settings.load(config)
    ada = Address(kind="email", value="ada@example.org")
    text = "Hello, my withdrawal of 100 USDT does not arrive. 你好，我的提现没有到账。"
    headers = (("Authentication-Results", "mx.wallet.example; dmarc=pass header.from=example.org"),)
    now = datetime.now(UTC)
    message = Message(
        channel="mail", kind="email", external_id="1", sender=ada, received_at=now, text=text, headers=headers
    )
    desk, judge = Desk.from_settings(loaded), predict.current(loaded.models.folder)
    warm_up(desk, judge)
    explaining.explain(message, desk, judge)
    loaded.open_store().close()
    _serve_students()
    # A message that is in hand at three deaths goes to the quarantine. Here no death is the fault of a message.
    pipeline.MOST_TRIES = 10**6
    connector._UNDER_WAY = SETTLED
    assert threading.active_count() == 1


def _serve_students() -> None:
    """Load once, for all lives, what their processes beside them are forked from; a life's own server takes seconds."""
    from multiprocessing import forkserver, get_context

    # What `prepare_server` loads, and what each of them would load anew: the kinds of channels, the words of verdicts.
    get_context("forkserver").set_forkserver_preload(["triage.learned", *KINDS, "warmed"])
    forkserver.ensure_running()
    # Not a child of the life, which would wait for it.
    forkserver.ensure_running = forkserver._forkserver.ensure_running = lambda: None


def live(parent: int, config: str, log: str, failpoint: str, nth: int) -> Any:
    """Be `triage run` to the end, and never return."""
    from triage import failpoints
    from triage.cli.main import main

    code = 70
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # die with the nursery (PR_SET_PDEATHSIG)
        if os.getppid() != parent:
            os._exit(1)
        with Path(log).open("ab", buffering=0) as file:
            os.dup2(file.fileno(), 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        failpoints.arm(failpoint, nth)
        sys.argv = ["triage", "run", "--config", config]
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(*sys.argv[1:])
