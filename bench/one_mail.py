"""What one mail costs of the processor, from its bytes to the verdict, for all mails of a folder: `make bench-mail`.

Each mail alone, one after the other in one process that is warm as a daemon is; what is loaded at the first mail that
needs it (a false charset) counts for that mail. Printed: percentiles, the slowest, and the memory at the end.
"""

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from triage_run import CONFIG

from triage import settings
from triage.classifier.predict import current
from triage.connectors.mime import UnreadMail
from triage.desk import Desk
from triage.studying import study, warm_up

MAILS = Path(__file__).parents[2] / "shared/mails"
SHOWN = 5


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, nargs="?", default=MAILS)
    paths = [p for p in sorted(options.parse_args().folder.rglob("*")) if p.is_file() and p.suffix != ".jsonl"]
    os.environ["BENCH_KEY"] = "bench"
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "triage.toml").write_text(CONFIG)
        loaded = settings.load(Path(work) / "triage.toml")
    desk, judge = Desk.from_settings(loaded), current(loaded.models.folder)
    warm_up(desk, judge)
    taken = []
    for path in paths:
        now = datetime.now(UTC)
        mail = UnreadMail(
            raw=path.read_bytes(), channel="mail", external_id=path.name, received_at=now, own=desk.own.addresses
        )
        began = time.process_time()
        study(desk, judge, [mail])
        taken.append((1000 * (time.process_time() - began), path))
    taken.sort()
    at = {name: taken[min(int(part * len(taken)), len(taken) - 1)][0] for name, part in (("p50", 0.5), ("p99", 0.99))}
    memory = psutil.Process().memory_info().rss / 2**20
    print(f"{len(taken)} mails, CPU ms: p50 {at['p50']:.1f}, p99 {at['p99']:.1f}; {memory:.0f} MB at the end. Slowest:")
    for milliseconds, path in taken[: -SHOWN - 1 : -1]:
        print(f"{milliseconds:8.1f}  {path.parent.name}/{path.name}")


if __name__ == "__main__":
    main()
