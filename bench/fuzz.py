"""Millions of hostile inputs through parsing, guard and rules: `make fuzz`. Nothing may crash, nothing may take 2 s.

Inputs are made from a seed by `fuzz_inputs.py`; with `--engine atheris` libFuzzer makes them, guided by the branches they
reach (`pip install atheris`; it is no dependency). A finding is printed with its input and makes the exit code 1.
"""

import argparse
import random
import re
import subprocess
import sys
import time
import traceback
from datetime import UTC, datetime
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_inputs import MAKERS, Told, shown

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SLOW = 2.0
ALL = tuple(MAKERS)
RAW = ("headers", "mime", "text")
"""What may also be any bytes at all; the others are values of JSON."""


def _way() -> Any:  # noqa: C901 - one line for each channel
    """Return a function from (target, input) to how many messages it was: their way up to what the rules read."""
    from triage.connectors import mime
    from triage.connectors.telegram.updates import Reader, read
    from triage.connectors.x.feed import Feed
    from triage.connectors.x.posts import read_direct, read_mention
    from triage.connectors.x.walk import Walk
    from triage.message import Address, Message
    from triage.rules.automatic import Own
    from triage.rules.reading import read as understand
    from triage.rules.reading import warm_up
    from triage.rules.split_phrases import may_be_piece
    from triage.sealing import guarded, guarded_bytes
    from triage.store.written import MESSAGE, dump, load

    warm_up()
    own = Own(addresses=frozenset({"support@us.example"}), domains_of_message_ids=frozenset({"us.example"}))
    reader = Reader(channel="bot", bot_id=1_000_001, username="us")

    def items(target: str, value: Any) -> list[Any]:
        if target in {"headers", "mime"}:
            return [mime.parse(value, channel="mail", external_id="1", received_at=NOW, own=own.addresses)]
        if target == "updates":
            return list(read([value], reader, NOW))
        if target == "tweets":
            found: list[Any] = []
            for kind in (read_mention, read_direct):
                feed = Feed(name="x", ask=None, read=kind, every=1, price=0, walk=Walk(), due_at=0)  # type: ignore[arg-type]
                feed.gathered = [{"data": [value]}]
                found += feed.items("1", "x", NOW)
            return found
        sender = Address(kind="telegram", value="7", name=value[:50])
        return [
            Message(
                channel="t",
                kind="telegram",
                external_id="1",
                sender=sender,
                received_at=NOW,
                text=value,
                subject=value[:80],
            )
        ]

    def go(target: str, value: Any) -> int:
        messages = 0
        for item in items(target, value):
            if not isinstance(item, Message):
                guarded_bytes(item)
                continue
            messages += 1
            safe, _ = guarded(item)
            understand(safe, own=own, trusted=("mx.us.example",))
            may_be_piece(safe.text)
            dump(MESSAGE, load(MESSAGE, dump(MESSAGE, safe))).encode()
        return messages

    return go


def run(target: str, seed: int, seconds: float, inputs: int) -> dict[str, Any]:
    """Try inputs of one target until the time or the number is reached; return the figures and findings."""
    go, make, chance = _way(), MAKERS[target], random.Random(f"{target}{seed}")
    go(target, make(random.Random(0)))  # loads what is loaded once
    done, messages, slowest, findings, kinds = 0, 0, 0.0, [], set()
    end, first = time.monotonic() + seconds, time.process_time()
    while done < inputs and (done % 64 or time.monotonic() < end):
        value = make(chance)
        began = time.process_time()
        try:
            messages += go(target, value)
        except Exception as error:  # noqa: BLE001 - that is what we look for
            last = traceback.extract_tb(error.__traceback__)[-1]
            if (kind := (type(error).__name__, last.filename, last.lineno)) not in kinds:
                kinds.add(kind)
                findings.append(f"{kind[0]} at {kind[1]}:{kind[2]}: {error!s:.200} :: {shown(value)[:2000]}")
        took = time.process_time() - began
        if took > SLOW:
            findings.append(f"{took:.1f} s :: {shown(value)[:2000]}")
        slowest, done = max(slowest, took), done + 1
    spent = time.process_time() - first
    said = f", {messages:,} messages, {done / max(spent, 0.001):,.0f} a second of the processor"
    return {"target": target, "inputs": done, "slowest": round(slowest, 3), "findings": findings, "said": said}


def guided(target: str, seconds: float) -> None:
    """Let libFuzzer make the inputs; it ends the process itself, with an exit code of its own at a finding."""
    import atheris

    with atheris.instrument_imports(include=["triage"]):
        go = _way()

    def one(data: bytes) -> None:
        if target in RAW and data[:1] > b"\x7f":
            go(target, data[1:].decode("utf-8", "surrogateescape") if target == "text" else data[1:])
        else:
            go(target, MAKERS[target](Told(data)))

    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={int(seconds)}",
            f"-timeout={int(SLOW)}",
            "-max_len=4096",
            "-print_final_stats=1",
            "-verbosity=0",
        ],
        one,
    )
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--inputs", type=int, default=10**9, help="for each target at most")
    parser.add_argument("--seed", type=int, default=None, help="default: of the clock, printed")
    parser.add_argument("--targets", default=",".join(ALL))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--engine", choices=("seeded", "atheris", "both"), default="both")
    args = parser.parse_args()
    targets = args.targets.split(",")
    if args.engine == "atheris":
        guided(targets[0], args.seconds)
        return
    seed = args.seed if args.seed is not None else int(time.time())
    with get_context("spawn").Pool(min(args.processes, len(targets))) as pool:
        results = [pool.apply_async(run, (target, seed, args.seconds, args.inputs)) for target in targets]
        figures = [result.get() for result in results]
    if args.engine == "both":
        figures += _guided_apart(targets, args.seconds)
    for one in figures:
        told = f"{one['inputs']:>10,} inputs, slowest {one['slowest']:.3f} s, {len(one['findings'])} findings"
        print(f"{one['target']:16} {told}{one.get('said', '')}")
        for finding in one["findings"]:
            print(f"  {finding}")
    total, bad = sum(one["inputs"] for one in figures), sum(len(one["findings"]) for one in figures)
    print(f"seed {seed}: {total:,} inputs, {bad} findings")
    sys.exit(bool(bad))


def _guided_apart(targets: list[str], seconds: float) -> list[dict[str, Any]]:
    """Let libFuzzer work on each target in a process of its own, which it ends itself."""
    if find_spec("atheris") is None:
        print("left out: atheris is not installed (pip install atheris), so no inputs guided by branches")
        return []
    figures = []
    for target in targets:
        words = [sys.executable, __file__, "--engine", "atheris", "--targets", target, "--seconds", str(seconds)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        said = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
        findings = [done.stderr[-3000:]] if done.returncode else []
        units, slowest = int(said.get("number_of_executed_units", 0)), float(said.get("slowest_unit_time_sec", 0))
        figures.append({"target": f"{target}, guided", "inputs": units, "slowest": slowest, "findings": findings})
    return figures


if __name__ == "__main__":
    main()
