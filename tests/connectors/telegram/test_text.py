from hypothesis import given
from hypothesis import strategies as st

from triage.connectors.telegram.text import cut, units

TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=300)


@given(TEXTS, st.integers(2, 40))
def test_no_part_is_too_long_and_no_word_is_lost(text, longest):
    parts = cut(text, longest)
    assert all(units(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(TEXTS)
def test_units_are_those_of_utf_16(text):
    assert units(text) == len(text.encode("utf-16-le")) // 2


def test_a_paragraph_is_the_best_place_to_cut():
    assert cut("one two\n\nthree four", 14) == ["one two", "three four"]
