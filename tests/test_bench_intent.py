import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench/intent.py"


def test_without_its_data_the_intent_benchmark_says_what_is_missing_and_fails_nobody(tmp_path):
    env = {**os.environ, "BENCH_BANKING77": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run([sys.executable, BENCH], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0
    assert "skipped" in done.stdout
    assert "BENCH_BANKING77" in done.stdout
