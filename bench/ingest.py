"""Mails into the store, side by side with two peers: `make bench-ingest`.

A thousand realistic support mails (`mails.py`) are fed to Triage, django-helpdesk 2.6.1 and roundup 2.6.0, each in
its own environment, one after the other, and then once more. Printed: messages a second, CPU and memory, cases made
against cases true, and what the second feeding added.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from mails import write
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ENVIRONMENTS = Path(os.environ.get("BENCH_ENVIRONMENTS", Path.home() / ".cache/triage-bench"))
PEERS = {"django-helpdesk 2.6.1": "helpdesk", "roundup 2.6.0": "roundup"}
console = Console()


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's own environment, made at the first call."""
    home = ENVIRONMENTS / peer
    python = home / "bin/python"
    if not (home / ".ready").exists():
        with console.status(f"installing {peer} into its own environment"):
            subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
            locked = ["--no-deps", "--require-hashes", "-r", HERE / f"peers/{peer}.requirements.txt"]
            quiet = ["--quiet", "--disable-pip-version-check"]
            subprocess.run([python, "-m", "pip", "install", *quiet, *locked], check=True)
            (home / ".ready").touch()
    return python


def run(name: str, command: list[str | Path]) -> dict:
    with tempfile.TemporaryDirectory() as work, console.status(f"{name} works"):
        place = [Path(work) if part == "WORK" else part for part in command]
        done = subprocess.run(place, capture_output=True, text=True, check=False)
    if done.returncode:
        console.print(done.stderr[-2000:])
        raise SystemExit(f"{name} failed")
    return json.loads(done.stdout.strip().splitlines()[-1])


def row(name: str, found: dict, count: int, true_cases: int, ours: float) -> list[str]:
    first, second = found["rounds"][0], found["rounds"][1]
    rate = count / first["seconds"]
    return [
        name, f"{rate:,.0f}", f"{first['cpu'] / count * 1000:.2f}", f"{found['peak_mb']:.0f}",
        f"{found['cases']} / {true_cases}", str(found["replies"]), f"+{second['made']}", f"{ours / rate:.1f}x",
    ]  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3, help="of which the median by speed is shown")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mails = Path(folder) / "mails"
        truth = write(mails, chosen.mails)
        contestants = {"Triage": [sys.executable, HERE / "triage_run.py", mails, "WORK"]}
        contestants |= {
            name: [python_of(peer), HERE / f"peers/{peer}_run.py", mails, "WORK"] for name, peer in PEERS.items()
        }
        found = {}
        for name, command in contestants.items():
            runs = [run(name, command) for _ in range(chosen.rounds)]
            found[name] = sorted(runs, key=lambda r: r["rounds"][0]["seconds"])[len(runs) // 2]
    show(found, chosen.mails, truth["cases"])


def show(found: dict[str, dict], count: int, cases: int) -> None:
    table = Table(
        title=f"{count} mails, {cases} true cases; Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    for name in ("", "mails/s", "CPU ms/mail", "peak MB", "cases made / true", "replies", "fed again", "Triage is"):
        table.add_column(name, justify="left" if not name else "right")
    ours = count / found["Triage"]["rounds"][0]["seconds"]
    for name, result in found.items():
        table.add_row(*row(name, result, count, cases, ours))
    console.print(table)
    peer = max(count / result["rounds"][0]["seconds"] for name, result in found.items() if name != "Triage")
    console.print(f"Triage takes in {ours / peer:.1f} times as many mails a second as the faster peer.")


if __name__ == "__main__":
    main()
