"""Triage takes a folder of mails into a fresh SQLite store, acknowledgements queued; prints what it did as JSON.

The same code as `triage ingest`, timed once its processes have started, as the peers are timed once theirs has.
Every batch is one transaction in WAL mode with `synchronous=FULL`: synced. `triage_run.py FOLDER WORK [TIMES]`
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from triage import settings
from triage.classifier.predict import current
from triage.cli import ingesting, studying
from triage.daemon.lease import TRIAGE, Leases
from triage.desk import Desk
from triage.store import Store, lists
from triage.store.upgrade import upgrade
from triage.studying import warm_up

CONFIG = """
[desk]
name = "Bench"
key = { env = "BENCH_KEY" }
[store]
url = "sqlite:///bench.db"
[limits]
per_minute_total = 1000000
[channels.mail]
kind = "email"
address = "support@wallet.example"
password = { env = "BENCH_KEY" }
imap = { host = "127.0.0.1", port = 1 }
smtp = { host = "127.0.0.1", port = 1 }
"""


def cpu(process: psutil.Process) -> float:
    return sum(sum(p.cpu_times()[:2]) for p in (process, *process.children(recursive=True)))


def memory(process: psutil.Process) -> float:
    """Proportional set sizes: pages that processes share count once."""
    return sum(p.memory_full_info().pss for p in (process, *process.children(recursive=True))) / 2**20


def main(folder: Path, work: Path, times: int) -> None:
    os.environ["BENCH_KEY"] = "bench"
    (work / "triage.toml").write_text(CONFIG)
    loaded = settings.load(work / "triage.toml")
    store = Store(loaded.store.url)
    upgrade(store)
    desk = Desk.from_settings(loaded)
    now = datetime.now(UTC)
    way = ingesting.Way(desk=desk, judge=current(loaded.models.folder), channel="mail")
    warm_up(desk, way.judge)
    paths = sorted(folder.iterdir())
    me, rounds, peak = psutil.Process(), [], 0.0
    leases = Leases(store, [TRIAGE])
    leases.acquire(datetime.now(UTC))
    with studying.students(loaded, way.judge) as those:
        those.wait()
        for future in [those.study(tuple(studying.unread(paths[:4], "mail", now, desk))) for _ in range(16)]:
            future.result()
        for _ in range(times):
            intake = ingesting.Intake(store=store, way=way, leases=leases)
            with store.read() as tx:
                before = lists.totals(tx)
            wall, used = time.perf_counter(), cpu(me)
            files = studying.unread(paths, "mail", now, desk)
            for chunk, outcome in studying.studied_in_order(those, studying.chunks_of(files, ())):
                intake.take(chunk, outcome)
            seconds, used = time.perf_counter() - wall, cpu(me) - used
            peak = max(peak, memory(me))
            with store.read() as tx:
                after = lists.totals(tx)
            rounds.append({"seconds": seconds, "cpu": used, "made": after["cases"] - before["cases"]})
    found = {
        "rounds": rounds,
        "cases": rounds[0]["made"],
        "messages": after["messages"],
        "replies": after["outbox.queued"],
        "peak_mb": peak,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2)
