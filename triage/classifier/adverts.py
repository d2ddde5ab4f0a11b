"""Words of advertising: how many different ones of `adverts.toml` stand in a text, in its language and in English."""

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

from triage.classifier.folding import fold_text

_SPACELESS = frozenset({"zh", "ja", "ko"})
_WORDS: Mapping[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def count_adverts(folded: str, language: str) -> int:
    """Return how many different words of advertising stand in a folded text."""
    padded = f" {folded} "
    found = 0
    for tongue in _tongues(language):
        by_beginning = _words(tongue)
        # Looking up how words begin is far quicker than searching for each of them.
        begins = map(str.__add__, folded, folded[1:]) if tongue in _SPACELESS else folded.split()
        for beginning in by_beginning.keys() & set(begins):
            found += sum(word in padded for word in by_beginning[beginning])
    return found


def _tongues(language: str) -> tuple[str, ...]:
    """Return the text's own language, if it is one of ours, and English."""
    own = language.split("-", maxsplit=1)[0]
    return (own, "en") if own in _WORDS and own != "en" else ("en",)


@functools.cache
def _words(tongue: str) -> Mapping[str, tuple[str, ...]]:
    """Return what must be searched for, by how it begins: its first two characters, or its first word."""
    words: dict[str, tuple[str, ...]] = {}
    for raw in _WORDS[tongue].split("|"):
        word = fold_text(raw)
        beginning = word[:2] if tongue in _SPACELESS else word.split()[0]
        whole = word if tongue in _SPACELESS else f" {word} "
        words[beginning] = tuple(sorted({*words.get(beginning, ()), whole}))
    return words
