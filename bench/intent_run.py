"""One step of `intent.py` for one contestant: `intent_run.py NAME learn|measure DATA FOLDER`.

It runs in the contestant's own environment: what it needs beyond numpy, the contestant imports.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np


def read(path: Path) -> tuple[list[str], list[str]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [row["text"] for row in rows], [row["label"] for row in rows]


def measure(contestant, folder: Path, texts: list[str], labels: list[str]) -> dict[str, float]:
    begun = time.perf_counter()
    judge = contestant.load(folder)
    judge.predict(["hello"])
    loaded = time.perf_counter() - begun
    begun = time.process_time()
    said = judge.predict(texts)
    batch = time.process_time() - begun
    # Memory as it is after a batch; the highest so far holds what loading needed for a moment.
    memory = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 1e6
    single = []
    for text in texts[::4]:
        begun = time.perf_counter()
        judge.predict([text])
        single.append(time.perf_counter() - begun)
    return {
        "accuracy": 100 * float(np.mean([a == b for a, b in zip(said, labels, strict=True)])),
        "rate": len(texts) / batch,
        "p95": 1000 * float(np.quantile(single, 0.95)),
        "size": sum(path.stat().st_size for path in folder.iterdir()) / 1e6,
        "memory": memory,
        "load": loaded,
    }


def main() -> None:
    name, step, data, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    contestant = importlib.import_module(f"contestants.{name}")
    if step == "learn":
        contestant.fit(*read(data / "train.jsonl")).save(folder)
    else:
        print(json.dumps(measure(contestant, folder, *read(data / "test.jsonl"))))


if __name__ == "__main__":
    main()
