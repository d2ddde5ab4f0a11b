"""Words of advertising: how many different ones of `adverts.toml` stand in a text, in its language and in English."""

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

from triage.classifier.finder import Finder
from triage.classifier.folding import fold_text
from triage.classifier.tongues import with_english

_SPACELESS = frozenset({"zh", "ja", "ko"})
_WORDS: Mapping[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def count_adverts(folded: str, language: str) -> int:
    """Return how many different words of advertising stand in a folded text."""
    tongues = with_english(language, _WORDS)
    return sum(len({word for *_, word in _finder(tongue).find(f" {folded} ")}) for tongue in tongues)


@functools.cache
def _finder(tongue: str) -> Finder[str]:
    """Return what finds a language's words between two spaces."""
    words = {fold_text(raw) for raw in _WORDS[tongue].split("|")}
    return Finder((word if tongue in _SPACELESS else f" {word} ", word) for word in words)
