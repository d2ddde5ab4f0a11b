import os
import shutil

import pytest

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
