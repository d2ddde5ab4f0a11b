"""The standard benchmark of intent classifiers, Banking77 with its own 77 labels: `make bench-intent`.

Every contestant learns the same training messages in a process of its own, is saved, and is measured by another
process that has only loaded it: accuracy on the test messages, messages a processor second in one batch, one message
at a time (95th percentile), size on disk, memory held, time to load. One thread each.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ingest import HERE, python_of
from rich.console import Console
from rich.table import Table

DATA = Path(os.environ.get("BENCH_BANKING77", HERE.parent.parent / "shared/eval/banking77"))
PUBLISHED = "published (Casanueva et al. 2020): BERT-tuned 93.66, USE+ConveRT 93.36"
CONTESTANTS = {
    "ours": "Triage's features, default profile",
    "ours_semantic": "Triage's features, semantic profile",
    "tfidf": "TF-IDF + LinearSVC",
    "encoder": "encoder alone + logistic regression",
    "fasttext": "fastText",
}
console = Console()


def run(name: str) -> dict[str, float]:
    """Return what two processes found out about a contestant: one that learned, one that only judged."""
    python = python_of(name) if name == "fasttext" else Path(sys.executable)
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as folder, console.status(f"{CONTESTANTS[name]} learns, then judges"):
        for step in ("learn", "measure"):
            command = [python, HERE / "intent_run.py", name, step, DATA, folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | one_thread)
            if done.returncode:
                console.print(done.stderr[-2000:])
                raise SystemExit(f"{name} could not {step}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def row(name: str, found: dict[str, float]) -> list[str]:
    return [
        CONTESTANTS[name], f"{found['accuracy']:.2f}", f"{found['rate']:,.0f}", f"{found['p95']:.2f}",
        f"{found['size']:.2f}", f"{found['memory']:.0f}", f"{found['load']:.2f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=CONTESTANTS, action="append", help="this contestant, may be given again")
    parser.add_argument("--json", action="store_true", help="one object a line instead of the table")
    options = parser.parse_args()
    if not (DATA / "test.jsonl").exists():
        console.print(
            f"skipped: no train.jsonl and test.jsonl of Banking77 in {DATA}; BENCH_BANKING77 names their folder"
        )
        return
    found = {name: run(name) for name in options.only or CONTESTANTS}
    if options.json:
        for name, figures in found.items():
            print(json.dumps({"name": name, **figures}))
        return
    table = Table(title="Banking77, its own 77 labels, 3,080 test messages", caption=PUBLISHED)
    for column in ("", "accuracy %", "messages / CPU s", "one, p95 ms", "size MB", "memory MB", "load s"):
        table.add_column(column, justify="right" if column else "left")
    for name, figures in found.items():
        table.add_row(*row(name, figures))
    console.print(table)


if __name__ == "__main__":
    main()
