"""Words that a slip of the finger parts from a word of a list, and phrases with two of them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from unicodedata import normalize

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from triage.rules.word_lists import LENGTHS, fold, places_of, words_of

_SLIP = {"japanese": 2, "korean": 3}  # one syllable is so many of the parts that words are compared by
_MOST_MISSPELT = 2  # of twelve
_LEAST_LETTERS = 3  # of each of two: "of" and "in" are a slip from many words, and stand in every sentence
_MOST_REPEATED = 1  # of twelve random words one is there twice once in thirty phrases; names of programs repeat theirs
_DENSE = re.compile(rb"\x01(?:\x00{0,2}\x01){9,}")
_MOST_TRIED = 200  # words of one text


@lru_cache(maxsize=1000)  # several rules ask of one word
def is_close(word: str, language: str) -> bool:
    """Tell whether `word` is one slip of the finger from a word of the list."""
    farthest = _SLIP.get(language, 1)
    if not min(2, 4 - farthest) <= len(word) <= 14 * farthest:
        return False
    if language == "korean" and _is_turned(word):
        return True
    return extractOne(word, words_of(language), scorer=OSA.distance, score_cutoff=farthest) is not None


def _is_turned(word: str) -> bool:
    """Tell whether a Korean word is a listed one with two syllables exchanged: six of the parts are elsewhere then."""
    syllables = normalize("NFC", word)
    turned = (syllables[:i] + syllables[i + 1] + syllables[i] + syllables[i + 2 :] for i in range(len(syllables) - 1))
    return any(fold(each) in places_of("korean") for each in turned)


def twelve_of_them(words: Sequence[str], listing: bytes, language: str) -> Iterator[tuple[int, int]]:
    """Yield first and last place of each twelve words in a row of which one or two are misspelt.

    `listing` tells for each word whether it stands in the list.
    """
    tried: set[str] = set()
    size, least = LENGTHS[0], _LEAST_LETTERS - (language in _SLIP)
    for first in _dense(listing):
        if listing.count(1, first, first + size) not in range(size - _MOST_MISSPELT, size):
            continue
        if len(set(words[first : first + size])) < size - _MOST_REPEATED:
            continue
        others = [words[i] for i in range(first, first + size) if not listing[i]]
        tried.update(others)
        if len(tried) > _MOST_TRIED:
            return
        if min(map(len, others)) >= least and all(is_close(word, language) for word in others):
            yield first, first + size - 1


def _dense(listing: bytes) -> Iterator[int]:
    """Yield where twelve words may begin of which no more are unlisted than may be misspelt."""
    for run in _DENSE.finditer(listing):
        first, last = max(0, run.start() - _MOST_MISSPELT), min(len(listing), run.end() + _MOST_MISSPELT)
        yield from range(first, last - LENGTHS[0] + 1)
