"""Making probabilities true on predictions for rows that were not learned, and saying which are enough."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from triage.classifier.scoring import Matrix, softmax

# Probability that is enough for normal, high and critical. The probabilities are true, so each is the share of what
# a needless level costs in what both mistakes cost: a "high" too few is worse than one too many.
# For critical the situations do most of the work: likeness alone must be right far more often than wrong.
URGENCY_FROM = (0.45, 0.42, 0.6)


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
