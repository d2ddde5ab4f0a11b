"""What a new model must show before it judges: on data that never teaches, class by class, beside the current one.

An overall figure does not see that one class was lost: flipping 0.64 % of the labels cut one class from 92.5 to 60 %
and the whole from 92.5 to 89.2. So each class and each language is looked at alone, on the same messages for both.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from triage.case import Reading, Urgency, Verdict
from triage.classifier import Judge
from triage.classifier.calibrate import calibration_error
from triage.classifier.evaluate import Question, first_choice
from triage.classifier.urgency import RulesOnly

NEVER_MISSED = Path(__file__).parent / "never_missed.jsonl"
"""Messages that every model must call critical or high, whatever else it has learned."""

LOSSES = ((3.0, 0.05), (20.0, 0.15))
"""Percentage points that a class or language may lose, and how rarely chance alone must lose as much: a great loss of
a small class cannot be as sure as a small loss of a great one."""

FLOOR = 40.0
"""Recall that a class must have where there is no model to compare with."""

FEWEST = 5
"""Messages below which a class or language says nothing alone."""

MOST_ECE = 4.0
"""Calibration error, in percent, beyond what so few messages show by chance."""

SLOWEST = {"default": 0.015, "semantic": 0.05}
"""CPU-seconds for one message, the slowest twentieth aside: three times the goal, because machines are busy."""

_TIMED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition, and whether it holds.

    Attributes:
        name: "class security", "language es", "never missed", "calibration", "speed".
        told: What was found, in one line.
    """

    name: str
    passed: bool
    told: str


@dataclass(frozen=True, slots=True)
class _Group:
    """Some of the questions, and which of them were answered rightly."""

    name: str
    now: tuple[bool, ...]
    before: tuple[bool, ...] | None


def gates(
    judge: Judge,
    questions: Sequence[Question],
    verdicts: Sequence[Verdict],
    before: Sequence[Verdict] | None,
    profile: str = "default",
) -> list[Gate]:
    """Return every condition on a model; `verdicts` are its own and `before` the current model's on `questions`.

    `before` is None where there is nothing to compare with: then each class must reach the floor.
    """
    return [
        *(_held(group) for group in _groups(questions, verdicts, before) if len(group.now) >= FEWEST),
        never_missed(judge, learned=any(map(_urgent, questions))),
        _calibration(questions, verdicts),
        speed(judge, [question.reading for question in questions[:_TIMED]], profile),
    ]


def _groups(
    questions: Sequence[Question], verdicts: Sequence[Verdict], before: Sequence[Verdict] | None
) -> Iterator[_Group]:
    """Yield each class, each language, what is urgent in each class, and what is not urgent at all."""

    def group(name: str, own: Callable[[Question], bool], right: Callable[[Question, Verdict], bool]) -> _Group:
        places = [i for i, question in enumerate(questions) if own(question)]
        now = tuple(right(questions[i], verdicts[i]) for i in places)
        old = None if before is None else tuple(right(questions[i], before[i]) for i in places)
        return _Group(name, now, old)

    for category in dict.fromkeys(question.category for question in questions):
        yield group(f"class {category}", lambda q, c=category: q.category == c, _sorted_right)  # type: ignore[misc]
        yield group(f"urgent {category}", lambda q, c=category: q.category == c and _urgent(q), _seen)  # type: ignore[misc]
    for lang in dict.fromkeys(question.lang for question in questions):
        yield group(f"language {lang}", lambda q, own=lang: q.lang == own, _sorted_right)  # type: ignore[misc]
    yield group("not urgent", lambda q: q.urgency is not None and not _urgent(q), lambda q, v: not _seen(q, v))


def _sorted_right(question: Question, verdict: Verdict) -> bool:
    return first_choice(verdict) == question.category


def _urgent(question: Question) -> bool:
    return question.urgency is not None and question.urgency >= Urgency.HIGH


def _seen(_: Question, verdict: Verdict) -> bool:
    return verdict.urgency >= Urgency.HIGH


def _held(group: _Group) -> Gate:
    """Return whether a group has not become worse, or is good enough where there is nothing to compare with."""
    share, n = 100 * float(np.mean(group.now)), len(group.now)
    if group.before is None:
        # What is urgent has its own floor: the messages that no model may miss.
        passed = share >= FLOOR or not group.name.startswith("class ")
        return Gate(name=group.name, passed=passed, told=f"{share:.1f} % of {n}; at least {FLOOR:.0f} %")
    lost = sum(old and not new for old, new in zip(group.before, group.now, strict=True))
    won = sum(new and not old for old, new in zip(group.before, group.now, strict=True))
    worse = any(100 * (lost - won) / n > points and _by_chance(lost, won) < chance for points, chance in LOSSES)
    told = f"{share:.1f} % of {n}, before {100 * float(np.mean(group.before)):.1f} %: {won} won, {lost} lost"
    return Gate(name=group.name, passed=not worse, told=told)


def _by_chance(lost: int, won: int) -> float:
    """Return how often chance alone loses so many of what changed (one-sided sign test)."""
    changed = lost + won
    return float(sum(math.comb(changed, k) for k in range(lost, changed + 1)) / 2**changed)


def never_missed(judge: Judge, *, learned: bool = True) -> Gate:
    """Return whether every message that no model may miss is critical or high.

    A model that has `learned` from no urgent message knows what the situations tell: only that can be asked of it.
    """
    readings = [*_readings()] if learned else _seen_by_rules()
    missed = [
        f"{reading.language}: {reading.text[:40]}"
        for reading, verdict in zip(readings, judge.judge(readings), strict=True)
        if verdict.nature != "request" or verdict.urgency < Urgency.HIGH
    ]
    told = f"{len(readings) - len(missed)} of {len(readings)}" + "".join(f"; missed {each}" for each in missed[:3])
    if not learned:
        told += "; no message of the data is urgent, so only the situations raise"
    return Gate(name="never missed", passed=not missed, told=told)


def _seen_by_rules() -> list[Reading]:
    """Return the messages that the situations alone call critical or high."""
    verdicts = zip(_readings(), RulesOnly().judge(_readings()), strict=True)
    return [reading for reading, verdict in verdicts if verdict.urgency >= Urgency.HIGH]


@cache
def _readings() -> tuple[Reading, ...]:
    lines = NEVER_MISSED.read_text("utf-8").splitlines()
    return tuple(Reading(text=row["text"], language=row["lang"]) for row in map(json.loads, lines))


def _calibration(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> Gate:
    """Return whether confidence is as true as it can be seen to be on so many messages."""
    confidence = np.array([verdict.confidence for verdict in verdicts])
    right = np.array([_sorted_right(q, v) for q, v in zip(questions, verdicts, strict=True)], dtype=bool)
    error = calibration_error(confidence, right)
    # Ten groups of n/10 messages that are right exactly as often as is said still miss by this much on average.
    spread = math.sqrt(float(np.mean(confidence * (1 - confidence)))) if len(confidence) else 0.0
    chance = 100 * math.sqrt(2 / math.pi) * spread / math.sqrt(max(len(confidence), 1) / 10)
    told = f"{error:.1f} %, at most {MOST_ECE:.0f} + {chance:.1f} that so few messages show by chance"
    return Gate(name="calibration", passed=error <= MOST_ECE + chance, told=told)


def speed(judge: Judge, readings: Sequence[Reading], profile: str = "default") -> Gate:
    """Return whether one message is judged quickly enough; the figure is this machine's, so only the limit is told."""
    spent = []
    for reading in readings:
        begun = time.thread_time()
        judge.judge([reading])
        spent.append(time.thread_time() - begun)
    slowest = float(np.quantile(spent, 0.95)) if spent else 0.0
    limit = SLOWEST[profile]
    passed = slowest <= limit
    told = f"within {1000 * limit:.0f} ms" if passed else f"takes more than {1000 * limit:.0f} ms"
    return Gate(name="speed", passed=passed, told=f"one message {told} of CPU time")
