"""The daemon pulls a mailbox, makes cases and sends acknowledgements; prints what each round took, as JSON lines.

The real thing: `triage.daemon.run` on a fresh SQLite store (WAL, `synchronous=FULL`), mail by IMAPS from Dovecot and
out by SMTP with STARTTLS and a login. A round begins when the daemon is mustered, and ends when every mail is settled
and every reply sent. `triage_imap.py WORK MAILS [PROCESSES]`, with IMAP and SMTP in the environment: one process does
everything, or one pulls and sends while the other judges (`triage run --only connectors,senders` and `--only triage`).
"""

import asyncio
import json
import os
import sys
import time
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import psutil

from triage import daemon, log, settings
from triage.store import Store, inbox, lists, outbox, tally, upgrade

CONFIG = """
[desk]
name = "Bench"
key = {{ env = "BENCH_KEY" }}
[store]
url = "sqlite:///bench.db"
[limits]
per_minute_total = 1000000
[channels.mail]
kind = "email"
address = "support@wallet.example"
user = "{user}"
password = {{ env = "BENCH_PASSWORD" }}
imap = {{ host = "localhost", port = {imap}, ca_file = "{ca_file}" }}
smtp = {{ host = "localhost", port = {smtp}, tls = "starttls", connections = 4, ca_file = "{ca_file}" }}
start = "all"
poll = 2
"""
LOOK = 0.02
LONGEST = 300.0


def configured(work: Path) -> settings.Settings:
    """Return the configuration of this run, read from a file as always."""
    imap = json.loads(os.environ["IMAP"])
    os.environ |= {"BENCH_KEY": "bench", "BENCH_PASSWORD": imap["password"]}
    parts = {"user": imap["user"], "imap": imap["port"], "ca_file": imap["ca_file"], "smtp": os.environ["SMTP_PORT"]}
    (work / "triage.toml").write_text(CONFIG.format(**parts))
    return settings.load(work / "triage.toml")


def totals(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return lists.totals(tx)


def settled(store: Store, items: int) -> None:
    """Return when so many items came in ever and nothing is left to do."""
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        if done(store, items):
            return
        time.sleep(LOOK)
    raise SystemExit(f"not settled after {LONGEST:.0f} s: {totals(store)}")


def done(store: Store, items: int) -> bool:
    """Look, as cheaply as can be, whether so many items came in ever and nothing is left to do."""
    with store.read() as tx:
        counted = tally.all_of(tx)
        if counted.get("received:mail", 0) + counted.get("known:mail", 0) < items or inbox.backlog(tx):
            return False
        return not any(state in ("queued", "sending") for _, state in outbox.counts(tx))


ROLES = {1: [daemon.ROLES], 2: [("connectors", "senders"), ("triage",)]}


def run(work: Path, loaded: settings.Settings, only: tuple[str, ...], events: tuple[Event, Event]) -> None:
    """Be one process of the daemon until the second event is set; set the first one when it is ready."""
    os.chdir(work)
    log.configure(level=os.environ.get("BENCH_LOG", "WARNING"))
    ready, end = events

    async def live() -> None:
        stop = asyncio.Event()
        notify = lambda state: ready.set() if "READY" in state else None  # noqa: E731
        running = asyncio.create_task(daemon.run(loaded, stop=stop, only=only, notify=notify))
        await asyncio.wait({running, asyncio.create_task(asyncio.to_thread(end.wait))}, return_when="FIRST_COMPLETED")
        stop.set()
        await running

    asyncio.run(live())


def measured(processes: list[SpawnProcess]) -> tuple[float, float]:
    """Return the processor time of some processes in seconds, and their memory in MB; shared pages count once."""
    all_ = [psutil.Process(process.pid) for process in processes]
    used = sum(sum(one.cpu_times()[:2]) for one in all_)
    return used, sum(one.memory_full_info().pss for one in all_) / 2**20


def rounds(work: Path, mails: int, processes: int) -> None:
    """Run the daemon once for each line on standard input."""
    loaded = configured(work)
    store = Store(loaded.store.url)
    upgrade.upgrade(store)
    spawn, number = get_context("spawn"), 0
    while sys.stdin.readline():
        number += 1
        before, end = totals(store), spawn.Event()
        crew = []
        # The one that pulls begins last: from then on the time counts.
        for only in reversed(ROLES[processes]):
            ready = spawn.Event()
            crew.append(spawn.Process(target=run, args=(work, loaded, only, (ready, end)), daemon=True))
            crew[-1].start()
            if not ready.wait(60):
                raise SystemExit(f"{only} does not get ready")
        began, (used, _) = time.monotonic(), measured(crew)
        settled(store, number * mails)
        seconds, (used_up, memory) = time.monotonic() - began, measured(crew)
        end.set()
        for process in crew:
            process.join(15)
        after = totals(store)
        print(
            json.dumps(
                {
                    "seconds": seconds, "cpu": used_up - used, "made": after["cases"] - before["cases"],
                    "messages": after["messages"] - before["messages"], "lost": after["lost"], "peak_mb": memory,
                }
            ),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    rounds(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2)
