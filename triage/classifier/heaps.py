"""Heaps of alarming words ("urgent stolen hacked"): who only lists them tells of nothing, and gains no place by it."""

import functools
import re

from triage.classifier.folding import codes_of, fold, fold_text
from triage.classifier.phrases import SPACELESS, alternatives, literal
from triage.classifier.situations import ALARMS, PRESSING

# A text that is little else keeps its heap: somebody in a panic may write no more than that.
_LEAST_REST = 12
_LONGEST_TEXT = 4000


def without_heaps(text: str, language: str) -> str:
    """Return `text` with spaces where heaps were, so that every other word stays in its place."""
    return _cut(text, language) if has_alarms(fold_text(text[:_LONGEST_TEXT]), language) else text


def has_alarms(folded: str, language: str) -> bool:
    """Return whether two alarming words stand in a folded text: most have none, and need no closer look."""
    return any(sum(map(folded.count, _alarms(tongue))) > 1 for tongue in _tongues(language))


def _cut(text: str, language: str) -> str:
    """Return `text` without its heaps, unless hardly anything else is in it."""
    folded = _in_place(text[:_LONGEST_TEXT])
    rest = text
    for tongue in _tongues(language):
        for heap in _heaps(tongue).finditer(folded):
            rest = rest[: heap.start()] + " " * (heap.end() - heap.start()) + rest[heap.end() :]
    return rest if rest is text or _length(rest) >= _LEAST_REST else text


def _tongues(language: str) -> tuple[str, ...]:
    """Return the text's own language, if it is one of ours, and English."""
    own = language.split("-", maxsplit=1)[0]
    return (own, "en") if own in ALARMS and own != "en" else ("en",)


def _length(text: str) -> int:
    """Return how much a text says, in letters; an ideograph says as much as three."""
    return sum(3 if char >= "\u2e80" else 1 for char in text if char.isalnum())


def _in_place(text: str) -> str:
    """Return `text` folded, one character for each; what folding deletes is a NUL."""
    return fold(codes_of(text)).astype("<u4").tobytes().decode("utf-32-le", "replace")


@functools.cache
def _alarms(tongue: str) -> tuple[str, ...]:
    """Return a language's alarming words as they stand in a folded text."""
    return tuple({literal(word) for word in ALARMS[tongue].split("|")})


@functools.cache
def _heaps(tongue: str) -> re.Pattern[str]:
    """Return the pattern of a heap: three alarming or pressing words in a row, two of them alarming."""
    alarm, pressing = alternatives(ALARMS[tongue], tongue), alternatives(PRESSING[tongue], tongue)
    either = f"(?:{alarm}|{pressing})"
    # Most characters begin no such word: to see that at once is five times quicker.
    begins = "".join(sorted({literal(word)[0] for word in f"{ALARMS[tongue]}|{PRESSING[tongue]}".split("|")}))
    if tongue in SPACELESS:
        # Two are enough without spaces: a word more would be a character more.
        return re.compile(
            f"(?=[{begins}])(?:{pressing}[ ?]*)*{alarm}(?:[ ?]*{pressing})*[ ?]*{alarm}(?:[ ?]*{either})*"
        )
    space = r"[ ?\0]{1,6}"
    long_enough = f"(?={either}{space}{either}{space}{either})"
    return re.compile(
        f"(?=[{begins}]){long_enough}(?:{pressing}{space})*{alarm}(?:{space}{pressing})*{space}{alarm}(?:{space}{either})*"
    )
