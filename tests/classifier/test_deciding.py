import pytest

from triage.classifier.deciding import telling


@pytest.mark.parametrize(
    ("words", "language", "told"),
    [
        ("the card", "en", "card"),
        ("private key", "en", "private key"),
        ("did you", "en", ""),
        ("I don't", "en", ""),
        ("12 500", "en", ""),
        ("mi tarjeta", "es", "tarjeta"),
        ("de la", "es", ""),
        ("the Karte", "de", "Karte"),
        ("密码", "zh-Hans", "密码"),
        ("的密", "zh-Hans", ""),
        ("了，点", "zh-Hant", ""),
        ("送金", "ja", "送金"),
        ("した", "ja", ""),
        ("stolen,", "en", "stolen"),
        ("mi die", "und", ""),
    ],
)
def test_of_two_words_only_those_of_the_matter_are_told(words, language, told):
    assert telling(words, language) == told
