"""The words of a text, and whether so many of them are listed that it is worth looking for a phrase: few texts are.

Every text that comes in is asked, so a word is looked up once, for its sort: a byte that says in which lists it is. All
questions are asked of these bytes.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import repeat

from triage.rules import joined_words
from triage.rules.numbering import NUMBERING
from triage.rules.word_lists import (
    LENGTHS,
    WORDED,
    languages_of_beginnings,
    languages_of_words,
    spelling_of,
)

LEAST, LEAST_LABELLED = 11, 8
"""Words in a run that is no accident, for one of twelve may be missing; and of one behind a word like "seed"."""

# All that is no letter of any script: digits, punctuation, symbols, and everything that numbers a list.
WORD = re.compile(
    "[^\x00-@\\[-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u2bff\u3000-\u303f\ufe30-\ufe6f\uff00-\uff20\uff3b-\uff40"
    "\uff5b-\uff65\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\U0001f000-\U0001faff]+"
)
# The same for texts of ASCII and of Latin letters, as tables for bytes, which find words five times as fast.
_LETTERS = bytes(c if WORD.match(chr(c)) else ord(" ") for c in range(256))
_SMALL_LETTERS = _LETTERS[:128].lower().ljust(256, b" ")
# Single others may stand between them; two in a row only between so many that two of twelve are misspelt.
_SO_MANY, _SO_MANY_LABELLED = (
    re.compile(rb"\x01(?:\x00?\x01){%d}|\x01(?:\x00{0,2}\x01){9}" % (least - 1)) for least in (LEAST, LEAST_LABELLED)
)
_ALL_BEGINNINGS = re.compile(rb"\x01{%d}" % LENGTHS[0])


_ANY, _OF_WORDS, _BEGINNINGS, _NUMBERS = "any", "words", "beginnings", "numbers"


@cache
def _sorts() -> tuple[dict[str, int], dict[str, bytes]]:
    """Return each listed word's sort, and for each list the table that makes of sorts 1 for a word of it, else 0."""
    words, beginnings = languages_of_words(), languages_of_beginnings()
    numbers = {(0, False, False): 0}
    found = {}
    for word in words.keys() | beginnings.keys() | NUMBERING:
        lists = (words.get(word, 0), word in beginnings, word in NUMBERING)
        found[word] = numbers.setdefault(lists, len(numbers))

    def table(holds: Callable[[int, bool, bool], object]) -> bytes:
        return bytes(bool(holds(*lists)) for lists in numbers).ljust(256, b"\0")

    tables = {language: table(lambda mask, *_, bit=bit: mask >> bit & 1) for bit, language in enumerate(WORDED)}
    tables[_ANY] = table(lambda mask, begins, _: mask or begins)
    tables[_OF_WORDS] = table(lambda mask, *_: mask)
    tables[_BEGINNINGS] = table(lambda _, begins, __: begins)
    tables[_NUMBERS] = table(lambda *lists: lists[2])
    return found, tables


@lru_cache(maxsize=4)  # several rules ask for the words of one text
def spelt(text: str) -> tuple[str, ...]:
    """Return the words of `text`, each spelt as it stands in a list."""
    if text.isascii():
        return tuple(text.encode().translate(_SMALL_LETTERS).decode().split())
    return tuple(map(spelling_of, _words(text)))


def _words(text: str) -> list[str]:
    try:
        return text.encode("latin-1").translate(_LETTERS).decode("latin-1").split()
    except UnicodeEncodeError:
        return WORD.findall(text)


@lru_cache(maxsize=4)
def sorts(text: str) -> bytes:
    """Return the sort of each word of `text`."""
    return sorts_of(spelt(text))


def sorts_of(words: Iterable[str]) -> bytes:
    """Return the sort of each of `words`, which are spelt as in a list."""
    return bytes(map(_sorts()[0].get, words, repeat(0)))


def listing(text: str) -> bytes:
    """Return for each word of `text` 1 if it stands in any list, else 0."""
    return listing_in(_ANY, sorts(text))


def listing_in(language: str, sorts: bytes) -> bytes:
    """Return for each word, given by its sort, 1 if it stands in the list of `language`, else 0."""
    return sorts.translate(_sorts()[1][language])


def numbering(sorts: bytes) -> bytes:
    """Return for each word, given by its sort, 1 if people number words with it, else 0."""
    return listing_in(_NUMBERS, sorts)


def counts(text: str) -> tuple[int, dict[str, int]]:
    """Return how many words of `text` stand in the list of some language, and how many in each."""
    words = sorts(text)
    each = {language: listing_in(language, words).count(1) for language in WORDED}
    return listing_in(_OF_WORDS, words).count(1), each


def are_suspicious(text: str) -> bool:
    """Tell whether enough words of one list stand together in `text`, or one as long as a phrase without blanks."""
    if _hold_a_long_one(text):
        return True
    if listing(text).count(1) < LEAST_LABELLED:
        return False
    words = sorts(text)
    return _hold_one_language(words) or hold_beginnings(words)


def are_numbered(text: str) -> bool:
    """Tell whether the words of `text` may be a phrase once those that number them are left out."""
    words = sorts(text)
    is_number = numbering(words)
    if is_number.count(1) < LEAST_LABELLED:
        return False
    plain = bytes(sort for sort, number in zip(words, is_number, strict=True) if not number)
    many = _hold_a_long_one(text) or _SO_MANY.search(listing_in(_ANY, plain)) is not None
    return many and _hold_one_language(plain)


def _hold_one_language(sorts: bytes) -> bool:
    tables = _sorts()[1]
    return any(hold_a_run(sorts.translate(tables[language])) for language in WORDED)


def hold_a_run(listing: bytes) -> bool:
    """Tell whether enough words of one list stand together, single others between them allowed."""
    return listing.count(1) >= LEAST_LABELLED and _SO_MANY_LABELLED.search(listing) is not None


def hold_beginnings(sorts: bytes) -> bool:
    """Tell whether as many words as a phrase has, given by their sorts, are beginnings of listed ones."""
    return _ALL_BEGINNINGS.search(listing_in(_BEGINNINGS, sorts)) is not None


def _hold_a_long_one(text: str) -> bool:
    return max(map(len, spelt(text)), default=0) >= joined_words.LEAST_LETTERS
