"""The demonstration, played as a newcomer plays it, and its day held against the script."""

import asyncio
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from triage import daemon
from triage.case import Disposition, Entry
from triage.demo.day import DAY, Said
from triage.demo.play import _act, _settled, _stage
from triage.demo.view import View
from triage.message import Message
from triage.store import lists

TRIAGE = (sys.executable, "-m", "triage.cli.main")
FORGIVEN = (Disposition.SPAM, Disposition.NEW)
"""The one judgement of the model that may differ: spam let through costs an agent a glance. Never the other way."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@pytest.fixture
def environment(monkeypatch) -> None:
    """The demonstration puts its passwords into the environment; here they are gone afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_the_day_played_once_is_one_json_object_and_nothing_is_lost(tmp_path):
    done = subprocess.run(
        [*TRIAGE, "demo", "--once", "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    totals = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert totals["lost"] == 0
    assert totals["messages_in"] == len(DAY)
    assert totals["quarantined"] == 0
    wanted = {"messages_in", "cases", "followups", "acknowledged", "quarantined", "robots", "lost", "seconds"}
    assert wanted <= totals.keys()
    assert set(totals["acknowledged"]) == {"mail", "telegram", "x"}
    assert all(totals["acknowledged"].values())
    assert list(tmp_path.iterdir()) == []


async def test_every_line_of_the_script_becomes_what_the_script_says(environment, tmp_path):
    stop = asyncio.Event()
    async with _stage(tmp_path) as stage:
        work = asyncio.create_task(daemon.run(stage.settings, stop=stop))
        await _act(stage, View(), stop, work, pace=0.0)
        await _settled(stage, stop, work)
        stop.set()
        await work
        with stage.store.read() as tx:
            stored = list(lists.stored_since(tx, datetime(2000, 1, 1, tzinfo=UTC)))
            cases = lists.top(tx, lists.Filters(), limit=1000)
        assert stage.customers.waited_in_vain == []
    pairs = list(_paired(stored))
    wrong = [
        f"{said.by} at {said.at}: {entry.disposition}, not {said.becomes}"
        for said, entry in pairs
        if entry.disposition is not said.becomes and (said.becomes, entry.disposition) != FORGIVEN
    ]
    assert wrong == []
    assert len(stored) == len(DAY)
    assert len(cases) == sum(entry.disposition is Disposition.NEW for _, entry in pairs)
    # One person's matter is one case, on whatever channel she goes on with it.
    places = defaultdict(set)
    for said, entry in pairs:
        if said.by in ("maria", "oliver", "chen", "dave", "s02"):
            places[said.by].add(entry.case_id)
    assert {name: len(ids) for name, ids in places.items()} == dict.fromkeys(places, 1)


def _paired(stored: list[tuple[Message, Entry]]) -> Iterator[tuple[Said, Entry]]:
    """Yield each line of the script with what became of it, paired by how its text begins, repeats in order."""
    waiting: dict[str, list[Entry]] = defaultdict(list)
    for _, entry in stored:
        waiting[_beginning(entry.text)].append(entry)
    for said in DAY:
        found = waiting[_beginning(said.text)]
        assert found, f"{said.by} at {said.at} is nowhere"
        yield said, found.pop(0)


def _beginning(text: str) -> str:
    """Return how a text begins; of a command nothing is left as text."""
    return "" if text.startswith("/") else re.sub(r"\s+", " ", text).strip()[:20]


ENDS_WITHIN = 12.0  # seconds


@pytest.mark.parametrize("seconds", [2.5, 8.0], ids=["while it starts", "while it plays"])
def test_ctrl_c_ends_the_live_view_cleanly(tmp_path, seconds):
    child, terminal = pty.fork()
    if child == 0:
        # As a shell starts it; who runs these tests in the background hands on that Ctrl-C is ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(tmp_path)
        os.execve(TRIAGE[0], [*TRIAGE, "demo"], os.environ | {"TERM": "xterm", "COLUMNS": "120", "LINES": "40"})
    shown = _shown(terminal, seconds)
    os.write(terminal, b"\x03")
    asked = time.monotonic()
    shown += _shown(terminal, ENDS_WITHIN)  # who writes to a terminal that nobody reads never ends
    took = time.monotonic() - asked
    if took >= ENDS_WITHIN:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert took < ENDS_WITHIN, shown[-2000:]
    code = os.waitstatus_to_exitcode(status)
    assert (128 - code if code < 0 else code) in (0, 130)  # as a shell tells it: who dies of Ctrl-C ends with 130
    assert "Traceback" not in shown
    if seconds > 5:
        assert "Cases, first things first" in shown


def _shown(terminal: int, seconds: float) -> str:
    """Return what appears on a terminal within so long, or until the program ends."""
    end, shown = time.monotonic() + seconds, b""
    while (left := end - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that nobody has the other end any more
            break
        if not part:
            break
        shown += part
    return shown.decode(errors="replace")
