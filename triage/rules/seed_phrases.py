"""Finding recovery phrases (BIP-39) in what people write, however they lay them out.

A run of twelve listed words is no accident in any language but Chinese, whose list is made of everyday characters:
that one is in `seed_characters.py`. A checksum is not asked for: a phrase with a typo is as good as stolen.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
    spelt,
)
from triage.rules.numbering import NUMBERING
from triage.rules.word_lists import (
    LENGTHS,
    SHORTENED,
    WORDED,
    checksum_holds,
    fold,
    languages_of_beginnings,
)

LABEL = re.compile(
    r"""seed|mnemonic|recovery|phrase|secret\swords|(?:12|15|18|21|24|twelve|twenty[-\s]four)[-\s](?:secret\s)?words
    |frase|semilla|palabras|recuperaci|phrase\sde|mots|wiederherstellung|wörter|parola|parole|palavras
    |сид|фраз|мнемон|ニーモニック|シード|フレーズ|復元|시드|복구|니모닉
    |助记|助記|种子|種子|密语|密語|恢复|恢復|短语|短語""",
    re.IGNORECASE | re.VERBOSE,
)
_TOGETHER = re.compile(b"\x01+")
_FAR = 24  # characters between two words of one run: a line's end, a number, a dash
_LABEL_BEFORE = 120
_LEAST_DISTINCT = 0.75  # "thank you thank you ..." is no phrase
_MOST_EVERYDAY = 0.34  # of random words one in thirty is one of these
_MOST_WINDOWS = 200  # words of one run that checksums are tried on
_KANA = re.compile("[\u3041-\u30ff]{30,}")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, from `start` to before `end`; `sure` unless it only resembles a secret."""

    start: int
    end: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str


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
    tokens = [_Token(m.start(), m.end(), word) for m, word in zip(WORD.finditer(text), spelt(text), strict=True)]
    if numbered:
        spans += _runs_that_are_numbered(text, tokens)
    spans += [
        Span(t.start, t.end)
        for t in tokens
        if len(t.word) >= joined_words.LEAST_LETTERS and joined_words.is_phrase(t.word)
    ]
    return [*spans, *_runs_of_words(text, tokens), *_runs_of_beginnings(tokens)]


def runs(text: str, language: str) -> list[tuple[Span, tuple[str, ...], int]]:
    """Return each run of words of one list in `text`: where it is, its words, and how many other words there are."""
    tokens = [_Token(m.start(), m.end(), word) for m, word in zip(WORD.finditer(text), spelt(text), strict=True)]
    found = []
    for first, last in _plain_runs(tokens, listing_in(language, spelt(text))):
        run = tokens[first : last + 1]
        found.append((Span(run[0].start, run[-1].end), tuple(t.word for t in run), len(tokens) - len(run)))
    return found


def _runs_of_words(text: str, tokens: Sequence[_Token]) -> Iterator[Span]:
    """Yield the runs of words of one list; a word within one letter of the list does not end a run."""
    words = [token.word for token in tokens]
    for language in WORDED:
        listing = listing_in(language, words)
        if not hold_a_run(listing):
            continue
        for first, last in _merged(tokens, listing, language):
            run = tokens[first : last + 1]
            if len(run) < LEAST_LABELLED:
                continue
            if is_no_prose([token.word for token in run]):
                yield Span(run[0].start, run[-1].end, sure=_is_enough(text, run))
            else:
                yield from _checked(run, language)
        yield from _runs_with_slips(tokens, listing, language)


def _runs_with_slips(tokens: Sequence[_Token], listing: bytes, language: str) -> Iterator[Span]:
    """Yield the runs of words of which two in each twelve are misspelt."""
    span = None
    for first, last in misspelt_words.twelve_of_them([token.word for token in tokens], listing, language):
        run = tokens[first : last + 1]
        if max(right.start - left.end for left, right in pairwise(run)) > _FAR:
            continue
        if not is_no_prose([token.word for token in run]):
            continue
        if span and run[0].start > span.end:
            yield span
            span = None
        span = Span(span.start if span else run[0].start, run[-1].end)
    if span:
        yield span


def _runs_that_are_numbered(text: str, tokens: Sequence[_Token]) -> Iterator[Span]:
    """Yield the runs of words before which, or between which, something numbers them: one for every second word."""
    starts = [token.start for token in tokens]
    marks = [token.start for token in tokens if token.word in NUMBERING]
    for span in _runs_of_words(text, [token for token in tokens if token.word not in NUMBERING]):
        between = bisect_left(marks, span.end) - bisect_right(marks, span.start)
        words = bisect_left(starts, span.end) - bisect_left(starts, span.start) - between
        if span.sure and 2 * between >= words:
            yield span


def _checked(run: Sequence[_Token], language: str) -> Iterator[Span]:
    """Yield the phrases in a run that repeats itself: made of few words, and yet their checksum holds."""
    at, end = 0, min(len(run), _MOST_WINDOWS)
    while at <= end - LENGTHS[0]:
        windows = [run[at : at + length] for length in reversed(LENGTHS) if at + length <= end]
        found = next((window for window in windows if _is_valid(window, language)), None)
        if found:
            yield Span(found[0].start, found[-1].end)
        at += len(found) if found else 1


def _is_valid(run: Sequence[_Token], language: str) -> bool:
    words = [token.word for token in run]
    return len(set(words)) > 1 and share_of(IN_PROSE, words) < _MOST_EVERYDAY and checksum_holds(words, language)


def _is_enough(text: str, run: Sequence[_Token]) -> bool:
    before = max(0, run[0].start - _LABEL_BEFORE)
    return len(run) >= LEAST or LABEL.search(text, before, run[0].start) is not None


def _merged(tokens: Sequence[_Token], listing: bytes, language: str) -> Iterator[tuple[int, int]]:
    """Yield first and last token of each run, with one misspelt word in it, or one at each end of a certain run."""
    runs = list(_plain_runs(tokens, listing))
    i = 0
    while i < len(runs):
        first, last = runs[i]
        misspelt = 0
        while i + 1 < len(runs) and _joins(tokens, (first, last), runs[i + 1], language, misspelt):
            i, last = i + 1, runs[i + 1][1]
            misspelt += 1
        length = last - first + 1
        if length >= LEAST and length not in LENGTHS and not misspelt:
            first -= first > 0 and _is_misspelt(tokens, first - 1, first, language)
            last += last + 1 < len(tokens) and _is_misspelt(tokens, last + 1, last, language)
        yield first, last
        i += 1


def _plain_runs(tokens: Sequence[_Token], listing: bytes) -> Iterator[tuple[int, int]]:
    for run in _TOGETHER.finditer(listing):
        start = run.start()
        for i in range(run.start() + 1, run.end()):
            if tokens[i].start - tokens[i - 1].end > _FAR:
                yield start, i - 1
                start = i
        yield start, run.end() - 1


def _joins(
    tokens: Sequence[_Token], left: tuple[int, int], right: tuple[int, int], language: str, misspelt: int
) -> bool:
    """Tell whether two runs are one with a single foreign word between them: misspelt, or after a certain run."""
    if right[0] != left[1] + 2 or tokens[right[0]].start - tokens[left[1]].end > 2 * _FAR:
        return False
    if left[1] - left[0] + 1 >= LEAST:
        return True
    word, together = tokens[left[1] + 1].word, left[1] - left[0] + right[1] - right[0] + 2
    least = LEAST if len(word) == 2 else LEAST_LABELLED  # "gn" for "gun"; but "of" stands in every sentence
    return not misspelt and together >= least and misspelt_words.is_close(word, language)


def _is_misspelt(tokens: Sequence[_Token], i: int, beside: int, language: str) -> bool:
    left, right = sorted((i, beside))
    return tokens[right].start - tokens[left].end <= _FAR and misspelt_words.is_close(tokens[i].word, language)


def is_no_prose(words: Sequence[str]) -> bool:
    """Tell whether a run is neither a repetition nor a sentence that happens to be made of listed words."""
    return len(set(words)) >= _LEAST_DISTINCT * len(words) and share_of(IN_PROSE, words) < _MOST_EVERYDAY


def share_of(everyday: frozenset[str], words: Sequence[str]) -> float:
    """Return how many of `words` are everyday ones, 0 to 1."""
    return sum(word in everyday for word in words) / len(words)


def _runs_of_beginnings(tokens: Sequence[_Token]) -> Iterator[Span]:
    """Yield the runs of twelve and more words written by their first four letters."""
    if not hold_beginnings([token.word for token in tokens]):
        return
    table = languages_of_beginnings()
    masks = [table.get(token.word, 0) for token in tokens]
    for bit in range(len(SHORTENED)):
        for first, last in _plain_runs(tokens, bytes(mask >> bit & 1 for mask in masks)):
            if last - first + 1 >= LENGTHS[0] and is_no_prose([t.word for t in tokens[first : last + 1]]):
                yield Span(tokens[first].start, tokens[last].end)
