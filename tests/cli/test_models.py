import json
import shutil

import pytest
from asking import of_no_case

from triage.classifier import artefact
from triage.settings import shipped
from triage.store import Store
from triage.store.upgrade import upgrade


@pytest.fixture
def models(home):
    """The shipped model three times in a folder that the configuration names: 1, 2 (refused by its gates) and 3."""
    with (home / "triage.toml").open("a") as file:
        file.write('[models]\nfolder = "models"\n')
    source = shipped("models") / artefact.current_version(shipped("models"))
    for number, changes in (("1", {}), ("2", {"passed": False}), ("3", {"passed": True})):
        folder = home / "models" / number
        shutil.copytree(source, folder)
        card = json.loads((folder / "card.json").read_text("utf-8"))
        card |= {"version": number, **changes}
        card["held_out"]["category_accuracy"] = 70.0 + int(number)
        (folder / "card.json").write_text(json.dumps(card), "utf-8")
    artefact.make_current(home / "models", "3")
    return home / "models"


def test_the_list_shows_the_newest_first_and_which_one_judges(triage, models):
    found = triage("models", "--json").objects
    assert [(one["version"], one["current"], one["passed"]) for one in found][:2] == [
        ("3", True, True),
        ("2", False, False),
    ]
    assert found[0]["figures"]["category_accuracy"] == 73.0
    shown = triage("models").out
    assert "judges" in shown
    assert "refused it" in shown


def test_a_damaged_model_is_listed_as_such_and_cannot_be_used(triage, models):
    (models / "1" / "weights.npz").write_bytes(b"foreign")
    assert "damaged" in triage("models", "--json").objects[-1]["why_not"]
    outcome = triage("models", "use", "1")
    assert outcome.code == 1
    assert "damaged" in outcome.err
    assert artefact.current_version(models) == "3"


def test_an_older_model_judges_again_and_the_audit_knows_who_chose_it(triage, models, home):
    store = Store(f"sqlite:///{home / 'triage.db'}")
    upgrade(store)
    assert triage("models", "use", "1", "--as", "bob", "--json").objects == [{"was": "3", "now": "1"}]
    assert artefact.current_version(models) == "1"
    with store.read() as tx:
        [done] = of_no_case(tx)
    store.close()
    assert (done.who, done.action, done.details["now"]) == ("bob", "model.used", "1")


def test_a_model_that_its_gates_refused_is_used_only_by_force(triage, models):
    outcome = triage("models", "use", "2")
    assert outcome.code == 1
    assert "--force" in outcome.err
    assert artefact.current_version(models) == "3"
    assert triage("models", "use", "2", "--force").code == 0
    assert artefact.current_version(models) == "2"


def test_two_models_are_compared_figure_by_figure(triage, models):
    [found] = triage("models", "diff", "1", "3", "--json").objects
    assert found["category_accuracy"] == 2.0
    assert found["per_category"].keys() == {"account", "feedback", "security", "transaction"}
    assert "percentage points" in triage("models", "diff", "1", "3").out


def test_old_models_are_deleted_but_never_the_one_that_judges(triage, models):
    artefact.make_current(models, "1")
    assert triage("models", "prune", "--keep", "1", "--yes", "--json").objects == [{"removed": ["2"]}]
    assert artefact.versions(models) == ["1", "3"]


def test_nothing_is_deleted_without_a_yes(triage, models, monkeypatch):
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert triage("models", "prune", "--keep", "1").code == 1
    assert artefact.versions(models) == ["1", "2", "3"]


def test_an_empty_folder_is_told_with_what_to_do(triage, home):
    (home / "none").mkdir()
    assert "triage retrain" in triage("models", "--models", home / "none").out
