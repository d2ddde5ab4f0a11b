"""Making probabilities true on predictions for rows that were not learned, and saying which are enough."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from triage.classifier.dataset import Row
from triage.classifier.scoring import Matrix, Scorer, softmax
from triage.classifier.semantic import Encoder

# The encoder costs as much as ten messages do without it: it is asked about the least sure of the messages that the
# corpus is made of, which are harder than most, and never about those that are sure enough.
_ASKED_SHARE, _SURE_ENOUGH = 0.6, 0.95

# Probability that is enough for normal. That high and critical need is found from what must be caught of them, and how
# much of what is called so must be so: a missed theft is far worse than a message that somebody reads too early.
_NORMAL_FROM = 0.45
_CAUGHT = {"high": 0.88, "critical": 0.88}
_TRUE = {"high": 0.7, "critical": 0.6}


def temperature(probabilities: Matrix, label: NDArray[np.int64]) -> float:
    """Return the number by which logits must be divided so that the right label is as likely as is said."""
    logits = np.log(np.clip(probabilities, 1e-12, 1))
    candidates = np.geomspace(0.3, 6.0, 80)
    loss = [-np.log(softmax(logits / t)[np.arange(len(label)), label] + 1e-12).mean() for t in candidates]
    return float(candidates[int(np.argmin(loss))])


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error in percent: the mean gap between confidence and accuracy."""
    if not len(confidence):
        return 0.0
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    place = np.searchsorted(edges, confidence, side="right")
    gaps = [abs(confidence[place == b].mean() - right[place == b].mean()) * np.mean(place == b) for b in set(place)]
    return float(100 * sum(gaps))


def unsorted_below(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the confidence below which a category is more often wrong than right, at most 0.35."""
    order = np.argsort(confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    wrong = np.flatnonzero(share < 0.5)
    return round(min(float(confidence[order[wrong[-1]]]), 0.35), 3) if len(wrong) else 0.0


def urgency_from(probable: Matrix, truth: NDArray[np.int64]) -> list[float]:
    """Return the probability that is enough for normal, high and critical."""
    return [
        _NORMAL_FROM,
        *(_enough(probable[:, level], truth > level, name) for level, name in ((1, "high"), (2, "critical"))),
    ]


def _enough(probable: NDArray[np.float64], reached: NDArray[np.bool_], name: str) -> float:
    """Return the highest probability that catches enough, or the lowest at which enough of what is said is true."""
    order = np.argsort(-probable, kind="stable")
    caught = np.cumsum(reached[order])
    if not caught[-1]:
        return 0.5
    true = caught / np.arange(1, len(order) + 1)
    last = int(np.argmax(caught >= _CAUGHT[name] * caught[-1]))
    if true[last] < _TRUE[name]:
        last = int(np.flatnonzero(true >= _TRUE[name]).max(initial=0))
    return round(float(np.clip(probable[order[last]], 0.05, 0.6)), 4)


def semantic(
    folds: Sequence[tuple[tuple[Mapping[str, NDArray[Any]], dict[str, Any]], Sequence[Row]]],
    encoder: Encoder,
    warmth: Mapping[str, float],
) -> dict[str, float]:
    """Return below which confidence the encoder is asked, and the temperature of what it answers.

    Each fold is a model (its arrays and settings) and rows that it did not learn; `warmth` are the temperatures of the
    words alone.
    """
    warm, cheap = [], []
    for (arrays, labels), outside in folds:
        asked = [row for row in outside if row.nature == "request" and row.category in labels["categories"]]
        texts = [row.text for row in asked]
        label = np.array([labels["categories"].index(row.category) for row in asked])
        always = Scorer(arrays, labels | {"semantic": {"below": 2.0, "temperature": 1.0}}, encoder)
        warm.append(temperature(always.score(texts).category, label))
        cheap.append(Scorer(arrays, labels | {"temperature": dict(warmth)}).score(texts).category.max(axis=1))
    below = min(float(np.quantile(np.concatenate(cheap), _ASKED_SHARE)), _SURE_ENOUGH)
    return {"below": round(below, 3), "temperature": float(np.median(warm))}


def urgency_mix(signs: Matrix, truth: NDArray[np.int64]) -> list[list[float]]:
    """Return for normal, high and critical how much each sign counts, and a constant, so that the odds are true."""
    mix = []
    for level in range(3):
        reached = truth > level
        if reached.all() or not reached.any():
            mix.append([0.0] * signs.shape[1] + [20.0 if reached.all() else -20.0])
            continue
        linear = LogisticRegression(C=1.0).fit(signs, reached)
        mix.append([round(float(x), 4) for x in (*linear.coef_[0], linear.intercept_[0])])
    return mix
