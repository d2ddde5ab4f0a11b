"""Measuring a judge on labelled messages: one table per question, class and language."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from triage.case import Reading, Urgency, Verdict
from triage.classifier import Judge
from triage.classifier.calibrate import calibration_error
from triage.errors import ConfigError
from triage.rules import language

_BATCH = 256
_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A message whose right verdict is known.

    Attributes:
        lang: As the data says it ("zh"), for the tables.
        category: The right one.
        urgency: None where the data does not say.
    """

    text: str
    lang: str
    category: str
    urgency: Urgency | None = None

    @property
    def reading(self) -> Reading:
        """Return what the desk would have read; what the data leaves open of the language, the text tells."""
        known = self.lang in language.LANGUAGES
        return Reading(text=self.text, language=self.lang if known else language.detect(self.text, hint=self.lang))


def read(path: Path) -> list[Question]:
    """Return the messages of a JSON-lines file: `text`, `category`, perhaps `lang` and `urgency`; the rest is ignored.

    Raises `ConfigError` naming file and line of the first one that is wrong, or when there is none.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    found = [_question(line, f"{path.name}:{n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise ConfigError(f"{path}: there is no message in it")
    return found


def _question(line: str, where: str) -> Question:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON ({error})") from error
    if not isinstance(raw, dict) or not all(isinstance(raw.get(key), str) for key in ("text", "category")):
        raise ConfigError(f"{where}: needs the text keys text and category")
    lang, urgency = raw.get("lang") or "", raw.get("urgency")
    if not isinstance(lang, str) or (urgency is not None and urgency not in [u.label for u in Urgency]):
        raise ConfigError(f"{where}: urgency {urgency!r} or lang {lang!r} is not a known word")
    level = None if urgency is None else Urgency[urgency.upper()]
    return Question(text=raw["text"], lang=lang, category=raw["category"], urgency=level)


def verdicts_on(
    judge: Judge, questions: Sequence[Question], tick: Callable[[int], object] = lambda _: None
) -> list[Verdict]:
    """Return the judge's verdict on each question, in order; `tick` hears how many more are judged."""
    found: list[Verdict] = []
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        found += judge.judge([question.reading for question in batch])
        tick(len(batch))
    return found


def evaluate(
    judge: Judge, questions: Sequence[Question], tick: Callable[[int], object] = lambda _: None
) -> dict[str, Any]:
    """Return the figures for `questions`; percentages are 0 to 100. An unsorted message counts by its first choice."""
    return {"n": len(questions), "model": judge.version} | figures(questions, verdicts_on(judge, questions, tick))


def figures(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the figures of verdicts beside what would have been right; "reliability" is the calibration curve."""
    guesses = [first_choice(verdict) for verdict in verdicts]
    truth = [question.category for question in questions]
    right = np.array([guess == own for guess, own in zip(guesses, truth, strict=True)], dtype=bool)
    confidence = np.array([verdict.confidence for verdict in verdicts])
    surest = np.argsort(-confidence, kind="stable")[: round(0.8 * len(questions))]
    per_category = dict(_per_class(truth, guesses))
    return {
        "category_accuracy": _percent(right),
        "category_macro_f1": _mean([row["f1"] for row in per_category.values()]),
        "coverage_80_accuracy": _percent(right[surest]),
        "unsorted": _percent([verdict.category == "unsorted" for verdict in verdicts]),
        "ece": round(calibration_error(confidence, right, _BINS), 1),
        "per_category": per_category,
        "per_language": dict(_per_language(questions, verdicts, right)),
        "confusion": _confusion(truth, guesses),
        "reliability": _reliability(confidence, right),
    } | _urgency(questions, verdicts)


def first_choice(verdict: Verdict) -> str:
    """Return the likeliest category even of a verdict that was left unsorted, or the nature of no request."""
    if verdict.nature != "request":
        return verdict.nature
    unsure = [reason.text for reason in verdict.reasons if reason.code == "model.unsure"]
    # A team's own category may have a comma in its name.
    return unsure[0].removeprefix("most likely ").rpartition(", but only ")[0] if unsure else verdict.category


def _per_class(truth: Sequence[Any], said: Sequence[Any]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield for each class that occurs its name, count, recall (also as "accuracy"), precision and F1, in percent."""
    pairs, of_truth, of_said = Counter(zip(truth, said, strict=True)), Counter(truth), Counter(said)
    for name in sorted(of_truth):
        hit = pairs[name, name]
        recall = _share(hit, of_truth[name])
        yield (
            str(name),
            {
                "n": of_truth[name],
                "accuracy": recall,
                "recall": recall,
                "precision": _share(hit, of_said[name]),
                "f1": _share(2 * hit, of_truth[name] + of_said[name]),
            },
        )


def _per_language(
    questions: Sequence[Question], verdicts: Sequence[Verdict], right: Any
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield for each language its count and accuracy, and how much of what is urgent was seen, where there is any."""
    for lang in sorted({question.lang for question in questions}):
        own = [i for i, question in enumerate(questions) if question.lang == lang]
        row = {"n": len(own), "accuracy": _percent(right[own])}
        urgent = [i for i in own if (questions[i].urgency or Urgency.LOW) >= Urgency.HIGH]
        if urgent:
            row["high_or_critical_recall"] = _percent([verdicts[i].urgency >= Urgency.HIGH for i in urgent])
        yield lang or language.UNKNOWN, row


def _urgency(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the figures on urgency, for the questions that are labelled with it."""
    known = [(q.urgency, v.urgency) for q, v in zip(questions, verdicts, strict=True) if q.urgency is not None]
    if not known:
        return {}
    truth, said = (np.array(column) for column in zip(*known, strict=True))
    levels = [Urgency(level).label for level in truth], [Urgency(level).label for level in said]
    return {
        "urgency_accuracy": _percent(truth == said),
        "urgency_within_one": _percent(abs(truth - said) <= 1),
        "critical_recall": _percent((said == Urgency.CRITICAL)[truth == Urgency.CRITICAL]),
        "critical_precision": _percent((truth == Urgency.CRITICAL)[said == Urgency.CRITICAL]),
        "high_or_critical_recall": _percent((said >= Urgency.HIGH)[truth >= Urgency.HIGH]),
        "per_urgency": dict(_per_class(*levels)),
    }


def _reliability(confidence: Any, right: Any) -> list[dict[str, float]]:
    """Return mean confidence and accuracy, in percent, of ten groups of equal width that are not empty."""
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1) if len(confidence) else np.zeros(0, int)
    groups = [np.flatnonzero(place == group) for group in range(_BINS)]
    return [
        {"n": len(own), "confidence": round(100 * float(confidence[own].mean()), 1), "accuracy": _percent(right[own])}
        for own in groups
        if len(own)
    ]


def _confusion(truth: Sequence[str], guesses: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how often each category was taken for which."""
    pairs = Counter(zip(truth, guesses, strict=True))
    names = sorted(set(truth))
    return {name: {guess: n for (own, guess), n in sorted(pairs.items()) if own == name} for name in names}


def _percent(hits: Any) -> float:
    """Return the share of true values in percent; 0 of nothing."""
    return round(100 * float(np.mean(hits)), 1) if len(hits) else 0.0


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 1) if values else 0.0
