import shutil
from pathlib import Path

import pytest

from triage.errors import ConfigError
from triage.replies import NAMES, load, waiting_time

SHIPPED = Path(__file__).parents[1] / "config/replies"
LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant")


def test_every_shipped_language_has_every_text():
    assert set(load(SHIPPED).languages) >= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_acknowledgement_carries_number_and_waiting_time(language):
    subject, text = load(SHIPPED).render(
        "acknowledgement", language, desk="Acme", number="T7K-4Q2M9XRC", wait=waiting_time(86400, language)
    )
    assert "T7K-4Q2M9XRC" in subject
    assert "T7K-4Q2M9XRC" in text
    assert "24" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_text_fits_a_post_and_has_no_facts(language):
    _, text = load(SHIPPED).render("public", language, desk="SECRET-NAME", number="SECRET-NUMBER", wait="SECRET-TIME")
    assert "SECRET" not in text
    assert sum(2 if ord(c) > 0x10FF else 1 for c in text.strip()) <= 260


def test_a_language_without_a_text_is_refused_by_name(tmp_path):
    shutil.copytree(SHIPPED, tmp_path / "replies")
    (tmp_path / "replies/es/secret.txt").unlink()
    with pytest.raises(ConfigError, match=r'secret\.txt is missing: the language "es"'):
        load(tmp_path / "replies")


def test_a_text_with_an_unknown_fact_is_refused_at_the_start(tmp_path):
    shutil.copytree(SHIPPED, tmp_path / "replies")
    (tmp_path / "replies/en/start.txt").write_text("Hello {{ customer_text }}")
    with pytest.raises(ConfigError, match=r"start\.txt.*customer_text"):
        load(tmp_path / "replies")


def test_a_text_cannot_reach_into_the_program(tmp_path):
    shutil.copytree(SHIPPED, tmp_path / "replies")
    (tmp_path / "replies/en/start.txt").write_text("{{ desk.__class__.__mro__ }}")
    with pytest.raises(ConfigError, match="unsafe"):
        load(tmp_path / "replies")


def test_an_unknown_language_falls_back_to_english_and_a_script_to_its_neighbour():
    replies = load(SHIPPED, ("en", "zh-Hans"))
    assert replies.language_for("ko") == "en"
    assert replies.language_for("zh-Hant") == "zh-Hans"


@pytest.mark.parametrize(
    ("seconds", "language", "words"),
    [(900, "en", "15 minutes"), (7200, "en", "2 hours"), (86400, "zh-Hans", "24小时"), (172800, "es", "48 horas")],
)
def test_a_waiting_time_is_in_the_customers_words(seconds, language, words):
    assert waiting_time(seconds, language) == words


def test_the_tests_know_every_text():
    assert {p.stem for p in (SHIPPED / "en").iterdir()} == set(NAMES)
