import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.connectors.x.text import LONGEST_POST, shortened, weight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello", 5),
        ("你好" * 70, 280),
        ("https://acme.example/" + "x" * 90, 23),
        ("é", 1),
        ("e\u0301", 1),
        ("😀", 2),
    ],
)
def test_weights_are_those_of_x(text, expected):
    assert weight(text) == expected


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=600))
def test_a_shortened_text_fits(text):
    assert weight(shortened(text)) <= LONGEST_POST


def test_a_text_that_fits_is_left_alone():
    assert shortened("We read you. Write to us privately.") == "We read you. Write to us privately."


def test_a_long_text_ends_after_a_word():
    assert shortened("word " * 100).endswith("word…")
