import os
import subprocess
import sys
from pathlib import Path

import numpy as np

BENCH = Path(__file__).parents[1] / "bench/intent.py"


def test_without_its_data_the_intent_benchmark_says_what_is_missing_and_fails_nobody(tmp_path):
    env = {**os.environ, "BENCH_BANKING77": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run([sys.executable, BENCH], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0
    assert "skipped" in done.stdout
    assert "BENCH_BANKING77" in done.stdout


def test_the_network_learns_what_no_line_parts_though_some_labels_are_wrong(monkeypatch):
    monkeypatch.syspath_prepend(BENCH.parent)
    from contestants import network

    chance = np.random.default_rng(5)
    points = chance.normal(size=(3_000, 2)).astype(np.float32)
    inside = (np.linalg.norm(points, axis=1) < 1).astype(int)
    told = np.where(chance.random(2_000) < 0.05, 1 - inside[:2_000], inside[:2_000])
    learned = network.fit(points[:2_000], told, seed=1)
    assert np.mean(learned.logits(points[2_000:]).argmax(axis=1) == inside[2_000:]) > 0.95
    again = network.fit(points[:2_000], told, seed=1)
    assert all(np.array_equal(one, other) for one, other in zip(learned.weights, again.weights, strict=True))
