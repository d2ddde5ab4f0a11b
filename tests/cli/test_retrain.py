import json
import shutil

import pytest

from triage.classifier import artefact, dataset, semantic
from triage.cli.retraining import usual_profile
from triage.settings import shipped

WORDS = {
    "billing": ["invoice", "card", "payment", "price", "discount", "refund", "receipt", "tax", "fee", "charge"],
    "delivery": ["parcel", "courier", "address", "shipping", "tracking", "doorstep", "box", "van", "label", "pickup"],
}
FRAMES = (
    "hello, I have a question about the {0}", "the {0} is not what I expected", "{0} again, third time now",
    "please help me with my {0}", "no answer about the {0} for a week", "can somebody explain the {0} to me",
)  # fmt: skip


@pytest.fixture
def desk(home):
    """A desk whose models stand in a folder of their own."""
    path = home / "triage.toml"
    path.write_text(path.read_text() + '[models]\nfolder = "models"\n')
    (home / "models").mkdir()
    return home


@pytest.fixture
def own(home):
    """A team's own labelled messages, as a file."""
    path = home / "own.jsonl"
    rows = [{"text": frame.format(w), "category": c} for c, words in WORDS.items() for w in words for frame in FRAMES]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_team_retrains_on_its_own_categories(triage, desk, own):
    outcome = triage("retrain", "--data", own, "--json")
    assert outcome.code == 0, outcome.err
    [told] = outcome.objects
    assert told["current"]
    assert artefact.current_version(desk / "models") == told["version"]
    [shown] = [json.loads(line) for line in triage("explain", "--json", own).out.splitlines()[:1]]
    assert shown["category"] in {"billing", "delivery"}
    assert triage("retrain", "--data", own, "--json").objects[0]["against"]["category_accuracy"] == 0.0


def test_a_team_without_a_configuration_trains_too(triage, own, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path / "drop")
    outcome = triage("retrain", "--data", own, "--models", tmp_path / "elsewhere")
    assert outcome.code == 0, outcome.err
    assert "no corrections of agents are learned" in outcome.err
    assert "judges from now on" in outcome.out


def test_training_data_that_cannot_be_used_leaves_the_old_model(triage, desk, own):
    triage("retrain", "--data", own)
    before = artefact.current_version(desk / "models")
    bad = desk / "bad.jsonl"
    bad.write_text(own.read_text() + '{"text": NaN, "category": "billing"}\n')
    outcome = triage("retrain", "--data", bad)
    assert outcome.code == 78
    assert "bad.jsonl:121: not JSON (NaN is no value)" in outcome.err
    assert artefact.versions(desk / "models") == [before]
    assert artefact.current_version(desk / "models") == before


def test_a_model_that_its_gates_refuse_ends_with_1_and_one_line(triage, desk, own):
    triage("retrain", "--data", own)
    before = artefact.current_version(desk / "models")
    worse = desk / "worse.jsonl"
    lines = [json.loads(line) for line in own.read_text().splitlines()]
    # What measures keeps its labels; of what teaches about deliveries all but a few say "billing".
    teaching = [
        row for row in lines if row["category"] == "delivery" and dataset._bucket(row["text"]) >= dataset.FROZEN
    ]
    for row in teaching[6:]:
        row["category"] = "billing"
    worse.write_text("".join(json.dumps(row) + "\n" for row in lines))
    outcome = triage("retrain", "--data", worse)
    assert outcome.code == 1
    assert "refused" in outcome.out
    assert artefact.current_version(desk / "models") == before
    forced = triage("retrain", "--data", worse, "--force")
    assert forced.code == 0
    assert "by --force" in forced.out
    assert json.loads((desk / "models" / artefact.current_version(desk / "models") / "card.json").read_text())["forced"]


def test_a_folder_that_cannot_be_written_is_said_in_one_line(triage, own, tmp_path):
    (tmp_path / "file").write_text("no folder")
    outcome = triage("retrain", "--data", own, "--models", tmp_path / "file" / "models")
    assert outcome.code == 1
    assert "cannot be written" in outcome.err


def test_a_damaged_current_model_does_not_stand_in_the_way(triage, desk, own):
    version = artefact.current_version(shipped("models"))
    shutil.copytree(shipped("models") / version, desk / "models" / version)
    artefact.make_current(desk / "models", version)
    (desk / "models" / version / "weights.npz").write_bytes(b"foreign")
    [told] = triage("retrain", "--data", own, "--json").objects
    assert told["current"]
    assert told["against"] == "there is no usable model before it"


def test_a_model_that_the_encoder_taught_is_followed_by_one_that_it_teaches(tmp_path, monkeypatch):
    models = shipped("models")
    monkeypatch.setattr(semantic, "is_installed", lambda: True)
    assert usual_profile(models, "default") == "semantic"
    assert usual_profile(tmp_path, "default") == "default"
    monkeypatch.setattr(semantic, "is_installed", lambda: False)
    assert usual_profile(models, "default") == "default"
    assert usual_profile(models, "semantic") == "semantic"
