"""Situations that make a message urgent whatever its words otherwise look like: they raise and never lower.

`situations.toml` holds the phrases of each language; this is how they are found. A phrase that is denied,
asked about or reported as over ("was not hacked", "what if", "got it back") tells of no situation.
"""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from triage.case import Reading, Reason, Urgency, Verdict
from triage.classifier.dataset import CATEGORIES
from triage.classifier.finder import Finder
from triage.classifier.folding import LONGEST_TEXT, fold_text
from triage.classifier.heaps import without_heaps
from triage.classifier.phrases import SPACELESS, alternatives, literal
from triage.classifier.situations import DENIALS, ENDINGS, PAST, PLACEHOLDER, SITUATIONS, Kind
from triage.classifier.tongues import own_tongue

# A text this short is searched in every language of its script: its own is too often guessed wrong.
_SHORT = 80
_SCRIPTS = (
    ("\u3041", "\u30ff", ("ja",)),
    ("\u3400", "\u9fff", ("zh", "ja")),
    ("\uac00", "\ud7a3", ("ko",)),
    ("\u0400", "\u04ff", ("ru",)),
    ("\u0600", "\u06ff", ("ar",)),
    ("a", "z", ("en", "es", "pt", "fr", "de", "tr", "vi", "id")),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that a text tells of."""

    urgency: Urgency
    reason: Reason
    category: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One phrase of one language: how it begins, the cheap test for its parts, and the exact pattern."""

    first: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]  # those with the fewest words first: they are looked for soonest
    pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """Return where the phrase stands in a folded text; most texts fail the first cheap test."""
        for part in self.parts:
            for word in part:
                if word in text:
                    break
            else:
                return None
        # A search from every character would take ten times as long.
        tries = (self.pattern.match(text, start) for start in sorted(_places(self.first, text)))
        return next((match for match in tries if match), None)


def find_situations(text: str, language: str = "und", *, folded: str = "") -> tuple[Situation, ...]:
    """Return the situations `text` tells of, most urgent first, each at most once; `folded` saves folding it again."""
    folded = folded or fold_text(text[:LONGEST_TEXT])
    spans: dict[str, tuple[int, int]] = {}
    found = []
    for tongue in _tongues(folded, language):
        for kind, phrases in _possible(folded, tongue):
            if kind.code not in spans and (span := _stands(kind, phrases, folded, tongue)):
                spans[kind.code] = span
                found.append(_situation(kind, long_ago=bool(_guard("past", tongue).search(folded))))
    if "rule.leaked-secret" not in spans and PLACEHOLDER.search(text):
        found += [_situation(kind, long_ago=False) for kind in SITUATIONS if kind.code == "rule.leaked-secret"]
    # "My phone was stolen" is a lost device; only other words make it a theft of money.
    if _overlap(spans.get("rule.theft"), spans.get("rule.lost-device")):
        found = [situation for situation in found if situation.reason.code != "rule.theft"]
    return tuple(sorted(found, key=lambda situation: -situation.urgency))


def _possible(folded: str, tongue: str) -> list[tuple[Kind, list[_Phrase]]]:
    """Return the kinds of situation that `folded` may tell of, in their order: one part of each phrase is there."""
    chosen = sorted({place for _, _, place in _finder(tongue).find(folded)})
    kinds = itertools.groupby(chosen, key=lambda place: place[0])
    return [(SITUATIONS[kind], [_phrases(SITUATIONS[kind], tongue)[at] for _, at in places]) for kind, places in kinds]


def _stands(kind: Kind, phrases: Sequence[_Phrase], folded: str, tongue: str) -> tuple[int, int] | None:
    """Return where `folded` says by one of these phrases that a situation of this kind is the case."""
    for phrase in phrases:
        match = phrase.search(folded)
        if match and not _denied(folded, match, tongue):
            # "Was not hacked": what stands between the parts can deny it too, except where not moving is the matter.
            if kind.category == "security" and any(_guard("denial", tongue).search(gap) for gap in match.groups()):
                continue
            return match.span()
    return None


def _tongues(folded: str, language: str) -> tuple[str, ...]:
    """Return the languages whose phrases are looked for: the text's own and English, or all of its scripts."""
    own = own_tongue(language)
    if len(folded) > _SHORT and own in DENIALS:
        return (own,) if own == "en" else (own, "en")
    highest, letters = max(folded, default=""), set(folded[:500])
    tongues: list[str] = [own] if own in DENIALS else []
    for first, last, names in _SCRIPTS:
        if highest >= first and any(first <= letter <= last for letter in letters):
            tongues += [name for name in names if name not in tongues]
    return tuple(tongues)


def _places(words: Iterable[str], text: str) -> Iterator[int]:
    """Yield every place where one of `words` begins."""
    for word in words:
        place = text.find(word)
        while place >= 0:
            yield place
            place = text.find(word, place + 1)


def _denied(folded: str, match: re.Match[str], tongue: str) -> bool:
    """Return whether the words just before a phrase, or any after it, take it back."""
    reach = 8 if tongue in SPACELESS else 28
    before = folded[max(0, match.start() - reach) : match.start()]
    return bool(_guard("denial", tongue).search(before) or _guard("ending", tongue).search(folded, match.end()))


def _overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Return whether two places in a text share a character."""
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]


@functools.cache
def _guard(name: str, tongue: str) -> re.Pattern[str]:
    """Return a language's pattern of denials, of endings, or of what was long ago."""
    words = {"denial": DENIALS, "ending": ENDINGS, "past": PAST}[name][tongue]
    return re.compile(alternatives(words, tongue))


@functools.cache
def _phrases(kind: Kind, tongue: str) -> tuple[_Phrase, ...]:
    """Return the compiled phrases of one situation in one language."""
    return tuple(_phrase(line, tongue) for line in kind.phrases.get(tongue, ()))


@functools.cache
def _finder(tongue: str) -> Finder[tuple[int, int]]:
    """Return what finds one part of every phrase of a language, and of which kind it is the how manyth phrase."""
    return Finder(
        (word, (place, at))
        for place, kind in enumerate(SITUATIONS)
        for at, phrase in enumerate(_phrases(kind, tongue))
        for word in phrase.parts[0]
    )


def _phrase(line: str, tongue: str) -> _Phrase:
    """Compile one line of `situations.toml`: groups of alternatives, a few words between them."""
    groups = [group.strip() for group in line.split("..")]
    parts = tuple(tuple(literal(word) for word in group.split("|")) for group in groups)
    gap = "(.{0,12}?)" if tongue in SPACELESS else r"((?:\s\S+){0,5}?)\s"
    return _Phrase(
        parts[0], tuple(sorted(parts, key=len)), re.compile(gap.join(alternatives(group, tongue) for group in groups))
    )


@functools.cache
def _situation(kind: Kind, *, long_ago: bool) -> Situation:
    """Return the situation of a kind; what happened long ago is not happening now."""
    urgency = min(kind.urgency, Urgency.HIGH) if long_ago else kind.urgency
    return Situation(urgency, Reason(code=kind.code, text=kind.text), kind.category)


class RulesOnly:
    """The judge when no model can be used: it sorts what the situations tell and leaves the rest unsorted."""

    version = "rules"
    categories = CATEGORIES
    topics: tuple[tuple[str, str], ...] = ()

    def judge(self, readings: Sequence[Reading]) -> list[Verdict]:
        """Return one verdict for each reading, in order; never raises for any text."""
        return [self._judge(reading) for reading in readings]

    def _judge(self, reading: Reading) -> Verdict:
        """Return the verdict on one message: what its situations say, and normal urgency when they say nothing."""
        situations = find_situations(without_heaps(reading.text, reading.language), reading.language)
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
