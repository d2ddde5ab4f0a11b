"""The daemon as systemd starts it: a process of its own, told what to do by signals."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from triage.store import Store, lists

TRIAGE = str(Path(sys.executable).with_name("triage"))
PATIENCE = 60.0


@pytest.fixture
def home(tmp_path):
    (tmp_path / "drop").mkdir()
    (tmp_path / "key").write_text("a key of the tests, long enough")
    (tmp_path / "triage.toml").write_text(
        """
[desk]
key = { file = "key" }
languages = ["en"]
[store]
url = "sqlite:///triage.db"
[models]
folder = "no-models"
processes = 0
[channels.drop]
kind = "folder"
path = "drop"
every = 0.1
settle = 0
"""
    )
    return tmp_path


@pytest.fixture
def manager(home):
    """Play the service manager: start processes, and hear what they say."""
    started = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(home / "notify"))
        listener.settimeout(PATIENCE)

        class Manager:
            def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
                process = subprocess.Popen(
                    [TRIAGE, "run", "--config", str(home / "triage.toml"), *arguments],
                    env=os.environ | {"NOTIFY_SOCKET": str(home / "notify"), "WATCHDOG_USEC": "900000"} | environment,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                started.append(process)
                return process

            def hear(self, start: str) -> str:
                while not (said := listener.recv(4096).decode()).startswith(start):
                    pass
                return said

        yield Manager()
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def drop(home, name: str, text: str) -> None:
    part = home / f"{name}.part"
    part.write_text(json.dumps({"text": text, "from": f"{name}@example.org"}) + "\n")
    part.rename(home / "drop" / f"{name}.jsonl")


def totals(home) -> dict[str, int]:
    store = Store(f"sqlite:///{home}/triage.db")
    try:
        with store.read() as tx:
            return lists.totals(tx)
    finally:
        store.close()


def until(is_so) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_it_says_ready_works_feeds_the_watchdog_and_ends_cleanly(home, manager):
    process = manager.start()
    manager.hear("READY=1")
    drop(home, "ada", "My withdrawal is stuck since yesterday")
    until(lambda: totals(home)["cases"] == 1)
    manager.hear("WATCHDOG=1")
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    manager.hear("STOPPING=1")
    assert process.wait(timeout=PATIENCE) == 0
    assert time.monotonic() - asked < 10
    assert totals(home)["lost"] == 0
    log = process.stderr.read()
    assert "ada@example.org" not in log
    assert "withdrawal" not in log
    assert all(json.loads(line)["event"] for line in log.splitlines())


def processes_of(process: subprocess.Popen) -> set[int]:
    """Return every process whose way up leads to this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    found, grown = {process.pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return found - {process.pid}


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_processes_that_judge_end_with_it_however_it_ends(home, manager, number):
    config = home / "triage.toml"
    config.write_text(config.read_text().replace("processes = 0", "processes = 2"))
    process = manager.start()
    manager.hear("READY=1")
    drop(home, "ada", "My withdrawal is stuck since yesterday")
    until(lambda: totals(home)["cases"] == 1)
    beside = processes_of(process)
    assert len(beside) >= 3
    process.send_signal(number)
    assert process.wait(timeout=PATIENCE) == (0 if number == signal.SIGTERM else -number)
    until(lambda: not any(lives(pid) for pid in beside))


@pytest.mark.slow
def test_a_second_one_on_the_same_store_ends_with_75_and_says_who_has_it(home, manager):
    first = manager.start()
    manager.hear("READY=1")
    second = manager.start()
    assert second.wait(timeout=PATIENCE) == 75
    said = second.stderr.read().splitlines()[-1]
    assert f":{first.pid}:" in said
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=PATIENCE) == 0


@pytest.mark.slow
def test_after_kill_9_the_next_one_begins_at_once(home, manager):
    first = manager.start()
    manager.hear("READY=1")
    first.kill()
    first.wait(timeout=PATIENCE)
    manager.start()
    manager.hear("READY=1")


@pytest.mark.slow
def test_hup_reads_the_configuration_again_or_keeps_the_old_one(home, manager):
    process = manager.start()
    manager.hear("READY=1")
    path = home / "triage.toml"
    good = path.read_text()
    path.write_text(good + "[chanels.x]\n")
    process.send_signal(signal.SIGHUP)
    manager.hear("RELOADING=1")
    manager.hear("READY=1")
    path.write_text(good.replace('path = "drop"', 'path = "other"'))
    (home / "other").mkdir()
    process.send_signal(signal.SIGHUP)
    manager.hear("RELOADING=1")
    manager.hear("READY=1")
    (home / "drop").rmdir()
    (home / "other").rename(home / "drop")
    (home / "other").symlink_to(home / "drop")
    drop(home, "ada", "My withdrawal is stuck since yesterday")
    until(lambda: totals(home)["cases"] == 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    events = [json.loads(line)["event"] for line in process.stderr.read().splitlines()]
    assert events.count("daemon.reload-refused") == 1
    assert events.count("daemon.reloaded") == 1


@pytest.mark.slow
def test_a_wrong_configuration_ends_with_78_and_one_line(home, manager):
    (home / "triage.toml").write_text("[desk]\n")
    process = manager.start()
    assert process.wait(timeout=PATIENCE) == 78
    assert process.stderr.read() == f"triage: {home}/triage.toml: [desk] key: is missing\n"


@pytest.mark.slow
@pytest.mark.parametrize("place", ["fetched", "in-transaction", "committed"])
def test_a_kill_at_any_place_loses_and_doubles_nothing(home, manager, place):
    drop(home, "ada", "My withdrawal is stuck since yesterday")
    process = manager.start(TRIAGE_FAILPOINT=f"{place}:1")
    assert process.wait(timeout=PATIENCE) == -signal.SIGKILL
    process = manager.start()
    manager.hear("READY=1")
    until(lambda: totals(home)["messages"] == 1)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=PATIENCE)
    found = totals(home)
    assert (found["cases"], found["lost"], found["waiting"]) == (1, 0, 0)
