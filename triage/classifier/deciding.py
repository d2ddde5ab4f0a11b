"""The words that decided, as a person is shown them: those of the matter, never those that only hold a sentence."""

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.case import Reading, Reason
from triage.classifier.features import CHARS, Floats, Grams, Ints
from triage.classifier.folding import fold_text, solo_text
from triage.classifier.phrases import SPACELESS
from triage.classifier.tongues import own_tongue

_MOST_WORDS = 3
_IDEOGRAPHS = "\u3041-\u309f\u3400-\u9fff\uf900-\ufaff"
# Two neighbours of one word: katakana, or letters that are no words by themselves.
_JOINED = re.compile(rf"[\u30a1-\u30fc]{{2}}|[^\W{_IDEOGRAPHS}\u30a1-\u30fc]{{2}}")
_EDGES = re.compile(r"^\W+|\W+$")
_LOOKED_AT = 60
_LONGEST = 60
_WORDS: Mapping[str, str] = tomllib.loads(Path(__file__).with_name("function_words.toml").read_text("utf-8"))


def deciding_words(
    readings: Sequence[Reading], found: Grams, index: Ints, weights: Floats, chosen: Ints
) -> list[tuple[Reason, ...]]:
    """Return for each text the words that spoke most for its category, as reasons.

    `found` is what stands in the batch and `index` its rows in `weights` (a column for each category), `chosen` each
    text's category. Where no whole word is known that tells anything, those do of which a part is known.
    """
    speaks = weights[index, chosen[found.row]] - weights[index].mean(axis=1)
    whole = _strongest(found, speaks, np.flatnonzero(found.kind != CHARS))
    told = [_words(reading, found, speaks, whole[row]) for row, reading in enumerate(readings)]
    wordless = np.array([not words for words in told], dtype=bool)
    if wordless.any():
        parts = _strongest(found, speaks, np.flatnonzero((found.kind == CHARS) & wordless[found.row]))
        for row in np.flatnonzero(wordless).tolist():
            told[row] = _words(readings[row], found, speaks, parts[row])
    return told


def _strongest(found: Grams, speaks: NDArray[np.float64], places: Ints) -> list[Ints]:
    """Return for each text those of the `places` that are its own, what speaks most for the choice first."""
    best = places[np.lexsort((-speaks[places], found.row[places]))]
    begins = np.searchsorted(found.row[best], np.arange(found.rows + 1))
    return [best[begins[row] : begins[row + 1]][:_LOOKED_AT] for row in range(found.rows)]


def _words(reading: Reading, found: Grams, speaks: NDArray[np.float64], order: Ints) -> tuple[Reason, ...]:
    """Return the first few of `order` that speak for the choice and do not overlap."""
    reasons: list[Reason] = []
    used: list[tuple[int, int]] = []
    for place in order.tolist():
        weight = float(speaks[place])
        if weight <= 0 or len(reasons) == _MOST_WORDS:
            break
        start, end = _whole(reading.text, int(found.start[place]), int(found.end[place]))
        words = telling(reading.text[start:end], reading.language)[:_LONGEST]
        again = any(words.lower() == reason.text.lower() for reason in reasons)
        if again or not words or any(start < last and first < end for first, last in used):
            continue
        used.append((start, end))
        reasons.append(Reason(code="word", text=words, weight=round(weight, 3)))
    return tuple(reasons)


@functools.lru_cache(maxsize=8192)
def telling(words: str, language: str) -> str:
    """Return what a person learns something from in one word or two neighbours; empty for "my", "to" and numbers.

    Function words at either end go ("my card" is "card"); a pair of ideographs with one in it is no word at all.
    """
    parts, functional = words.split(), _functional(language)
    if solo_text(fold_text(words).replace(" ", "")):
        split = not words.isalpha() or set(fold_text(words)) & functional
        return "" if split else _spoken(words)
    while parts and fold_text(parts[-1]) in functional:
        parts.pop()
    while parts and fold_text(parts[0]) in functional:
        parts.pop(0)
    return _spoken(" ".join(parts))


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the word begins and ends of which a part was found; ideographs are words of their own."""
    while start and _JOINED.fullmatch(text, start - 1, start + 1):
        start -= 1
    while end < len(text) and _JOINED.fullmatch(text, end - 1, end + 1):
        end += 1
    return start, end


def _spoken(words: str) -> str:
    """Return the words if there are letters enough in them: no number, no lone ideograph."""
    words = _EDGES.sub("", words)
    letters = sum(char.isalpha() for char in words)
    return words if letters >= (3 if words.isascii() else 2) else ""


@functools.cache
def _functional(language: str) -> frozenset[str]:
    """Return the folded function words of a language and of English; of every language if it is none of ours."""
    own = own_tongue(language)
    tongues = {own, "en"} if own in _WORDS else set(_WORDS)
    return frozenset(
        fold_text(word)
        for tongue in tongues
        for word in (_WORDS[tongue] if tongue in SPACELESS else _WORDS[tongue].split())
    )
