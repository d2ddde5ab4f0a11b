"""The daemon pulls a mailbox, makes cases and sends acknowledgements; prints what each round took, as JSON lines.

The real thing: `triage.daemon.run` with all its roles on a fresh SQLite store (WAL, `synchronous=FULL`), mail by
IMAPS from Dovecot and out by SMTP with STARTTLS and a login. A round begins when the daemon is mustered, and ends
when every mail is settled and every reply sent. `triage_imap.py WORK MAILS`, with IMAP and SMTP in the environment.
"""

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

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
LOOK = 0.05
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


async def settled(store: Store, items: int) -> None:
    """Return when so many items came in ever and nothing is left to do."""
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        if await asyncio.to_thread(done, store, items):
            return
        await asyncio.sleep(LOOK)
    raise SystemExit(f"not settled after {LONGEST:.0f} s: {totals(store)}")


def done(store: Store, items: int) -> bool:
    """Look, as cheaply as can be, whether so many items came in ever and nothing is left to do."""
    with store.read() as tx:
        counted = tally.all_of(tx)
        if counted.get("received:mail", 0) + counted.get("known:mail", 0) < items or inbox.backlog(tx):
            return False
        return not any(state in ("queued", "sending") for _, state in outbox.counts(tx))


async def rounds(work: Path, mails: int) -> None:
    """Run the daemon once for each line on standard input."""
    loaded = configured(work)
    store = Store(loaded.store.url)
    upgrade.upgrade(store)
    number = 0
    while await asyncio.to_thread(sys.stdin.readline):
        number += 1
        before, stop, mustered = totals(store), asyncio.Event(), asyncio.Event()
        notify = lambda state, mustered=mustered: mustered.set() if "READY" in state else None  # noqa: E731
        running = asyncio.create_task(daemon.run(loaded, stop=stop, notify=notify))
        await mustered.wait()
        began, used = time.monotonic(), time.process_time()
        watching = asyncio.create_task(settled(store, number * mails))
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        seconds, used = time.monotonic() - began, time.process_time() - used
        stop.set()
        await running
        await watching
        after = totals(store)
        print(
            json.dumps(
                {
                    "seconds": seconds, "cpu": used, "made": after["cases"] - before["cases"],
                    "messages": after["messages"] - before["messages"], "lost": after["lost"],
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                }
            ),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    log.configure(level=os.environ.get("BENCH_LOG", "WARNING"))
    asyncio.run(rounds(Path(sys.argv[1]), int(sys.argv[2])))
