"""The words of a text, and whether so many of them are listed that it is worth looking for a phrase: few texts are.

Every text that comes in is asked, so the answer is a search in bytes, one for each word.
"""

import re
from collections.abc import Container, Sequence
from functools import lru_cache

from triage.rules import joined_words
from triage.rules.numbering import NUMBERING
from triage.rules.word_lists import LENGTHS, WORDED, all_listed, languages_of_beginnings, places_of, spelling_of

LEAST, LEAST_LABELLED = 11, 8
"""Words in a run that is no accident, for one of twelve may be missing; and of one behind a word like "seed"."""

# All that is no letter of any script: digits, punctuation, symbols, and everything that numbers a list.
WORD = re.compile(
    "[^\x00-@\\[-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u2bff\u3000-\u303f\ufe30-\ufe6f\uff00-\uff20\uff3b-\uff40"
    "\uff5b-\uff65\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\U0001f000-\U0001faff]+"
)
# Single others may stand between them; two in a row only between so many that two of twelve are misspelt.
_SO_MANY, _SO_MANY_LABELLED = (
    re.compile(rb"\x01(?:\x00?\x01){%d}|\x01(?:\x00{0,2}\x01){9}" % (least - 1)) for least in (LEAST, LEAST_LABELLED)
)
_DENSE = re.compile(rb"\x01(?:\x00{0,2}\x01){%d,}" % (LEAST_LABELLED - 1))  # what the above are found in
_ALL_BEGINNINGS = re.compile(rb"\x01{%d}" % LENGTHS[0])


@lru_cache(maxsize=4)  # several rules ask for the words of one text
def spelt(text: str) -> tuple[str, ...]:
    """Return the words of `text`, each spelt as it stands in a list."""
    return tuple(WORD.findall(text.lower()) if text.isascii() else map(spelling_of, WORD.findall(text)))


@lru_cache(maxsize=4)
def listing(text: str) -> bytes:
    """Return for each word of `text` 1 if it stands in any list, else 0."""
    return _marked(spelt(text), all_listed())


def are_suspicious(text: str) -> bool:
    """Tell whether enough words of one list stand together in `text`, or one as long as a phrase without blanks."""
    words = spelt(text)
    if _hold_a_long_one(words):
        return True
    parts = (words[run.start() : run.end()] for run in _DENSE.finditer(listing(text)))
    return any(_hold_one_language(part) for part in parts)


def are_numbered(text: str) -> bool:
    """Tell whether the words of `text` may be a phrase once those that number them are left out."""
    words = spelt(text)
    if sum(map(NUMBERING.__contains__, words)) < LEAST_LABELLED:
        return False
    plain = [word for word in words if word not in NUMBERING]
    return _hold_a_long_one(plain) or _SO_MANY.search(_marked(plain, all_listed())) is not None


def listing_in(language: str, words: Sequence[str]) -> bytes:
    """Return for each of `words` 1 if it stands in the list of `language`, else 0."""
    return _marked(words, places_of(language))


def _hold_one_language(words: Sequence[str]) -> bool:
    return any(hold_a_run(listing_in(language, words)) for language in WORDED) or hold_beginnings(words)


def hold_a_run(listing: bytes) -> bool:
    """Tell whether enough words of one list stand together, single others between them allowed."""
    return _SO_MANY_LABELLED.search(listing) is not None


def hold_beginnings(words: Sequence[str]) -> bool:
    """Tell whether as many words as a phrase has are beginnings of listed ones."""
    return _ALL_BEGINNINGS.search(_marked(words, languages_of_beginnings())) is not None


def _hold_a_long_one(words: Sequence[str]) -> bool:
    return max(map(len, words), default=0) >= joined_words.LEAST_LETTERS


def _marked(words: Sequence[str], listed: Container[str]) -> bytes:
    return bytes(map(listed.__contains__, words))
