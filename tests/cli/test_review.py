import json
import os
import pty
import select
import subprocess
import sys
import time
from contextlib import nullcontext

import pytest

from triage.store import Store, audit, labels
from triage.store.upgrade import upgrade

STORY = "yesterday evening i moved the savings of my mother to the other wallet and nothing has come in until now"
TEXTS = (
    "How do I change the email address of my account?",
    "lovely app, five stars, thank you all",
    "all my coins were just sent to an address i have never seen. i did not do this",
    STORY,
    STORY.replace("mother", "father"),
    STORY.replace("evening", "morning"),
    "hm, and what about the thing from before?",
)


@pytest.fixture
def desk(triage, home, a_file):
    """A desk with a case for each text, from different people."""
    assert triage("ingest", a_file(*TEXTS)).code == 0
    return home


@pytest.fixture
def said(desk):
    """What agents said so far."""

    def look():
        store = Store(f"sqlite:///{desk / 'triage.db'}")
        with store.read() as tx:
            found = list(labels.labelled(tx))
            done = {one.case.number: [e.action for e in audit.of_case(tx, one.case.id)] for one in found}
        store.close()
        return {one.case.number: one for one in found}, done

    return look


def keys(monkeypatch, typed):
    """Type these keys, as at a terminal."""
    stream = iter(typed)
    monkeypatch.setattr("triage.cli.reviewing.single_keys", lambda: nullcontext(lambda: next(stream)))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)


def test_the_least_sure_come_first_and_of_one_story_only_one(triage, desk):
    found = triage("review", "--json", "--since", "520w").objects
    unsorted = [one["category"] == "unsorted" for one in found]
    assert unsorted == sorted(unsorted, reverse=True)
    sure = [one["confidence"] for one in found if one["category"] != "unsorted"]
    assert sure == sorted(sure)
    assert sum(one["text"].startswith("yesterday") for one in found) == 1
    assert len(found) == len(TEXTS) - 2


def test_what_was_looked_at_is_not_asked_again(triage, desk):
    first, *_ = triage("review", "--json").objects
    assert triage("correct", first["number"], "--category", "feedback", "--urgency", "low").code == 0
    assert first["number"] not in [one["number"] for one in triage("review", "--json").objects]


def test_enter_confirms_and_digits_letters_and_t_change(triage, desk, said, monkeypatch):
    asked = triage("review", "--json").objects
    keys(monkeypatch, "1c\r" + "\r" + "q")
    outcome = triage("review", "--as", "bob")
    assert "of " in outcome.out
    found, _ = said()
    first = found[asked[0]["number"]]
    assert (first.case.verdict.category, first.case.verdict.urgency.label) == ("security", "critical")
    assert {c.who for c in first.corrections} == {"bob"}
    assert len(found) <= 2


def test_a_skipped_case_is_left_alone(triage, desk, said, monkeypatch):
    keys(monkeypatch, "s" * 10)
    assert triage("review").code == 0
    assert said()[0] == {}


def test_undo_takes_the_last_label_back_and_asks_again(triage, desk, said, monkeypatch):
    before = triage("cases", "--json").objects
    keys(monkeypatch, "u" + "3h\r" + "u" + "q")
    outcome = triage("review")
    assert "nothing to undo" in outcome.out
    assert "taken back" in outcome.out
    assert said()[0] == {}
    assert triage("cases", "--json").objects == before


def test_an_unsorted_case_needs_a_category_before_enter(triage, home, a_file, monkeypatch):
    with (home / "triage.toml").open("a") as file:
        file.write('[models]\nfolder = "none"\n')
    triage("ingest", a_file("How do I change the email address of my account?"))
    keys(monkeypatch, "\r" + "3\r")
    outcome = triage("review")
    assert "no category" in outcome.out
    assert triage("cases", "--json").objects[0]["category"] == "account"


def test_who_alone_called_something_not_urgent_is_followed_by_a_second_agent(triage, desk):
    urgent = next(case for case in triage("cases", "--json").objects if case["urgency"] == "critical")
    triage("correct", urgent["number"], "--urgency", "normal", "--as", "bob")
    assert triage("review", "--json", "--as", "bob").objects[0]["why"] == "unsure"
    first = triage("review", "--json", "--as", "ann").objects[0]
    assert (first["number"], first["why"]) == (urgent["number"], "second agent")
    triage("correct", urgent["number"], "--urgency", "normal", "--as", "ann")
    assert all(one["why"] == "unsure" for one in triage("review", "--json", "--as", "eve").objects)


def test_a_program_labels_by_json_lines(triage, desk, said):
    asked = triage("review", "--json").objects
    lines = [
        {"number": asked[0]["number"], "category": "account", "topic": "login", "urgency": "high"},
        {"number": asked[1]["number"], "category": "money"},
        {"number": "T1-WRONG", "category": "account"},
        {"number": asked[1]["number"]},
        ["no object"],
    ]
    path = desk / "labels.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = triage("review", "--labels", path, "--as", "robot", "--json")
    assert outcome.code == 1
    assert [one["category"] for one in outcome.objects] == ["account"]
    for number in (2, 3, 4, 5):
        assert f"labels.jsonl:{number}:" in outcome.err
    assert said()[0].keys() == {asked[0]["number"]}


def test_a_topic_of_another_category_is_refused_with_the_known_ones(triage, desk):
    number = triage("cases", "--json").objects[0]["number"]
    outcome = triage("correct", number, "--category", "account", "--topic", "theft")
    assert outcome.code == 1
    assert 'there is no topic "theft" in account' in outcome.err
    assert "login" in outcome.err


def test_without_a_terminal_the_cases_are_printed(triage, desk):
    outcome = triage("review")
    assert outcome.code == 0
    assert "Is called" in outcome.out


def test_nothing_left_is_said(triage, home):
    store = Store(f"sqlite:///{home / 'triage.db'}")
    upgrade(store)
    store.close()
    assert "nothing to review" in triage("review").out


@pytest.mark.slow
def test_single_keys_work_at_a_real_terminal(desk, said):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "triage.cli.main", "review", "--as", "bob", "--config", str(desk / "triage.toml")]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, cwd=desk)
    os.close(follower)
    shown = b""
    for wanted, key in ((b"1 of 5", b"1"), (b"security", b"\r"), (b"2 of 5", b"q")):
        shown = _until(leader, shown, wanted)
        os.write(leader, key)
        shown = shown.split(wanted, 1)[1]
    assert process.wait(30) == 0
    os.close(leader)
    [one] = said()[0].values()
    assert one.case.verdict.category == "security"


def _until(leader, shown, wanted):
    """Return what the terminal has shown once these words are there."""
    end = time.monotonic() + 60
    while wanted not in shown:
        assert time.monotonic() < end, shown
        if select.select([leader], [], [], 1)[0]:
            shown += os.read(leader, 4096)
    return shown
