import shutil

import pytest

from triage.classifier import artefact
from triage.settings import shipped

CALM = "How do I change the email address of my account?"
STOLEN = "all my coins were just sent to an address i have never seen. i did not do this. please stop it"


@pytest.fixture
def judged_by_rules(triage, home, a_file):
    """Two cases that the rules alone judged, and the shipped model in a folder, not current."""
    version = artefact.current_version(shipped("models"))
    shutil.copytree(shipped("models") / version, home / "models" / version)
    with (home / "triage.toml").open("a") as file:
        file.write('[models]\nfolder = "models"\n')
    assert triage("ingest", a_file(CALM, STOLEN)).code == 0
    return version


def test_it_shows_what_a_model_would_have_changed_and_writes_nothing(triage, judged_by_rules):
    before = triage("cases", "--json").objects
    moves = triage("replay-model", judged_by_rules, "--since", "1h", "--json").objects
    calm = next(move for move in moves if move["summary"].startswith("How do I"))
    assert calm["category"] == ["unsorted", "account"]
    assert all(move["place"][0] >= 1 and move["place"][1] >= 1 for move in moves)
    assert triage("cases", "--json").objects == before
    shown = triage("replay-model", judged_by_rules, "--since", "1h").out
    assert "Would be" in shown
    assert "nothing is written" in shown


def test_what_an_agent_said_stays(triage, judged_by_rules):
    for case in triage("cases", "--json").objects:
        number = case["number"]
        assert triage("correct", number, "--category", "feedback", "--urgency", "low", "--topic", "rating").code == 0
    assert triage("replay-model", judged_by_rules, "--since", "1h", "--json").objects == []


def test_a_model_that_is_not_there_is_one_line(triage, judged_by_rules):
    outcome = triage("replay-model", "1999.1.1", "--since", "1h")
    assert outcome.code == 1
    assert "there is no model" in outcome.err
