"""The unit of the service, checked by systemd's own programs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[1] / "config" / "triage.service"
MOST_EXPOSED = 1.6


@pytest.fixture
def analyze():
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("systemd-analyze is not installed")
        pytest.skip("left out: systemd-analyze is not installed")

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.mark.servers
def test_systemd_understands_every_line(analyze, tmp_path):
    program = Path(sys.executable).with_name("triage")
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/local/bin/triage", str(program)), encoding="utf-8")
    done = analyze("verify", str(copy))
    # It returns 0 for a misspelt key; what it says is what counts.
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.servers
def test_the_service_is_locked_up(analyze):
    done = analyze("security", "--offline=true", "--no-pager", str(UNIT))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure is not None, done.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


def test_a_wrong_configuration_does_not_restart_for_ever():
    assert "RestartPreventExitStatus=78" in UNIT.read_text(encoding="utf-8")


def test_the_service_is_stopped_later_than_it_needs():
    seconds = int(re.search(r"TimeoutStopSec=(\d+)", UNIT.read_text(encoding="utf-8"))[1])
    assert seconds > 10


def test_a_process_that_reads_may_be_ended_for_its_memory_without_the_others():
    assert "\nOOMPolicy=continue\n" in UNIT.read_text(encoding="utf-8")
