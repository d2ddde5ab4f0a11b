"""Training a model from the corpus: learn, calibrate on what was not learned, measure, write, make it current."""

import argparse
import hashlib
import itertools
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from triage.classifier import artefact, calibrate, dataset
from triage.classifier.dataset import Row
from triage.classifier.evaluate import evaluate
from triage.classifier.fitting import Arrays, fit
from triage.classifier.predict import Model
from triage.classifier.scoring import Scorer, Scores, softmax

_FOLDS = 5
# A request that is taken for spam is never seen by anybody: only the very sure ones are kept out of the list.
_NATURE_FROM = 0.8


def train(rows: Sequence[Row], models: Path, version: str, *, seed: int = 1) -> dict[str, Any]:
    """Train on `rows`, write `models/VERSION/`, and return its card. The same rows and seed give the same bytes."""
    learned, measured = dataset.held_out(rows)
    settings = _calibrated(learned, seed)
    arrays, labels = fit(learned, seed=seed)
    trial = Model(version, Scorer(arrays, labels | settings), settings)
    figures = evaluate(trial, [_as_question(row) for row in measured if row.nature == "request"])
    # What was held out has measured; the model that is shipped learns from it too.
    arrays, labels = fit(rows, seed=seed)
    card = _card(rows, seed, figures, settings)
    stored = artefact.Artefact(version=version, arrays=arrays, settings=labels | settings, card=card)
    artefact.write(stored, models, _readable(version, card))
    return card


def _calibrated(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Return temperatures and thresholds, from predictions for folds that each prediction's model did not see."""
    order = np.argsort(
        [hashlib.sha256(f"{seed}{row.text}".encode("utf-8", "surrogatepass")).hexdigest() for row in rows]
    )
    folds = []
    for fold in range(_FOLDS):
        outside = [rows[i] for i in order[fold::_FOLDS]]
        inside = [rows[i] for place, i in enumerate(order) if place % _FOLDS != fold]
        folds.append((fit(inside, seed=seed), outside))
    # A fold may lack a rare topic, so each has its own columns: temperatures are found fold by fold.
    parts = [_predicted(model, outside) for model, outside in folds]
    warmth = [float(np.median([calibrate.temperature(*part[head]) for part in parts])) for head in range(3)]
    temperature = dict(zip(("nature", "category", "topic"), warmth, strict=True))
    sure = [softmax(np.log(np.clip(part[1][0], 1e-12, 1)) / warmth[1]) for part in parts]
    right = np.concatenate([each.argmax(axis=1) == part[1][1] for each, part in zip(sure, parts, strict=True)])
    confidence = np.concatenate([each.max(axis=1) for each in sure])
    # Signs of urgency are weighed as they will be seen: with the temperatures that were just found.
    signs = np.concatenate(
        [Scorer(a, labels | {"temperature": temperature}).score([row.text for row in out]).signs
         for (a, labels), out in folds]
    )  # fmt: skip
    asked = [row for _, outside in folds for row in outside]
    level = np.array([int(row.urgency) for row in asked])
    return {
        "temperature": temperature,
        "urgency_mix": calibrate.urgency_mix(signs, level),
        "thresholds": {
            "unsorted": calibrate.unsorted_below(confidence, right),
            "nature": _NATURE_FROM,
            "urgency": list(calibrate.URGENCY_FROM),
        },
    }


def _predicted(model: tuple[Arrays, dict[str, Any]], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Return for nature, category and topic the probabilities and the true labels of `rows`."""
    scorer = Scorer(*model)
    scores: Scores = scorer.score([row.text for row in rows])
    asked = [i for i, row in enumerate(rows) if row.nature == "request" and (row.category, row.topic) in scorer.topics]
    category = np.array([scorer.categories.index(rows[i].category) for i in asked])
    topic = np.array([scorer.topics.index((rows[i].category, rows[i].topic)) for i in asked])
    known = [i for i, row in enumerate(rows) if row.nature in scorer.natures]
    nature = np.array([scorer.natures.index(rows[i].nature) for i in known])
    return [
        (scores.nature[known], nature),
        (scores.category[asked], category),
        (scores.topic[asked], topic),
    ]


def _as_question(row: Row) -> dict[str, Any]:
    return {"text": row.text, "lang": row.lang, "category": row.category, "urgency": row.urgency.label}


def _card(rows: Sequence[Row], seed: int, figures: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return what must be known about the model, for programs."""
    return {
        "data": {
            "sha256": dataset.fingerprint(rows),
            "rows": len(rows),
            "languages": dict(sorted(Counter(row.lang for row in rows).items())),
            "categories": dict(sorted(Counter(row.category or row.nature for row in rows).items())),
        },
        "seed": seed,
        "made_with": {
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "held_out": figures,
        "thresholds": settings["thresholds"],
        "temperature": settings["temperature"],
    }


def _readable(version: str, card: dict[str, Any]) -> str:
    """Return the card for people."""
    held = card["held_out"]
    lines = [
        f"# Model {version}",
        "",
        f"Learned from {card['data']['rows']} written messages (SHA-256 {card['data']['sha256'][:16]}…).",
        "TF-IDF of words, word pairs and character n-grams; logistic regression and complement naive Bayes, added up;",
        "probabilities calibrated, and the signs of urgency weighed, on rows the predicting model had not seen.",
        "Not learned from: real customers' messages. No code in the files; every file's checksum is in card.json.",
        "",
        f"## On {held['n']} messages of the corpus that were held out",
        "| what | value |",
        "|---|---|",
    ]
    lines += [f"| {name.replace('_', ' ')} | {value} |" for name, value in held.items() if isinstance(value, float)]
    for title, key in (("category", "per_category"), ("language", "per_language")):
        lines += ["", f"| {title} | messages | accuracy |", "|---|---|---|"]
        lines += [f"| {name} | {row['n']} | {row['accuracy']} |" for name, row in held[key].items()]
    lines += ["", f"Below {card['thresholds']['unsorted']:.2f} a message is left unsorted, for review.", ""]
    return "\n".join(lines)


def _next_version(models: Path, now: datetime) -> str:
    """Return the month and the first number that no model has: "2026.11.1"."""
    return next(name for n in itertools.count(1) if not (models / (name := f"{now.year}.{now.month}.{n}")).exists())


def main(arguments: Sequence[str] | None = None) -> int:
    """Train from the command line: `python -m triage.classifier.train --out models`."""
    parser = argparse.ArgumentParser(description="Train a model from the corpus and make it the current one.")
    parser.add_argument("--out", type=Path, required=True, help="the models folder")
    parser.add_argument("--version", help="name of the new version; without it, the next free one of this month")
    parser.add_argument("--data", type=Path, nargs="*", help="corpus files; without it, the shipped corpus")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    version = options.version or _next_version(options.out, datetime.now(UTC))
    card = train(dataset.load(options.data), options.out, version, seed=options.seed)
    artefact.make_current(options.out, version)
    held = card["held_out"]
    sys.stdout.write(
        f"{version}: {card['data']['rows']} messages learned; of {held['n']} held out "
        f"{held['category_accuracy']} % in the right category, ECE {held['ece']}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
