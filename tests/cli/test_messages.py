import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.store import Store, leases

KEYS = {
    "language", "text", "robot", "category", "topic", "urgency", "confidence", "reasons", "references", "redacted",
    "acknowledge", "why",
}  # fmt: skip


def test_explain_tells_everything_about_one_message(triage, home, a_file):
    [found] = triage("explain", a_file("My withdrawal of 700 USDT is stuck since yesterday"), "--json").objects
    assert set(found) >= KEYS
    assert found["language"] == "en"
    assert found["robot"] is False
    assert found["acknowledge"] is None


def test_explain_writes_one_object_a_line(triage, home, a_file):
    assert len(triage("explain", a_file("one matter", "two matters", "three"), "--json").objects) == 3


def test_explain_stores_nothing(triage, home, a_file):
    triage("explain", a_file("My withdrawal is stuck"))
    assert not (home / "triage.db").exists()


def test_explain_needs_no_configuration(triage, home, a_file, monkeypatch):
    path = a_file("My withdrawal is stuck")
    (home / "triage.toml").unlink()
    monkeypatch.setattr("triage.settings.DEFAULT_PLACES", (home / "none.toml",))
    assert len(triage("explain", path, "--json").objects) == 1


def test_explain_reads_standard_input(home):
    program = Path(sys.executable).with_name("triage")
    mail = b"From: ada@example.org\r\nSubject: stuck\r\nMessage-ID: <1@x>\r\n\r\nMy withdrawal is stuck.\r\n"
    done = subprocess.run([program, "explain", "--json", "-"], input=mail, capture_output=True, check=True, timeout=60)
    assert "withdrawal" in json.loads(done.stdout)["text"]


def test_what_cannot_be_understood_is_said_and_the_rest_goes_on(triage, home):
    path = home / "mixed.jsonl"
    path.write_text('{"text": "My withdrawal is stuck"}\nno json\n{"text": "I cannot log in"}\n')
    found = triage("explain", path, "--json").objects
    assert [bool(f.get("unreadable")) for f in found] == [False, True, False]


def test_a_file_that_is_not_there_is_found_before_anything_is_done(triage, home, a_file):
    found = triage("ingest", a_file("My withdrawal is stuck"), "none.eml")
    assert found.code == 1
    assert found.err == "triage: none.eml: there is no such file\n"
    assert not (home / "triage.db").exists()


def test_ingest_takes_messages_in_and_a_second_time_adds_nothing(triage, home, a_file):
    path = a_file("My withdrawal is stuck since yesterday", "I cannot log in, the code never comes")
    [first] = triage("ingest", path, "--json").objects
    [second] = triage("ingest", path, "--json").objects
    assert (first["read"], first["new"], first["opened"], first["lost"]) == (2, 2, 2, 0)
    assert (second["read"], second["new"], second["known"], second["opened"]) == (2, 0, 2, 0)


def test_ingest_leaves_the_work_to_a_daemon_that_runs(triage, home, a_file):
    triage("upgrade")
    store = Store(f"sqlite:///{home}/triage.db")
    ttl = timedelta(minutes=5)
    epoch = store.run(lambda tx: leases.acquire(tx, "triage", "elsewhere:1:1", datetime.now(UTC), ttl))
    path = a_file("My withdrawal is stuck since yesterday")
    [found] = triage("ingest", path, "--json").objects
    assert (found["new"], found["waiting"], found["opened"]) == (1, 1, 0)
    store.run(lambda tx: leases.release(tx, "triage", epoch))
    store.close()
    [again] = triage("ingest", path, "--json").objects
    assert (again["known"], again["waiting"], again["opened"]) == (1, 0, 1)


def test_what_is_read_by_hand_is_not_answered_unless_a_channel_is_named(triage, home, a_file):
    (home / "triage.toml").write_text(
        (home / "triage.toml").read_text() + '[channels.bot]\nkind = "telegram"\ntoken = { env = "NOT_SET" }\n'
    )
    path = a_file("My withdrawal is stuck since yesterday")
    [silent] = triage("explain", path, "--json").objects
    [answered] = triage("explain", path, "--channel", "bot", "--json").objects
    assert silent["acknowledge"] is None
    assert answered["acknowledge"]


def test_what_a_stranger_wrote_cannot_steer_the_terminal(triage, home, a_file):
    found = triage("explain", a_file("stuck \u202e\u001b[31mred [bold]no markup[/bold]"))
    assert "\u001b[31m" not in found.out
    assert "\u202e" not in found.out
    assert "[bold]no markup[/bold]" in found.out


def test_replay_shows_what_the_current_model_would_change_and_writes_it_only_if_told(triage, home, a_file):
    path = home / "triage.toml"
    good = path.read_text()
    path.write_text(good + '[models]\nfolder = "none"\n')
    triage("ingest", a_file("How do I change the email address of my account?"))
    [before] = triage("cases", "--json").objects
    assert before["model"] == "rules"
    path.write_text(good)
    shown = triage("replay", "--since", "1h", "--json").objects
    assert triage("cases", "--json").objects == [before]
    written = triage("replay", "--since", "1h", "--apply", "--json").objects
    assert written == shown
    [after] = triage("cases", "--json").objects
    if shown:
        assert after["model"] != "rules"
    assert triage("replay", "--since", "1h", "--json").objects == []


@pytest.mark.parametrize("text", ["2", "h", "-1h", "2y", "1 hour"])
def test_a_span_that_is_none_is_one_line(triage, home, text):
    found = triage("replay", f"--since={text}")
    assert found.code == 1
    assert "no span of time" in found.err


def test_a_span_longer_than_any_store_is_all_of_it(triage, home):
    assert triage("replay", "--since", "999999w").code == 0
