"""What is looked for before a pattern is: a pattern must never find what its hints miss."""

import re
from collections.abc import Callable
from re import _constants as kinds
from re import _parser
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex

from triage.rules import key_names, one_time_codes, phrase_names, references, signatures
from triage.rules.hints import folded, holds_any
from triage.rules.outlines import holds_a_word, outline

CODE = re.compile(one_time_codes._LABEL, re.IGNORECASE | re.VERBOSE)
HINTED = {
    "phrase": (phrase_names.NAME, phrase_names.HINTS),
    "key": (key_names.KEY, key_names.HINTS_AT_KEY),
    "code": (CODE, one_time_codes._HINTS),
    "order": (references._LABEL, references._HINTS),
    "advert": (signatures._SENT, signatures._HINTS),
}


def samples(pattern: re.Pattern[str]) -> list[str]:
    """Return texts that a pattern finds, such that each of its alternatives is in one of them."""
    found = _of_sequence(_parser.parse(pattern.pattern, pattern.flags))
    assert all(pattern.search(text) for text in found)
    return found


def _of_sequence(parsed: Any) -> list[str]:
    options = [TEXTS_OF[kind](value) for kind, value in parsed]
    first = [each[0] for each in options]
    others = [(i, text) for i, each in enumerate(options) for text in each[1:]]
    return ["".join(first), *("".join([*first[:i], text, *first[i + 1 :]]) for i, text in others)]


def _repeated(least: int, inside: Any) -> list[str]:
    return [text * least for text in _of_sequence(inside)] if least else ["", *_of_sequence(inside)]


TEXTS_OF: dict[Any, Callable[[Any], list[str]]] = {
    kinds.LITERAL: lambda value: [chr(value)],
    kinds.RANGE: lambda value: [chr(value[0])],
    kinds.ANY: lambda _: ["x"],
    kinds.AT: lambda _: [""],
    kinds.CATEGORY: lambda value: [" " if value is kinds.CATEGORY_SPACE else "x"],
    kinds.IN: lambda value: [text for kind, each in value for text in TEXTS_OF[kind](each)],
    kinds.BRANCH: lambda value: [text for each in value[1] for text in _of_sequence(each)],
    kinds.SUBPATTERN: lambda value: _of_sequence(value[3]),
    kinds.MAX_REPEAT: lambda value: _repeated(value[0], value[2]),
    kinds.MIN_REPEAT: lambda value: _repeated(value[0], value[2]),
}


@pytest.mark.parametrize("name", HINTED)
def test_a_pattern_finds_nothing_without_a_hint(name):
    pattern, hints = HINTED[name]
    texts = samples(pattern)
    assert len(texts) > 20
    assert [text for text in texts if not holds_any(text, hints)] == []
    assert [text for text in texts if not holds_any(text.upper(), hints) and pattern.search(text.upper())] == []


def test_the_words_before_a_code_are_known_by_their_beginnings_and_ends():
    assert [text for text in samples(CODE) if not one_time_codes._may_name_one(folded(text))] == []


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
