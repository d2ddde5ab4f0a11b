import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from triage.case import Reading
from triage.classifier import artefact, dataset, fitting, predict, semantic, teaching
from triage.classifier.evaluate import Question
from triage.classifier.examination import examine
from triage.classifier.features import grams
from triage.classifier.lexicon import Lexicon
from triage.classifier.retrain import retrain
from triage.classifier.scoring import Scorer
from triage.classifier.semantic import Encoder, Remembering
from triage.classifier.weights import packed, unpacked
from triage.errors import ConfigError, ModelUnusable

SHIPPED = Path(__file__).parents[2] / "models"


pytestmark = pytest.mark.xdist_group("taught")  # the model is trained once


class FewWords:
    """The real encoder, its dictionary a twentieth: what a model learns of eighty thousand words takes a minute."""

    def __init__(self, inner):
        self.inner, self.encode = inner, inner.encode

    def words(self):
        return list(self.inner.words())[::20]


@pytest.fixture(scope="module", autouse=True)
def few_steps():
    """Let a network see these few rows twenty times, as it does many, and not the two hundred steps of a real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teaching, "_FEWEST_STEPS", 60)
        yield


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Remembering(FewWords(semantic.encoder()))


@pytest.fixture(scope="module")
def taught(few_rows, encoder, few_steps, tmp_path_factory):
    """A models folder whose model was trained with the encoder."""
    models = tmp_path_factory.mktemp("taught")
    retrain(few_rows, models, "taught", seed=3, encoder=encoder, force=True)
    return models


@pytest.fixture(scope="module")
def shipped_parts():
    return artefact.read(SHIPPED / artefact.current_version(SHIPPED))


class Counting:
    """The real encoder, counting what it is asked."""

    def __init__(self, inner):
        self.inner, self.asked = inner, []

    def encode(self, texts):
        self.asked += texts
        return self.inner.encode(texts)

    def words(self):
        return self.inner.words()


def judged(models, text, profile="default", language="en"):
    return predict.current(models, profile).judge([Reading(text=text, language=language)])[0]


@pytest.mark.parametrize(("word", "category"), [("rubato", "security"), ("lawsuit", "feedback")])
def test_a_word_no_row_ever_used_has_the_weight_of_its_meaning(shipped_parts, word, category):
    arrays, settings = shipped_parts.arrays, shipped_parts.settings
    owners = np.array([owner for owner, _ in settings["topics"]])
    assert not any(word in row.text.lower().split() for row in dataset.load())
    said = Lexicon.of(arrays, len(owners)).logits(grams([word]))[0]
    best = {owner: said[owners == owner].max() for owner in set(owners.tolist())}
    assert max(best, key=best.get) == category


def test_of_the_whole_dictionary_only_the_words_that_tell_most_are_kept(shipped_parts):
    assert len(shipped_parts.arrays["lexicon_hashes"]) == teaching._MOST_WORDS


def test_languages_that_were_not_learned_are_understood_by_their_words(shipped):
    texts = ["Ho dimenticato la mia password e non riesco ad accedere", "La transazione è ancora in sospeso"]
    verdicts = shipped.judge([Reading(text=text, language="it") for text in texts])
    assert [verdict.category for verdict in verdicts] == ["account", "transaction"]


def test_a_model_trained_without_the_encoder_has_no_semantic_profile_and_says_so(small_models):
    with pytest.raises(ModelUnusable, match="trained without the semantic profile"):
        predict.current(small_models, "semantic")


def test_the_default_profile_reads_nothing_of_the_semantic_head(taught):
    (taught / "taught" / "semantic.npz").rename(taught / "away")
    try:
        assert judged(taught, "where is my refund?").model == "taught"
        with pytest.raises(ModelUnusable, match=r"semantic\.npz"):
            predict.current(taught, "semantic")
    finally:
        (taught / "away").rename(taught / "taught" / "semantic.npz")


def test_both_profiles_are_held_against_the_gates(taught):
    card = artefact.read(taught / "taught").card
    names = {gate["name"] for gate in card["gates"]}
    assert {"class security", "semantic class security", "semantic never missed", "semantic speed"} <= names
    assert card["held_out_semantic"]["n"] == card["held_out"]["n"]
    readable = (taught / "taught" / "MODEL_CARD.md").read_text("utf-8")
    assert "| what | default profile, % | semantic profile, % |" in readable
    assert "three small networks read the sentence's vector" in readable


def test_a_semantic_head_that_was_lost_is_seen_though_the_default_profile_is_as_before(taught, few_rows, encoder):
    stored = artefact.read(taught / "taught", "semantic")
    spoilt = dict(stored.arrays) | {"semantic_out_weights": -stored.arrays["semantic_out_weights"]}
    settings = dict(stored.settings) | {"semantic": {"below": 2.0, "temperature": 1.0}}
    made = artefact.Artefact(version="spoilt", arrays=spoilt, settings=settings, card={})
    questions = [
        Question(text=row.text, lang=row.lang, category=row.category, urgency=row.urgency)
        for row in few_rows
        if row.nature == "request"
    ]
    lost = {
        gate.name
        for profile in (None, encoder)
        for gate in examine(made, taught, questions, profile).gates
        if not gate.passed and "class" in gate.name
    }
    assert lost
    assert all(name.startswith("semantic ") for name in lost)


def test_of_very_many_rows_the_encoder_reads_the_same_ones_in_every_fit(few_rows, monkeypatch):
    monkeypatch.setattr(fitting, "_MOST_ENCODED", len(few_rows) // 4)
    places = np.arange(len(few_rows))
    chosen, fewer = fitting._some(few_rows, places), fitting._some(few_rows, places[::2])
    assert 0.15 < chosen.mean() < 0.35
    assert not (chosen[::2] & ~fewer).any()


def test_the_encoder_is_asked_only_where_the_words_leave_it_unsure(taught, encoder):
    stored = artefact.read(taught / "taught", "semantic")
    counting = Counting(encoder)
    texts = ["I forgot my password and cannot log in, the reset mail for the password never comes", "hmm it is gone?"]
    words_alone = Scorer(stored.arrays, stored.settings).score(texts).category.max(axis=1)
    settings = stored.settings | {"semantic": {"below": float(words_alone.mean()), "temperature": 1.0}}
    Scorer(stored.arrays, settings, counting).score(texts, ["en", "en"])
    assert words_alone[0] > words_alone[1]
    assert counting.asked == texts[1:]


def test_the_linear_head_of_an_earlier_version_judges_as_it_did(taught, encoder):
    stored = artefact.read(taught / "taught", "semantic")
    chance = np.random.default_rng(5)
    wide = len(stored.settings["topics"])
    line, bias = chance.normal(size=(semantic.WIDTH, wide)).astype(np.float16), np.arange(wide, dtype=np.float32)
    arrays = {name: array for name, array in stored.arrays.items() if not name.startswith(semantic.HEAD)}
    arrays |= {"semantic_weights": line, "semantic_bias": bias}
    head = semantic.SentenceHead.of(encoder, arrays, stored.settings, wide)
    expected = encoder.encode(["where is my refund?"]) @ line.astype(np.float32) + bias
    assert head.logits(["where is my refund?"]) == pytest.approx(expected)


def test_the_networks_stand_in_the_file_that_only_the_semantic_profile_reads(taught):
    assert not any(name.startswith(semantic.HEAD) for name in artefact.read(taught / "taught").arrays)


def test_a_language_the_encoder_does_not_know_is_left_to_the_words(taught, encoder):
    stored = artefact.read(taught / "taught", "semantic")
    settings = stored.settings | {"semantic": {"below": 2.0, "temperature": 1.0}}
    counting = Counting(encoder)
    Scorer(stored.arrays, settings, counting).score(["uang saya hilang", "tien cua toi"], ["id", "vi"])
    assert counting.asked == []


def test_a_batch_gives_each_text_what_it_gets_alone(taught, few_rows):
    judge = predict.current(taught, "semantic")
    readings = [Reading(text=row.text, language=row.lang) for row in few_rows[::20]]
    for together, reading in zip(judge.judge(readings), readings, strict=True):
        alone = judge.judge([reading])[0]
        assert (alone.category, alone.topic) == (together.category, together.topic)
        assert alone.confidence == pytest.approx(together.confidence, abs=1e-3)


@pytest.mark.parametrize("language", ["en", "xx", "und", ""])
def test_every_text_gets_a_verdict_from_the_semantic_profile(taught, language):
    texts = ["", "😀", "x", "\ud800", "a" * 1_000_000, "买 buy comprar شراء " * 400, "\0"]
    verdicts = predict.current(taught, "semantic").judge([Reading(text=text, language=language) for text in texts])
    assert [0 <= verdict.confidence <= 1 for verdict in verdicts] == [True] * len(texts)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts["arrays"].update(semantic_into_weights=parts["arrays"]["semantic_into_weights"][:7]),
        lambda parts: parts["arrays"].update(semantic_bias=parts["arrays"]["semantic_bias"] * np.nan),
        lambda parts: parts["arrays"].update(semantic_weights=np.zeros((7, 7)), semantic_bias=np.zeros(7)),
        lambda parts: parts["arrays"].update(lexicon_rarity=parts["arrays"]["lexicon_rarity"][:7]),
        lambda parts: parts["arrays"].update(lexicon_step=parts["arrays"]["lexicon_step"][:3]),
        lambda parts: parts["settings"].pop("semantic"),
    ],
)
def test_parts_that_do_not_fit_each_other_make_the_model_unusable(taught, tmp_path, change):
    stored = artefact.read(taught / "taught", "semantic")
    parts = {"arrays": dict(stored.arrays), "settings": json.loads(json.dumps(stored.settings))}
    change(parts)
    folder = artefact.write(artefact.Artefact(version="other", card={}, **parts), tmp_path, "")
    with pytest.raises(ModelUnusable):
        predict.load(folder, "semantic")


def test_eight_bits_keep_a_weight_to_a_step_of_its_column():
    weights = np.random.default_rng(5).normal(size=(300, 4)) * [0.01, 1, 30, 0]
    arrays = packed("x", weights)
    assert arrays["x_weights"].dtype == np.int8
    assert np.all(abs(unpacked(arrays, "x") - weights) <= abs(weights).max(axis=0) / 127)


def test_a_head_that_learns_alone_leaves_what_judges_by_words_as_it_was(taught, few_rows, encoder, tmp_path):
    shutil.copytree(taught / "taught", tmp_path / "taught")
    artefact.make_current(tmp_path, "taught")
    outcome = retrain(few_rows, tmp_path, "head", seed=4, encoder=encoder, head_only=True, force=True)
    before, after = (artefact.read(tmp_path / version, "semantic") for version in ("taught", "head"))
    assert {name for name in after.arrays if not np.array_equal(before.arrays[name], after.arrays[name])} == {
        name for name in after.arrays if name.startswith(semantic.HEAD)
    }
    assert before.settings | {"semantic": after.settings["semantic"]} == after.settings
    assert outcome.card["words"]["version"] == "taught"
    assert "that of taught" in (outcome.folder / "MODEL_CARD.md").read_text("utf-8")


def test_a_head_cannot_learn_alone_without_the_encoder_or_topics_that_the_words_do_not_know(
    taught, few_rows, encoder, tmp_path
):
    shutil.copytree(taught / "taught", tmp_path / "taught")
    artefact.make_current(tmp_path, "taught")
    with pytest.raises(ConfigError, match="--profile semantic"):
        retrain(few_rows, tmp_path, "other", head_only=True)
    others = [replace(row, topic="") for row in few_rows]
    with pytest.raises(ConfigError, match="topics of the data"):
        retrain(others, tmp_path, "other", encoder=encoder, head_only=True)
    assert artefact.versions(tmp_path) == ["taught"]
