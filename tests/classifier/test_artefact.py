import json

import numpy as np
import pytest

from triage.classifier import artefact, predict
from triage.classifier.train import train
from triage.errors import ModelUnusable


def an_artefact(version="v1"):
    return artefact.Artefact(
        version=version,
        arrays={"numbers": np.arange(4, dtype=np.float32)},
        settings={"labels": ["a", "b"]},
        card={"seed": 1},
    )


def test_what_was_written_is_read_back(tmp_path):
    folder = artefact.write(an_artefact(), tmp_path, "# readable")
    stored = artefact.read(folder)
    assert stored.version == "v1"
    assert stored.arrays["numbers"].tolist() == [0, 1, 2, 3]
    assert stored.settings["labels"] == ["a", "b"]
    assert (folder / "MODEL_CARD.md").read_text("utf-8") == "# readable"


def test_a_version_is_never_overwritten(tmp_path):
    artefact.write(an_artefact(), tmp_path, "")
    with pytest.raises(ModelUnusable, match="exists already"):
        artefact.write(an_artefact(), tmp_path, "")


@pytest.mark.parametrize("name", ["weights.npz", "vectorizer.json", "card.json"])
def test_a_missing_file_makes_the_model_unusable(a_copy, name):
    (a_copy / "small" / name).unlink()
    with pytest.raises(ModelUnusable, match=name):
        predict.current(a_copy)


@pytest.mark.parametrize("name", ["weights.npz", "vectorizer.json"])
@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda data: b"", lambda data: data[:50] + b"\xff" + data[51:]]
)
def test_a_damaged_file_makes_the_model_unusable(a_copy, name, damage):
    path = a_copy / "small" / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ModelUnusable, match="damaged"):
        predict.current(a_copy)


@pytest.mark.parametrize("card", [b"", b"\xff\xfe", b"[]", b"{}", b'{"format": 99, "files": {}}', b"[" * 100_000])
def test_a_damaged_or_foreign_card_makes_the_model_unusable(a_copy, card):
    (a_copy / "small" / "card.json").write_bytes(card)
    with pytest.raises(ModelUnusable):
        predict.current(a_copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts["settings"].pop("categories"),
        lambda parts: parts["settings"].update(categories=["a", "b", "c"]),
        lambda parts: parts["settings"].update(topics=[["nowhere", "x"]]),
        lambda parts: parts["settings"].update(thresholds={}),
        lambda parts: parts["settings"]["thresholds"].update(urgency=[0.5]),
        lambda parts: parts["arrays"].pop("hashes"),
        lambda parts: parts["arrays"].update(rarity=parts["arrays"]["rarity"][:5]),
        lambda parts: parts["arrays"].update(category_weights=parts["arrays"]["category_weights"] * np.nan),
    ],
)
def test_parts_that_do_not_fit_each_other_make_the_model_unusable(small_models, tmp_path, change):
    stored = artefact.read(small_models / "small")
    parts = {"arrays": dict(stored.arrays), "settings": json.loads(json.dumps(stored.settings))}
    change(parts)
    other = artefact.Artefact(version="other", card={}, **parts)
    folder = artefact.write(other, tmp_path, "")
    with pytest.raises(ModelUnusable):
        predict.load(folder)


@pytest.mark.parametrize("name", ["", "../etc", ".hidden", "a/b", "\0", "nowhere"])
def test_current_never_leads_out_of_the_models_folder(a_copy, name):
    (a_copy / "current").write_text(name, "utf-8")
    with pytest.raises(ModelUnusable):
        predict.current(a_copy)


def test_without_a_current_model_there_is_a_clear_line(tmp_path):
    with pytest.raises(ModelUnusable, match="current"):
        predict.current(tmp_path)


def test_the_same_rows_and_seed_give_the_same_bytes(few_rows, small_models, tmp_path):
    train(few_rows, tmp_path, "small", seed=3)
    for name in ("weights.npz", "vectorizer.json", "card.json", "MODEL_CARD.md"):
        assert (tmp_path / "small" / name).read_bytes() == (small_models / "small" / name).read_bytes()
