"""Making probabilities true, and choosing thresholds, on predictions for rows that were not learned."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.classifier.scoring import Matrix, softmax

# What a wrong urgency costs: rows are the truth, columns the decision (low, normal, high, critical).
# Missing a theft is far worse than touching a question first.
COSTS = np.array([[0.0, 0.6, 2.0, 4.0], [0.8, 0.0, 1.2, 3.0], [3.0, 1.5, 0.0, 0.8], [8.0, 5.0, 2.0, 0.0]])


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


def urgency_thresholds(probabilities: Matrix, truth: NDArray[np.int64], raised: NDArray[np.int64]) -> list[float]:
    """Return for normal, high and critical the probability that is enough, at the least total cost.

    `raised` holds the level that the situation rules give each row: what they find, the model need not.
    """
    best = [0.5, 0.5, 0.5]
    grid = np.arange(0.1, 0.8, 0.02)
    for _ in range(3):
        for level in range(3):
            tried = []
            for one in grid:
                said = levels(probabilities, [*best[:level], float(one), *best[level + 1 :]])
                tried.append(COSTS[truth, np.maximum(said, raised)].mean())
            best[level] = round(float(grid[int(np.argmin(tried))]), 3)
    return best


def levels(probabilities: Matrix, thresholds: Sequence[float]) -> NDArray[np.int64]:
    """Return the highest level (0 to 3) whose threshold each row reaches."""
    reached = probabilities >= np.asarray(thresholds)
    highest: Any = np.where(reached, np.array([1, 2, 3]), 0).max(axis=1)
    return np.asarray(highest, np.int64)
