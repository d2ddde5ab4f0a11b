"""Situations that make a message urgent whatever its words otherwise look like: they raise and never lower.

`situations.py` holds the phrases of each language; this is how they are found. A phrase that is denied,
asked about or reported as over ("was not hacked", "what if", "got it back") tells of no situation.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.case import Reading, Reason, Urgency, Verdict
from triage.classifier.folding import fold_text
from triage.classifier.situations import DENIALS, ENDINGS, PLACEHOLDER, SITUATIONS, Kind

_LONGEST_TEXT = 4000
# A text this short is searched in every language: its own is too often guessed wrong.
_SHORT = 80
_SPACELESS = frozenset({"zh", "ja"})


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that a text tells of."""

    urgency: Urgency
    reason: Reason
    category: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One phrase of one language: the cheap test for its parts, and the exact pattern."""

    parts: tuple[tuple[str, ...], ...]
    pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """Return where the phrase stands in a folded text; most texts fail the first cheap test."""
        for part in self.parts:
            if not any(word in text for word in part):
                return None
        return self.pattern.search(text)


def find_situations(text: str, language: str = "und") -> tuple[Situation, ...]:
    """Return the situations `text` tells of, most urgent first, each at most once."""
    folded = fold_text(text[:_LONGEST_TEXT])
    found = [_situation(kind) for kind in SITUATIONS if _tells_of(kind, text, folded, language)]
    return tuple(sorted(found, key=lambda situation: -situation.urgency))


def _tells_of(kind: Kind, text: str, folded: str, language: str) -> bool:
    """Return whether `folded` says that a situation of this kind is the case."""
    if kind.code == "rule.leaked-secret" and PLACEHOLDER.search(text):
        return True
    for tongue in _tongues(folded, language):
        for phrase in _phrases(kind, tongue):
            match = phrase.search(folded)
            if match and not _denied(folded, match, tongue):
                return True
    return False


def _tongues(folded: str, language: str) -> tuple[str, ...]:
    """Return the languages whose phrases are looked for: the text's own and English, or all when in doubt."""
    own = language.split("-", maxsplit=1)[0]
    if len(folded) <= _SHORT or own not in DENIALS:
        return tuple(DENIALS)
    return (own,) if own == "en" else (own, "en")


def _denied(folded: str, match: re.Match[str], tongue: str) -> bool:
    """Return whether the words just before or the end of the text take the phrase back."""
    reach = 8 if tongue in _SPACELESS else 28
    before = folded[max(0, match.start() - reach) : match.start()]
    denials, endings = _guards(tongue)
    return bool(denials.search(before) or endings.search(folded[match.end() :]))


@functools.cache
def _guards(tongue: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a language's denials (before a phrase) and of endings (after it)."""
    return _pattern(DENIALS[tongue], tongue), _pattern(ENDINGS.get(tongue, "\x00"), tongue)


@functools.cache
def _phrases(kind: Kind, tongue: str) -> tuple[_Phrase, ...]:
    """Return the compiled phrases of one situation in one language."""
    return tuple(_phrase(line, tongue) for line in kind.phrases.get(tongue, "").strip().splitlines() if line.strip())


def _phrase(line: str, tongue: str) -> _Phrase:
    """Compile one line of `situations.py`: groups of alternatives in order, "..": a few words may stand between."""
    groups = [group.strip() for group in line.split("..")]
    parts = tuple(tuple(_literal(word) for word in group.split("|")) for group in groups)
    gap = ".{0,12}?" if tongue in _SPACELESS else r"(?:\s\S+){0,5}?\s"
    return _Phrase(parts, re.compile(gap.join(_group(group, tongue) for group in groups)))


def _pattern(alternatives: str, tongue: str) -> re.Pattern[str]:
    return re.compile(_group(" ".join(alternatives.split()), tongue))


def _group(group: str, tongue: str) -> str:
    """Return the pattern of a group; a word matches whole unless it ends in "*"."""
    spaceless = tongue in _SPACELESS
    return "(?:" + "|".join(_word(word.strip(), spaceless=spaceless) for word in group.split("|")) + ")"


def _word(word: str, *, spaceless: bool) -> str:
    exact = re.escape(_literal(word))
    if spaceless:
        return exact
    return rf"(?<!\w){exact}" + (r"\w*" if word.endswith("*") else r"(?!\w)")


def _literal(word: str) -> str:
    """Return a word of a phrase as it looks in a folded text."""
    return fold_text(word.replace("*", "").strip())


@functools.cache
def _situation(kind: Kind) -> Situation:
    return Situation(kind.urgency, Reason(code=kind.code, text=kind.text), kind.category)


class RulesOnly:
    """The judge when no model can be used: it sorts what the situations tell and leaves the rest unsorted."""

    version = "rules"
    categories = ("security", "transaction", "account", "feedback")

    def judge(self, readings: Sequence[Reading]) -> list[Verdict]:
        """Return one verdict for each reading, in order; never raises for any text."""
        return [self._judge(reading) for reading in readings]

    def _judge(self, reading: Reading) -> Verdict:
        situations = find_situations(reading.text, reading.language)
        empty = not any(char.isalnum() for char in reading.text)
        return Verdict(
            nature="empty" if empty else "request",
            category=situations[0].category if situations else "unsorted",
            topic="",
            urgency=max((s.urgency for s in situations), default=Urgency.LOW if empty else Urgency.NORMAL),
            confidence=0.0,
            model=self.version,
            reasons=tuple(situation.reason for situation in situations),
        )
