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
    return sum(word in padded for tongue in _tongues(language) for word in _words(tongue))


def _tongues(language: str) -> tuple[str, ...]:
    """Return the text's own language, if it is one of ours, and English."""
    own = language.split("-", maxsplit=1)[0]
    return (own, "en") if own in _WORDS and own != "en" else ("en",)


@functools.cache
def _words(tongue: str) -> tuple[str, ...]:
    """Return a language's words as they stand in a folded text, with the spaces around them."""
    around = "" if tongue in _SPACELESS else " "
    words = (word.strip() for word in _WORDS[tongue].split("|"))
    folded = {around + fold_text(word.removesuffix("*")) + ("" if word.endswith("*") else around) for word in words}
    return tuple(sorted(folded))
