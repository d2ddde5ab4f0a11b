"""A recovery phrase in several parts of one text: "first half: ... second half: ...". Its checksum must hold."""

import re

from triage.rules.listed_words import listing, listing_in, sorts
from triage.rules.phrase_names import is_spoken_of
from triage.rules.seed_phrases import is_no_prose, runs
from triage.rules.span import Span
from triage.rules.word_lists import LENGTHS, WORDED, checksum_holds

_LEAST = 4  # words of a part
_FEWEST, _MOST = 2, 30  # parts that are looked at
_PART = re.compile(rb"\x01{%d,}" % _LEAST)


def find(text: str) -> list[Span]:
    """Return the parts of a phrase in a text that speaks of one."""
    parts = list(_PART.finditer(listing(text)))
    if len(parts) < _FEWEST:
        return []
    words = b"\0".join(sorts(text)[part.start() : part.end()] for part in parts)
    languages = [language for language in WORDED if _may_be_parts(listing_in(language, words))]
    if not languages or not is_spoken_of(text):
        return []
    return next((found for language in languages if (found := _together(text, language))), [])


def _may_be_parts(listing: bytes) -> bool:
    """Tell whether enough words of one list stand together in parts, which a wide gap may cut in two."""
    parts = [len(part) for part in _PART.findall(listing)]
    return sum(parts) >= LENGTHS[0] and sum(length // _LEAST for length in parts) >= _FEWEST


def _together(text: str, language: str) -> list[Span]:
    """Return neighbouring parts that have as many words as a phrase and its checksum, or none."""
    parts = [(span, words) for span, words, _ in runs(text, language) if len(words) >= _LEAST][:_MOST]
    for first in range(len(parts)):
        words: tuple[str, ...] = ()
        for last in range(first, len(parts)):
            words += parts[last][1]
            if last > first and len(words) in LENGTHS and is_no_prose(words) and checksum_holds(words, language):
                return [span for span, _ in parts[first : last + 1]]
    return []
