"""`make bench-desk-live`: fifty agents with the list open, while the desk is busy; what the server's processor does.

The server is a process of its own, so its seconds of the processor are its own whatever else runs. Each agent has a
session, a stream of live updates, and renews her list as the page does: 150 ms after she was told of a change.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from desk import a_desk, fill

from triage.case import Role
from triage.store import Store, cases, upgrade, users
from triage.web import Front, create_app, server
from triage.web.access import COOKIE, SESSION, new_secret

RENEWS_AFTER = 0.15
TICK = os.sysconf("SC_CLK_TCK")


def serve(url, pipe):
    """Be the server."""
    store, door = Store(url), server.listen("127.0.0.1:0")
    app = create_app(Front(store=store, desk=a_desk()))
    pipe.send(door.getsockname()[1])

    async def run():
        await server.serve(app, door, asyncio.Event())

    asyncio.run(run())


def processor(pid):
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def agents(store, count):
    """The sessions of so many new agents."""
    now, sessions = datetime.now(UTC), [new_secret() for _ in range(count)]
    with store.begin() as tx:
        for n, session in enumerate(sessions):
            user = users.add(tx, f"agent{n}", Role.AGENT, "bench", now)
            users.begin_session(tx, user.id, session, now, SESSION)
    return sessions


class Agent:
    def __init__(self, port, session, taken):
        self.base, self.taken = f"http://127.0.0.1:{port}", taken
        self.headers = {"Cookie": f"{COOKIE}={session}", "Accept": "text/html"}
        self.told = asyncio.Event()

    async def work(self):
        async with aiohttp.ClientSession(headers=self.headers, timeout=aiohttp.ClientTimeout()) as http:
            listening = asyncio.create_task(self.listen(http))
            try:
                while True:
                    await self.told.wait()
                    await asyncio.sleep(RENEWS_AFTER)
                    self.told.clear()
                    begun = time.perf_counter()
                    async with http.get(f"{self.base}/", headers={"HX-Request": "true"}) as answer:
                        assert answer.status == 200, answer.status
                        await answer.read()
                    self.taken.append((time.perf_counter() - begun) * 1000)
            finally:
                listening.cancel()

    async def listen(self, http):
        async with http.get(f"{self.base}/live") as stream:
            assert stream.status == 200, stream.status
            async for line in stream.content:
                if line.startswith(b"event: changed"):
                    self.told.set()


def changed(store, first, n):
    """One thing that an agent does."""
    store.run(lambda tx: cases.take(tx, first - n % 1000, f"agent{n % 50}", datetime.now(UTC)))


async def measure(port, pid, store, given, every):
    taken = []
    crowd = [asyncio.create_task(Agent(port, one, taken).work()) for one in given.sessions]
    await asyncio.sleep(3)
    taken.clear()
    began, before, n = time.monotonic(), processor(pid), 0
    while (passed := time.monotonic() - began) < given.seconds:
        if every and passed >= n * every:
            await asyncio.to_thread(changed, store, given.cases, n)
            n += 1
        await asyncio.sleep(0.05)
        for one in crowd:
            if one.done():
                one.result()
    used = (processor(pid) - before) * 60 / passed
    for one in crowd:
        one.cancel()
        with suppress(asyncio.CancelledError):
            await one
    late = f"p50 {statistics.median(taken):.0f} ms" if taken else ""
    name = f"a change every {every:g} s" if every else "nothing happens"
    print(f"  {name:24} {used:6.1f} s of the processor a minute, {len(taken) * 60 / passed:6.0f} lists a minute {late}")


def run(store, url, given):
    print(f"{store.dialect}: {given.cases:,} cases, {given.open:,} open, {given.agents} agents")
    fill(store, given.cases, given.open)
    given.sessions = agents(store, given.agents)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, theirs), daemon=True)
    process.start()
    port = ours.recv()
    try:
        for every in (0, 5, 1):
            asyncio.run(measure(port, process.pid, store, given, every))
    finally:
        process.terminate()
        process.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    if given.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/desk.db"
            store = Store(url)
            upgrade.upgrade(store)
            run(store, url, given)
            store.close()
    if given.only != "sqlite":
        import stores

        with stores._the_server().fresh() as store:
            run(store, store.url.render_as_string(hide_password=False), given)


if __name__ == "__main__":
    main()
