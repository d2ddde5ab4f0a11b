"""Words of an index and phrases of a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.rules.search_words import LONGEST_WORD, MOST_PHRASES, MOST_WORDS, Phrase, index_words, phrases


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My 0.5 BTC!", ["my", "0", "5", "btc"]),
        ("Contraseña", ["contrasena"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("提币失败", ["提币", "币失", "失败", "败"]),
        ("BTC提币", ["btc", "提币", "币"]),
        ("がぎ", ["がぎ", "ぎ"]),
        ("비밀", ["비밀", "밀"]),
        ("ada_l@example.org", ["ada", "l", "example", "org"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_words(text, words):
    assert index_words(text) == words


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("stuck pend", [(("stuck",), True), (("pend",), True)]),
        ('"stuck since"', [(("stuck", "since"), False)]),
        ("ada@example.org", [(("ada", "example", "org"), True)]),
        ("提币", [(("提币",), False)]),
        ("提币失败", [(("提币", "币失", "失败"), False)]),
        ("币", [(("币",), True)]),
        ("BTC提币", [(("btc", "提币"), False)]),
        ("“lost phone”", [(("lost", "phone"), False)]),
        ("... -- ''", []),
    ],
)
def test_a_question_is_cut_into_phrases(question, found):
    assert phrases(question) == tuple(Phrase(*one) for one in found)


@given(st.text(max_size=200))
def test_words_are_letters_and_digits_only(text):
    for word in (*index_words(text), *(w for phrase in phrases(text) for w in phrase.words)):
        assert word
        assert not any(c.isspace() or c in "\"'():*&|!<>\\" for c in word)


def test_what_is_endless_is_cut():
    assert len(index_words("word " * 10_000)) == MOST_WORDS
    assert len(index_words("a" * 1_000)[0]) == LONGEST_WORD
    assert len(phrases(" ".join(f"w{n}" for n in range(100)))) == MOST_PHRASES
