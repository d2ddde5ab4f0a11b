"""What is looked for before a pattern is: a pattern must never find what its hints miss."""

import re

from hypothesis import given
from hypothesis.strategies import from_regex

from triage.rules import key_names, one_time_codes, phrase_names
from triage.rules.hints import folded, holds_any
from triage.rules.outlines import holds_a_word, outline


@given(from_regex(phrase_names.NAME, fullmatch=True))
def test_every_name_of_a_phrase_holds_a_hint(name):
    assert holds_any(name, phrase_names.HINTS)


@given(from_regex(key_names.KEY, fullmatch=True))
def test_every_name_of_a_key_holds_a_hint(name):
    assert holds_any(name, key_names.HINTS_AT_KEY)


@given(from_regex(re.compile(one_time_codes._LABEL, re.IGNORECASE | re.VERBOSE), fullmatch=True))
def test_every_name_of_a_code_is_known_by_its_words(name):
    assert holds_any(name, one_time_codes._HINTS)
    assert one_time_codes._may_name_one(folded(name))


def test_letters_that_a_pattern_takes_for_others_are_the_same_to_a_hint():
    odd = ["\u017feed phra\u017fe", "FRASE DE RECUPERAC\u0130\u00d3N", "mnemon\u0131c"]
    assert [name for name in odd if phrase_names.NAME.search(name)] == odd
    assert all(phrase_names.is_spoken_of(name) for name in odd)


@given(from_regex(r"[a-zA-Z0-9 \u00e9\u4e2d\ud800]{0,80}", fullmatch=True))
def test_an_outline_tells_how_many_letters_and_digits_stand_together(text):
    longest = max(map(len, re.findall("[A-Za-z0-9]+", text)), default=0)
    assert len(outline(text)) == len(text)
    assert holds_a_word(text, longest) or not longest
    assert not holds_a_word(text, longest + 1)
