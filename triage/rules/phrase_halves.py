"""A recovery phrase in several parts of one text: "first half: ... second half: ...". Its checksum must hold."""

from collections.abc import Sequence

from triage.rules.seed_phrases import LABEL, Span, is_no_prose, runs, spelt
from triage.rules.word_lists import LENGTHS, WORDED, all_listed, checksum_holds, languages_of_words

_LEAST = 4  # words of a part
_MOST = 30  # parts that are looked at


def find(text: str) -> list[Span]:
    """Return the parts of a phrase in a text that speaks of one."""
    words = spelt(text)
    if not _may_be_parts(words) or not LABEL.search(text):
        return []
    table = languages_of_words()
    masks = [table.get(word, 0) for word in words]
    for bit, language in enumerate(WORDED):
        if sum(mask >> bit & 1 for mask in masks) >= LENGTHS[0] and (found := _together(text, language)):
            return found
    return []


def _may_be_parts(words: Sequence[str]) -> bool:
    """Tell whether so many listed words stand together twice."""
    listed, streak, parts = all_listed(), 0, 0
    for word in words:
        streak = streak + 1 if word in listed else 0
        parts += streak == _LEAST
    return parts > 1


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
