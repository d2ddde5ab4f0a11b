import hashlib
import io
import json
import pickle
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest

from triage.classifier import artefact, predict
from triage.classifier.retrain import retrain
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


def a_bomb():
    """Return a small file that unpacks into more than a model may have."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("hashes.npy", "w") as member:
        for _ in range(64):
            member.write(bytes(2**20))
        member.write(bytes(1))
    return packed.getvalue()


def a_claim():
    """Return an array that says of itself that it has as many numbers as no memory holds."""
    packed, header = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**15,)})
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("hashes.npy", header.getvalue())
    return packed.getvalue()


def a_lonely_array():
    packed = io.BytesIO()
    np.save(packed, np.zeros(3))
    return packed.getvalue()


@pytest.mark.parametrize("data", [b"", b"ONNX", pickle.dumps({"a": 1}), a_lonely_array(), a_bomb(), a_claim()])
def test_a_foreign_file_with_a_true_checksum_makes_the_model_unusable(a_copy, data):
    folder = a_copy / "small"
    (folder / "weights.npz").write_bytes(data)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["files"]["weights.npz"] = hashlib.sha256(data).hexdigest()
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(ModelUnusable, match=r"weights\.npz"):
        predict.current(a_copy)


@pytest.mark.parametrize(
    "held_out", [[1, 2], "x", {"ece": None}, {"per_category": [1]}, {"per_category": {"a": 1}}, {"n": {"a": 1}}]
)
def test_a_card_that_tells_no_figures_makes_the_model_unusable(a_copy, held_out):
    path = a_copy / "small" / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"held_out": held_out}), "utf-8")
    with pytest.raises(ModelUnusable, match="not the card of a model"):
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
        lambda parts: parts["arrays"].update(topic_urgency=parts["arrays"]["topic_urgency"] * np.nan),
        lambda parts: parts["arrays"].update(nature_bias=parts["arrays"]["nature_bias"] * 1j),
        lambda parts: parts["arrays"].update(hashes=parts["arrays"]["hashes"][::-1]),
        lambda parts: parts["arrays"].update(hashes=parts["arrays"]["hashes"].astype(np.int64)),
        lambda parts: parts["settings"]["temperature"].update(category=0.0),
        lambda parts: parts["settings"]["temperature"].update(topic=float("nan")),
        lambda parts: parts["settings"]["thresholds"].update(unsorted=float("inf")),
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
    retrain(few_rows, tmp_path, "small", seed=3, force=True)
    names = {path.name for path in (small_models / "small").iterdir()}
    assert names >= {"weights.npz", "vectorizer.json", "card.json", "MODEL_CARD.md", "confusion.svg", "calibration.svg"}
    for name in names:
        assert (tmp_path / "small" / name).read_bytes() == (small_models / "small" / name).read_bytes()


def test_versions_are_listed_oldest_first_and_unfinished_ones_not(tmp_path):
    for name in ("2026.11.10", "2026.11.9", "own", ".2026.12.1.unfinished"):
        (tmp_path / name).mkdir()
    (tmp_path / "current").write_text("own")
    assert artefact.versions(tmp_path) == ["2026.11.9", "2026.11.10", "own"]
    assert artefact.versions(tmp_path / "nowhere") == []


def test_a_new_version_stands_behind_every_other_though_old_ones_were_pruned(tmp_path):
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert artefact.next_version(tmp_path, now) == "2026.11.1"
    for name in ("2026.11.9", "2026.11.10", "2026.10.12", "2026.11.mine"):
        (tmp_path / name).mkdir()
    assert artefact.next_version(tmp_path, now) == "2026.11.11"
