from hypothesis import given
from hypothesis import strategies as st

from triage.classifier.finder import Finder


def test_every_phrase_is_found_where_it_stands_also_within_another():
    finder = Finder([("key", "a"), ("private key", "b"), ("key", "c")])
    assert sorted(finder.find("my private key")) == [(3, 14, "b"), (11, 14, "a"), (11, 14, "c")]


def test_nothing_is_found_without_phrases():
    assert list(Finder([("", 1)]).find("anything")) == []
    assert not Finder([]).found("")


letters = st.text("ab钱🔑", max_size=12)


@given(st.lists(st.text("ab钱🔑", min_size=1, max_size=3), max_size=6, unique=True), letters)
def test_it_finds_what_a_search_from_every_character_finds(phrases, text):
    expected = {(at, at + len(p), p) for p in phrases for at in range(len(text)) if text.startswith(p, at)}
    assert set(Finder((p, p) for p in phrases).find(text)) == expected
