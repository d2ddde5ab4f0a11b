import pytest

from triage.classifier.heaps import without_heaps


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how do I swap coins? urgent stolen hacked", "en"),
        ("手续费是多少呢 紧急被盗被黑", "zh-Hans"),
        ("手續費是多少呢 緊急被盜被黑", "zh-Hant"),
        ("¿cómo cambio la moneda? urgente robado hackeado", "es"),
        ("Как поменять валюту? срочно украли взломали", "ru"),
    ],
)
def test_a_heap_is_blanked_and_every_other_word_stays_in_its_place(text, language):
    rest = without_heaps(text, language)
    assert len(rest) == len(text)
    assert rest.split() == text[: len(rest.rstrip())].split()
    assert rest != text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my wallet was hacked and all coins were stolen", "en"),
        ("I was robbed, please help me", "en"),
        ("我的钱包被盗了怎么办", "zh-Hans"),
        ("urgent stolen hacked help", "en"),
        ("被盗 被黑", "zh-Hans"),
        ("", "xx"),
    ],
)
def test_what_is_told_or_is_all_there_is_stays(text, language):
    assert without_heaps(text, language) == text
