"""Measuring a judge on labelled messages: one table per question, class and language."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from triage.case import Reading, Urgency, Verdict
from triage.classifier import Judge
from triage.classifier.calibrate import calibration_error
from triage.errors import ConfigError

_BATCH = 256


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSON-lines file with `text`, `lang`, `category` and perhaps `urgency`."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append({"lang": "und", **row, "text": str(row["text"]), "category": str(row["category"])})
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path.name}:{number}: needs text and category ({error})") from error
    return rows


def evaluate(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures for `rows`; percentages are 0 to 100. An unsorted message counts by its first choice."""
    verdicts: list[Verdict] = []
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        verdicts += judge.judge([Reading(text=row["text"], language=str(row["lang"])) for row in batch])
    guesses = [first_choice(verdict) for verdict in verdicts]
    right = np.array([guess == row["category"] for guess, row in zip(guesses, rows, strict=True)], dtype=bool)
    confidence = np.array([verdict.confidence for verdict in verdicts])
    surest = np.argsort(-confidence, kind="stable")[: round(0.8 * len(rows))]
    figures: dict[str, Any] = {
        "n": len(rows),
        "model": judge.version,
        "category_accuracy": _percent(right),
        "category_macro_f1": _macro_f1([row["category"] for row in rows], guesses),
        "coverage_80_accuracy": _percent(right[surest]),
        "unsorted": _percent(np.array([verdict.category == "unsorted" for verdict in verdicts])),
        "ece": round(calibration_error(confidence, right), 1),
        "per_category": _by([row["category"] for row in rows], right),
        "per_language": _by([row["lang"] for row in rows], right),
        "confusion": _confusion([row["category"] for row in rows], guesses),
    }
    return figures | _urgency(rows, verdicts)


def first_choice(verdict: Verdict) -> str:
    """Return the likeliest category even of a verdict that was left unsorted, or the nature of no request."""
    if verdict.nature != "request":
        return verdict.nature
    unsure = [reason.text for reason in verdict.reasons if reason.code == "model.unsure"]
    return unsure[0].removeprefix("most likely ").split(",")[0] if unsure else verdict.category


def _urgency(rows: Sequence[dict[str, Any]], verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Return the figures on urgency, for the rows that are labelled with it."""
    known = [
        (Urgency[str(r["urgency"]).upper()], v.urgency) for r, v in zip(rows, verdicts, strict=True) if "urgency" in r
    ]
    if not known:
        return {}
    truth = np.array([pair[0] for pair in known])
    said = np.array([pair[1] for pair in known])
    return {
        "urgency_accuracy": _percent(truth == said),
        "urgency_within_one": _percent(abs(truth - said) <= 1),
        "critical_recall": _percent((said == 3)[truth == 3]),
        "critical_precision": _percent((truth == 3)[said == 3]),
        "high_or_critical_recall": _percent((said >= 2)[truth >= 2]),
    }


def _percent(hits: Any) -> float:
    """Return the share of true values in percent; 0 of nothing."""
    return round(100 * float(np.mean(hits)), 1) if len(hits) else 0.0


def _by(group: Sequence[str], right: Any) -> dict[str, dict[str, float]]:
    """Return count and accuracy of each group."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for name, good in zip(group, right, strict=True):
        hits[name].append(bool(good))
    return {name: {"n": len(good), "accuracy": _percent(good)} for name, good in sorted(hits.items())}


def _confusion(truth: Sequence[str], guesses: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how often each category was taken for which."""
    pairs = Counter(zip(truth, guesses, strict=True))
    names = sorted(set(truth))
    return {name: {guess: n for (own, guess), n in sorted(pairs.items()) if own == name} for name in names}


def _macro_f1(truth: Sequence[str], guesses: Sequence[str]) -> float:
    """Return the mean F1 over the categories that occur, in percent."""
    pairs = Counter(zip(truth, guesses, strict=True))
    said, true = Counter(guesses), Counter(truth)
    scores = [2 * pairs[name, name] / (said[name] + true[name]) for name in true]
    return round(100 * float(np.mean(scores)), 1) if scores else 0.0
