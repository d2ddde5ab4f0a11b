"""Finding recovery phrases (BIP-39) in what people write, however they lay them out.

A run of twelve listed words is no accident in any language but Chinese, whose list is made of everyday characters:
that one is in `seed_characters.py`. A checksum is not asked for: a phrase with a typo is as good as stolen.
"""

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from triage.rules import joined_words, misspelt_words
from triage.rules.everyday_words import IN_PROSE
from triage.rules.listed_words import (
    LEAST,
    LEAST_LABELLED,
    WORD,
    are_numbered,
    are_suspicious,
    hold_a_run,
    hold_beginnings,
    listing_in,
    numbering,
    sorts,
    spelt,
)
from triage.rules.phrase_names import is_spoken_of
from triage.rules.span import Span
from triage.rules.word_lists import (
    LENGTHS,
    SHORTENED,
    WORDED,
    checksum_holds,
    fold,
    languages_of_beginnings,
)

_TOGETHER = re.compile(b"\x01+")
_NEAR = re.compile(rb"\x01(?:\x00?\x01){3,}")  # single others may stand between them
_FEW = b"\x01" * 4  # if one of eight is misspelt, four others stand together
_OTHERS = b"\x01\x00".ljust(256, b"\0")
_FAR = 24  # characters between two words of one run: a line's end, a number, a dash
_LABEL_BEFORE = 120
_LEAST_DISTINCT = 0.75  # "thank you thank you ..." is no phrase
_MOST_EVERYDAY = 0.34  # of random words one in thirty is one of these
_MOST_WINDOWS = 200  # words of one run that checksums are tried on
_KANA = re.compile("[\u3041-\u30ff]{30,}")


class _Words(NamedTuple):
    """Words of a text in order: how each is spelt in a list, where it begins and ends, and its sort."""

    spelt: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    sorts: bytes

    def only(self, those: bytes) -> "_Words":
        """Return those words for which there is a 1."""
        starts, ends = tuple(compress(self.starts, those)), tuple(compress(self.ends, those))
        return _Words(tuple(compress(self.spelt, those)), starts, ends, bytes(compress(self.sorts, those)))

    def span(self, first: int, last: int, *, sure: bool = True) -> Span:
        """Return where the words from `first` to `last` stand."""
        return Span(self.starts[first], self.ends[last], sure)

    def gap_before(self, i: int) -> int:
        """Return how many characters part a word from the one before it."""
        return self.starts[i] - self.ends[i - 1]


def _words(text: str) -> _Words:
    places = list(map(re.Match.span, WORD.finditer(text)))
    starts, ends = zip(*places, strict=True) if places else ((), ())
    return _Words(spelt(text), starts, ends, sorts(text))


def find(text: str) -> list[Span]:
    """Return where `text`, freed of invisible characters, holds a recovery phrase written in words.

    A run of listed words too short for one is returned as not `sure`.
    """
    spans = []
    if not text.isascii():
        spans += [
            Span(m.start(), m.end()) for m in _KANA.finditer(text) if joined_words.holds_phrase_in_kana(fold(m[0]))
        ]
    numbered = are_numbered(text)
    if not numbered and not are_suspicious(text):
        return spans
    words = _words(text)
    if numbered:
        spans += _runs_that_are_numbered(text, words)
    spans += [
        words.span(i, i)
        for i, word in enumerate(words.spelt)
        if len(word) >= joined_words.LEAST_LETTERS and joined_words.is_phrase(word)
    ]
    return [*spans, *_runs_of_words(text, words), *_runs_of_beginnings(words)]


def runs(text: str, language: str) -> list[tuple[Span, tuple[str, ...], int]]:
    """Return each run of words of one list in `text`: where it is, its words, and how many other words there are."""
    words = _words(text)
    found = []
    for first, last in _plain_runs(words, listing_in(language, words.sorts)):
        run = words.spelt[first : last + 1]
        found.append((words.span(first, last), tuple(run), len(words.spelt) - len(run)))
    return found


def _runs_of_words(text: str, words: _Words) -> Iterator[Span]:
    """Yield the runs of words of one list; a word within one letter of the list does not end a run."""
    for language in WORDED:
        listing = listing_in(language, words.sorts)
        if not hold_a_run(listing):
            continue
        for first, last in _merged(words, listing, language):
            if last - first + 1 < LEAST_LABELLED:
                continue
            if is_no_prose(words.spelt[first : last + 1]):
                yield words.span(first, last, sure=_is_enough(text, words, first, last))
            else:
                yield from _checked(words, first, last, language)
        yield from _runs_with_slips(words, listing, language)


def _runs_with_slips(words: _Words, listing: bytes, language: str) -> Iterator[Span]:
    """Yield the runs of words of which two in each twelve are misspelt."""
    span = None
    for first, last in misspelt_words.twelve_of_them(words.spelt, listing, language):
        if max(map(words.gap_before, range(first + 1, last + 1))) > _FAR:
            continue
        if not is_no_prose(words.spelt[first : last + 1]):
            continue
        if span and words.starts[first] > span.end:
            yield span
            span = None
        span = Span(span.start if span else words.starts[first], words.ends[last])
    if span:
        yield span


def _runs_that_are_numbered(text: str, words: _Words) -> Iterator[Span]:
    """Yield the runs of words before which, or between which, something numbers them: one for every second word."""
    is_number = numbering(words.sorts)
    marks = list(compress(words.starts, is_number))
    rest = words.only(is_number.translate(_OTHERS))
    for span in _runs_of_words(text, rest):
        between = bisect_left(marks, span.end) - bisect_right(marks, span.start)
        inside = bisect_left(words.starts, span.end) - bisect_left(words.starts, span.start) - between
        if span.sure and 2 * between >= inside:
            yield span


def _checked(words: _Words, first: int, last: int, language: str) -> Iterator[Span]:
    """Yield the phrases in a run that repeats itself: made of few words, and yet their checksum holds."""
    at, end = first, min(last + 1, first + _MOST_WINDOWS)
    while at <= end - LENGTHS[0]:
        fitting = (length for length in reversed(LENGTHS) if at + length <= end)
        length = next((each for each in fitting if _is_valid(words.spelt[at : at + each], language)), 0)
        if length:
            yield words.span(at, at + length - 1)
        at += length or 1


def _is_valid(words: Sequence[str], language: str) -> bool:
    return len(set(words)) > 1 and share_of(IN_PROSE, words) < _MOST_EVERYDAY and checksum_holds(words, language)


def _is_enough(text: str, words: _Words, first: int, last: int) -> bool:
    start = words.starts[first]
    return last - first + 1 >= LEAST or is_spoken_of(text[max(0, start - _LABEL_BEFORE) : start])


def _merged(words: _Words, listing: bytes, language: str) -> Iterator[tuple[int, int]]:
    """Yield first and last word of each long run, with one misspelt word in it, or one at each end of a certain run."""
    for near in _NEAR.finditer(listing):
        if near.end() - near.start() >= LEAST_LABELLED and _FEW in near[0]:
            yield from _merged_near(words, listing, near.span(), language)


def _merged_near(words: _Words, listing: bytes, near: tuple[int, int], language: str) -> Iterator[tuple[int, int]]:
    runs = list(_plain_runs(words, listing, *near))
    i = 0
    while i < len(runs):
        first, last = runs[i]
        misspelt = 0
        while i + 1 < len(runs) and _joins(words, (first, last), runs[i + 1], language, misspelt):
            i, last = i + 1, runs[i + 1][1]
            misspelt += 1
        length = last - first + 1
        if length >= LEAST and length not in LENGTHS and not misspelt:
            first -= first > 0 and _is_misspelt(words, first - 1, first, language)
            last += last + 1 < len(words.spelt) and _is_misspelt(words, last + 1, last, language)
        yield first, last
        i += 1


def _plain_runs(words: _Words, listing: bytes, first: int = 0, end: int = sys.maxsize) -> Iterator[tuple[int, int]]:
    starts, ends = words.starts, words.ends
    for run in _TOGETHER.finditer(listing, first, end):
        start = run.start()
        for i in range(run.start() + 1, run.end()):
            if starts[i] - ends[i - 1] > _FAR:
                yield start, i - 1
                start = i
        yield start, run.end() - 1


def _joins(words: _Words, left: tuple[int, int], right: tuple[int, int], language: str, misspelt: int) -> bool:
    """Tell whether two runs are one with a single foreign word between them: misspelt, or after a certain run."""
    if right[0] != left[1] + 2 or words.starts[right[0]] - words.ends[left[1]] > 2 * _FAR:
        return False
    if left[1] - left[0] + 1 >= LEAST:
        return True
    word, together = words.spelt[left[1] + 1], left[1] - left[0] + right[1] - right[0] + 2
    least = LEAST if len(word) == 2 else LEAST_LABELLED  # "gn" for "gun"; but "of" stands in every sentence
    return not misspelt and together >= least and misspelt_words.is_close(word, language)


def _is_misspelt(words: _Words, i: int, beside: int, language: str) -> bool:
    return words.gap_before(max(i, beside)) <= _FAR and misspelt_words.is_close(words.spelt[i], language)


def is_no_prose(words: Sequence[str]) -> bool:
    """Tell whether a run is neither a repetition nor a sentence that happens to be made of listed words."""
    return len(set(words)) >= _LEAST_DISTINCT * len(words) and share_of(IN_PROSE, words) < _MOST_EVERYDAY


def share_of(everyday: frozenset[str], words: Sequence[str]) -> float:
    """Return how many of `words` are everyday ones, 0 to 1."""
    return sum(word in everyday for word in words) / len(words)


def _runs_of_beginnings(words: _Words) -> Iterator[Span]:
    """Yield the runs of twelve and more words written by their first four letters."""
    if not hold_beginnings(words.sorts):
        return
    table = languages_of_beginnings()
    masks = [table.get(word, 0) for word in words.spelt]
    for bit in range(len(SHORTENED)):
        for first, last in _plain_runs(words, bytes(mask >> bit & 1 for mask in masks)):
            if last - first + 1 >= LENGTHS[0] and is_no_prose(words.spelt[first : last + 1]):
                yield words.span(first, last)
