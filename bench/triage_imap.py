"""The daemon pulls a mailbox, makes cases and sends acknowledgements; prints what each round took, as JSON lines.

The real thing: `triage.daemon.run` on a fresh SQLite store (WAL, `synchronous=FULL`), mail by IMAPS from Dovecot and
out by SMTP with STARTTLS and a login. A round begins when the daemon is mustered, and ends when every mail is settled
and every reply sent. `triage_imap.py WORK MAILS PROCESSES`, with IMAP and SMTP in the environment; so many processes
judge beside the daemon's own.
"""

import asyncio
import json
import os
import sys
import time
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import psutil

from triage import daemon, log, settings
from triage.store import Store, inbox, lists, tally, unsent, upgrade

CONFIG = """
[desk]
name = "Bench"
key = {{ env = "BENCH_KEY" }}
[store]
url = "sqlite:///bench.db"
[models]
processes = {processes}
[limits]
per_minute_total = 1000000
[channels.mail]
kind = "email"
address = "support@wallet.example"
user = "{user}"
password = {{ env = "BENCH_PASSWORD" }}
imap = {{ host = "localhost", port = {imap}, ca_file = "{ca_file}" }}
smtp = {{ host = "localhost", port = {smtp}, tls = "starttls", connections = 8, ca_file = "{ca_file}" }}
start = "all"
poll = 2
"""
FAR, NEAR = 0.1, 0.02
LONGEST = 300.0


def configured(work: Path, processes: int) -> settings.Settings:
    """Return the configuration of this run, read from a file as always."""
    imap = json.loads(os.environ["IMAP"])
    os.environ |= {"BENCH_KEY": "bench", "BENCH_PASSWORD": imap["password"]}
    parts = {"user": imap["user"], "imap": imap["port"], "ca_file": imap["ca_file"], "smtp": os.environ["SMTP_PORT"]}
    (work / "triage.toml").write_text(CONFIG.format(**parts, processes=processes))
    return settings.load(work / "triage.toml")


def totals(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return lists.totals(tx)


def settled(store: Store, items: int) -> None:
    """Return when so many items came in ever and nothing is left to do.

    Each look takes processor time from what is measured: so they are rare until the end is near.
    """
    ends = time.monotonic() + LONGEST
    for is_so, look in ((partial(arrived, items=items), FAR), (nothing_left, NEAR)):
        while not is_so(store):
            if time.monotonic() > ends:
                raise SystemExit(f"not settled after {LONGEST:.0f} s: {totals(store)}")
            time.sleep(look)


def arrived(store: Store, items: int) -> bool:
    """Tell whether so many items came in ever."""
    with store.read() as tx:
        counted = tally.all_of(tx)
    return counted.get("received:mail", 0) + counted.get("known:mail", 0) >= items


def nothing_left(store: Store) -> bool:
    """Tell whether every message is settled and every reply sent."""
    with store.read() as tx:
        return inbox.is_empty(tx) and not unsent.listing(tx, ("queued", "sending"), limit=1)


def run(work: Path, loaded: settings.Settings, events: tuple[Event, Event]) -> None:
    """Be the daemon until the second event is set; set the first one when it is ready."""
    os.chdir(work)
    log.configure(level=os.environ.get("BENCH_LOG", "WARNING"))
    ready, end = events

    async def live() -> None:
        stop = asyncio.Event()
        notify = lambda state: ready.set() if "READY" in state else None  # noqa: E731
        running = asyncio.create_task(daemon.run(loaded, stop=stop, notify=notify))
        await asyncio.wait({running, asyncio.create_task(asyncio.to_thread(end.wait))}, return_when="FIRST_COMPLETED")
        stop.set()
        await running

    asyncio.run(live())


def family(process: SpawnProcess) -> list[psutil.Process]:
    """Return a process and those it began."""
    first = psutil.Process(process.pid)
    return [first, *first.children(recursive=True)]


def cpu(process: SpawnProcess) -> float:
    """Return the processor time of a process and those it began, in seconds."""
    return sum(sum(one.cpu_times()[:2]) for one in family(process))


def memory(process: SpawnProcess) -> float:
    """Return the memory of a process and those it began, in MB; pages that they share count once."""
    return sum(one.memory_full_info().pss for one in family(process)) / 2**20


def rounds(work: Path, mails: int, processes: int) -> None:
    """Run the daemon once for each line on standard input."""
    loaded = configured(work, processes)
    store = Store(loaded.store.url)
    upgrade.upgrade(store)
    spawn, number = get_context("spawn"), 0
    while sys.stdin.readline():
        number += 1
        before, ready, end = totals(store), spawn.Event(), spawn.Event()
        process = spawn.Process(target=run, args=(work, loaded, (ready, end)))
        process.start()
        if not ready.wait(60):
            process.kill()
            raise SystemExit("it does not get ready")
        began, used = time.monotonic(), cpu(process)
        settled(store, number * mails)
        seconds, used, peak = time.monotonic() - began, cpu(process) - used, memory(process)
        end.set()
        process.join(15)
        after = totals(store)
        print(
            json.dumps(
                {
                    "seconds": seconds, "cpu": used, "made": after["cases"] - before["cases"],
                    "messages": after["messages"] - before["messages"], "lost": after["lost"], "peak_mb": peak,
                }
            ),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    rounds(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
