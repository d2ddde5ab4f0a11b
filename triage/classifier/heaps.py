"""Alarming words that are only called out ("urgent stolen hacked"): who lists them tells of nothing, and gains nothing.

Cut out are heaps, several such words in a row, and bare ones, beside which stands no word that makes a statement of
them: "my wallet was hacked" stays, "how do I swap hacked" becomes "how do I swap". Who sprinkles alarming words over a
calm text hits such a word by chance too: where one was thrown in, only those are believed that stand in a phrase.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.classifier.finder import Finder
from triage.classifier.folding import LONGEST_TEXT, codes_of, fold, fold_text
from triage.classifier.phrases import SPACELESS, alternatives, literal
from triage.classifier.situations import ALARMS, FRAMES, PRESSING
from triage.classifier.tongues import with_english

# A text that is little else keeps its alarming words: somebody in a panic may write no more than that.
_LEAST_REST = 12
_CLAUSE_ENDS = re.compile(r"[.!?;:\n。！？；：…،؟]")
# How far the words beside an alarming one are looked for.
_BESIDE = 24
_ONE_WORD = r"(?:[\u3041-\u30ff\u3400-\u9fff]|[^\W\u3041-\u30ff\u3400-\u9fff]+)"
_WORD = re.compile(_ONE_WORD)
# A neighbour is one that nothing but space parts from them.
_LAST, _FIRST = re.compile(rf"({_ONE_WORD})\s*$"), re.compile(rf"^\s*({_ONE_WORD})")

Span = tuple[int, int]
Joins = Callable[[str, str], bool]
"""Tells whether a word often stands just before another one; what a model has learned knows."""


@dataclass(frozen=True, slots=True)
class _Alarm:
    """Alarming words that follow each other, mostly one, where they stand.

    Attributes:
        span: Where they begin and end.
        framed: A word that makes a statement stands on one side, on both where there are two to know by.
        said: They are a phrase by what stands on both sides, or by what is known of their neighbours.
        between: They part two words that belong together.
        several: They are more than one.
    """

    span: Span
    framed: bool
    said: bool
    between: bool
    several: bool

    @property
    def thrown_in(self) -> bool:
        """Return whether they were put there rather than said."""
        return not self.said and (self.between or self.several or not self.framed)


def _never(_left: str, _right: str) -> bool:
    return False


def without_heaps(text: str, language: str, joins: Joins = _never) -> str:
    """Return `text` with spaces where heaps and bare words were, so that every other word stays in its place.

    With what `joins` knows, words are recognised as thrown in by the neighbours that they part, too.
    """
    return _cut(text, language, joins) if has_alarms(fold_text(text[:LONGEST_TEXT]), language) else text


def has_alarms(folded: str, language: str) -> bool:
    """Return whether an alarming word stands in a folded text: most have none, and need no closer look."""
    return any(_alarms(tongue).found(folded) for tongue in with_english(language, ALARMS))


def _cut(text: str, language: str, joins: Joins) -> str:
    """Return `text` without its heaps and bare words, unless hardly anything else is in it."""
    folded = _in_place(text[:LONGEST_TEXT])
    rest = text
    for tongue in with_english(language, ALARMS):
        for heap in _heaps(tongue).finditer(folded):
            rest = _blank(rest, _heap(text, folded, heap.span(), tongue))
        runs = _runs(_any(ALARMS, tongue).finditer(folded), rest)
        alarms = [_alarm(rest, folded, run, language, joins) for run in runs]
        sprinkled = any(alarm.thrown_in for alarm in alarms)
        gone = [alarm.span for alarm in alarms if not alarm.framed or (sprinkled and not alarm.said)]
        pressing = [match.span() for match in _any(PRESSING, tongue).finditer(folded)] if sprinkled else []
        for span in (*gone, *pressing):
            rest = _blank(rest, span)
    return rest if rest is text or _length(rest) >= _LEAST_REST else text


def _heap(text: str, folded: str, span: Span, tongue: str) -> Span:
    """Return where a heap begins and ends: without its last clause if that goes on ("hacked! thief stole my coins")."""
    start, end = span
    ends = [start + found.end() for found in _CLAUSE_ENDS.finditer(text[start:end])]
    goes_on = bool(ends) and ends[-1] < end and _frames(folded, span, 0, _BESIDE, tongue)[1]
    return (start, ends[-1]) if goes_on else span


def _runs(matches: Iterable[re.Match[str]], text: str) -> list[list[Span]]:
    """Return where alarming words stand in a text, together those that no other word and no clause's end parts."""
    runs: list[list[Span]] = []
    for span in (match.span() for match in matches if text[slice(*match.span())].strip()):
        gap = text[runs[-1][-1][1] : span[0]] if runs else "-"
        if runs and not _CLAUSE_ENDS.search(gap) and not any(map(str.isalnum, gap)):
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs


def _alarm(text: str, folded: str, run: Sequence[Span], language: str, joins: Joins) -> _Alarm:
    """Return what speaks for and against a run of alarming words in a text without its heaps."""
    span = run[0][0], run[-1][1]
    before, behind = _beside(text, span)
    sides = [_frames(folded, span, len(before), len(behind), tongue) for tongue in with_english(language, ALARMS)]
    left, own, right = _LAST.findall(before), _WORD.findall(text[slice(*span)]), _FIRST.findall(behind)
    between = bool(left and right) and joins(left[0], right[0])
    known = (bool(left) and joins(left[0], own[0])) or (bool(right) and joins(own[-1], right[0]))
    framed_left, framed_right = any(side[0] for side in sides), any(side[1] for side in sides)
    # Who begins a clause with them and goes on with a frame says them, too.
    both = framed_right and (framed_left or not left)
    if language.startswith(tuple(SPACELESS)):
        both = both and not between
    framed = framed_left or framed_right
    if left and right and joins is not _never and not language.startswith(tuple(SPACELESS)):
        # Amid a clause one frame stands by chance too often, unless it is one that asks for such a word ("was").
        asks = any(fold_text(left[0]) in _asking(tongue) for tongue in with_english(language, ALARMS))
        framed = (framed_left and framed_right) or known or asks
    return _Alarm(span, framed, both or (known and not between), between, len(run) > 1)


def _blank(text: str, span: Span) -> str:
    """Return `text` with spaces at a span."""
    return text[: span[0]] + " " * (span[1] - span[0]) + text[span[1] :]


def _beside(text: str, span: Span) -> tuple[str, str]:
    """Return what stands before and behind a span in the same clause."""
    start, end = span
    before = _CLAUSE_ENDS.split(text[max(0, start - _BESIDE) : start])[-1]
    return before, _CLAUSE_ENDS.split(text[end : end + _BESIDE], maxsplit=1)[0]


def _frames(folded: str, span: Span, before: int, behind: int, tongue: str) -> tuple[bool, bool]:
    """Return whether a word that makes a statement stands before a span, and behind it, in so many characters."""
    start, end = span
    left, right = _frame(tongue)
    return bool(left.search(folded, start - before, start)), bool(right.match(folded, end, end + behind))


def _length(text: str) -> int:
    """Return how much a text says, in letters; an ideograph says as much as three."""
    return sum(3 if char >= "\u2e80" else 1 for char in text if char.isalnum())


def _in_place(text: str) -> str:
    """Return `text` folded, one character for each; what folding deletes is a NUL."""
    return fold(codes_of(text)).astype("<u4").tobytes().decode("utf-32-le", "replace")


@functools.cache
def _alarms(tongue: str) -> Finder[None]:
    """Return what finds a language's alarming words in a folded text."""
    return Finder((literal(word), None) for word in ALARMS[tongue].split("|"))


@functools.cache
def _frame(tongue: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a word that makes a statement, just before and just behind an alarming one."""
    before, behind = ("|".join(_longest_first(FRAMES[side][tongue])) for side in ("before", "behind"))
    if tongue in SPACELESS:
        return re.compile(rf"(?:{before})[ \0]?$"), re.compile(rf"[ \0]?(?:{behind})")
    return re.compile(rf"(?<!\w)(?:{before})[ \0]+$"), re.compile(rf"[ \0]+(?:{behind})(?!\w)")


@functools.cache
def _asking(tongue: str) -> frozenset[str]:
    """Return a language's words after which an alarming one is said, whatever follows."""
    return frozenset(FRAMES["asking"].get(tongue, "").split("|"))


def _longest_first(words: str) -> list[str]:
    return sorted((re.escape(literal(word)) for word in words.split("|")), key=len, reverse=True)


def _any(words: Mapping[str, str], tongue: str) -> re.Pattern[str]:
    """Return the pattern of one of a language's words; the longest is found where several begin alike."""
    return _pattern(words[tongue], tongue)


@functools.cache
def _pattern(words: str, tongue: str) -> re.Pattern[str]:
    return re.compile(alternatives("|".join(sorted(words.split("|"), key=len, reverse=True)), tongue))


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
