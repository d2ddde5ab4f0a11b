"""Learning the weights from labelled rows: same rows and seed, same weights."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB

from triage.case import Urgency
from triage.classifier.dataset import NATURES, TOPICS, Row
from triage.classifier.features import CHARS, Grams, Vocabulary, grams
from triage.errors import ConfigError

Arrays = dict[str, NDArray[Any]]
_LEVELS = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
_MOST_GRAMS = 50_000
_MOST_WORDS = 30_000
# Naive Bayes generalises better from few messages, logistic regression knows better where the border runs.
_BAYES_SHARE = 0.5


def fit(rows: Sequence[Row], *, seed: int) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and settings of a model that learned `rows`; temperatures and mix are not found yet.

    Raises `ConfigError` when there is nothing to tell apart.
    """
    found = grams([row.text for row in rows])
    requests = np.array([row.nature == "request" for row in rows])
    present = {(row.category, row.topic) for row in rows if row.nature == "request"}
    topics = [
        (category, topic) for category, names in TOPICS.items() for topic in names if (category, topic) in present
    ]
    categories = [category for category in TOPICS if any(category == owner for owner, _ in topics)]
    natures = [nature for nature in NATURES if any(row.nature == nature for row in rows)]
    if len(categories) < 2 or "request" not in natures:
        raise ConfigError("the training data needs requests of at least two categories")
    weight = _cell_weights(rows)
    vocabulary = Vocabulary.learn(found, at_least=2, at_most=_MOST_GRAMS)
    known, index = vocabulary.find(found.hash)
    matrix = vocabulary.matrix(found.row[known], index, len(rows))
    arrays: Arrays = {"hashes": vocabulary.hashes, "rarity": vocabulary.rarity}
    _head(arrays, "nature", matrix, np.array([natures.index(row.nature) for row in rows]), weight, seed)
    asked = [row for row in rows if row.nature == "request"]
    inner, inner_weight = matrix[requests], weight[requests]
    _head(arrays, "category", inner, np.array([categories.index(r.category) for r in asked]), inner_weight, seed)
    _head(arrays, "topic", inner, np.array([topics.index((r.category, r.topic)) for r in asked]), inner_weight, seed)
    _levels(arrays, "level", matrix, rows, weight, seed)
    _urgency(arrays, found.only(found.kind != CHARS), rows, weight, seed)
    arrays["topic_urgency"] = _topic_urgency(asked, topics)
    settings: dict[str, Any] = {
        "natures": natures,
        "categories": categories,
        "topics": topics,
        "temperature": {"nature": 1.0, "category": 1.0, "topic": 1.0},
        "blend": 0.5,
        "urgency_mix": [[0.0] * 3 + [0.5 * (i == level) for i in range(3)] * 2 + [0.0] * 2 for level in range(3)],
    }
    return arrays, settings


def _cell_weights(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Return a weight for each row that keeps one language's or category's bulk from drowning the others."""
    cells = Counter((row.lang, row.nature, row.category) for row in rows)
    typical = len(rows) / len(cells)
    raw = np.array([(typical / cells[(row.lang, row.nature, row.category)]) ** 0.5 for row in rows])
    return np.asarray(np.clip(raw, 0.5, 2.0))


def _head(
    arrays: Arrays,
    name: str,
    matrix: sparse.csr_matrix,
    label: NDArray[np.int64],
    weight: NDArray[np.float64],
    seed: int,
) -> None:
    """Learn one question; its weights and bias go into `arrays`."""
    if len(set(label.tolist())) < 2:
        arrays[f"{name}_weights"] = np.zeros((matrix.shape[1], 1), np.float16)
        arrays[f"{name}_bias"] = np.zeros(1, np.float32)
        return
    # What is no request is rarer than the rest, and shall stay so: who is in doubt is heard.
    even = None if name == "nature" else "balanced"
    linear = LogisticRegression(C=10.0, tol=1e-3, max_iter=100, random_state=seed, class_weight=even)
    linear.fit(matrix, label, sample_weight=weight)
    weights, bias = linear.coef_.T, linear.intercept_
    if weights.shape[1] == 1:
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    if name != "nature":
        bayes = ComplementNB(alpha=0.2).fit(matrix, label, sample_weight=weight)
        other = bayes.feature_log_prob_.T
        other = other - other.mean(axis=1, keepdims=True)
        scale = (matrix @ weights).std() / max((matrix @ other).std(), 1e-9)
        weights = (1 - _BAYES_SHARE) * weights + _BAYES_SHARE * scale * other
    arrays[f"{name}_weights"] = np.asarray(weights, np.float16)
    arrays[f"{name}_bias"] = np.asarray(bias, np.float32)


def _urgency(arrays: Arrays, words: Grams, rows: Sequence[Row], weight: NDArray[np.float64], seed: int) -> None:
    """Learn "at least this urgent" on words only: windows of a long text are scored with it too."""
    vocabulary = Vocabulary.learn(words, at_least=2, at_most=_MOST_WORDS)
    known, index = vocabulary.find(words.hash)
    arrays["word_hashes"], arrays["word_rarity"] = vocabulary.hashes, vocabulary.rarity
    _levels(arrays, "urgency", vocabulary.matrix(words.row[known], index, words.rows), rows, weight, seed)


def _levels(
    arrays: Arrays,
    name: str,
    matrix: sparse.csr_matrix,
    rows: Sequence[Row],
    weight: NDArray[np.float64],
    seed: int,
) -> None:
    """Learn "at least this urgent" once per level; weights and bias go into `arrays`."""
    weights, bias = np.zeros((matrix.shape[1], 3)), np.full(3, -20.0)
    for column, level in enumerate(_LEVELS):
        label = np.array([row.urgency >= level for row in rows])
        if label.any() and not label.all():
            linear = LogisticRegression(C=5.0, tol=1e-4, max_iter=200, random_state=seed, class_weight="balanced")
            linear.fit(matrix, label, sample_weight=weight)
            weights[:, column], bias[column] = linear.coef_[0], linear.intercept_[0]
    arrays[f"{name}_weights"], arrays[f"{name}_bias"] = weights.astype(np.float16), bias.astype(np.float32)


def _topic_urgency(asked: Sequence[Row], topics: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """Return how often each topic is at least normal, high, critical; rare topics lean to the whole's rate."""
    whole = np.array([np.mean([row.urgency >= level for row in asked]) for level in _LEVELS])
    rates = np.zeros((len(topics), 3), np.float32)
    for place, (category, topic) in enumerate(topics):
        own = [row.urgency for row in asked if (row.category, row.topic) == (category, topic)]
        counts = np.array([sum(u >= level for u in own) for level in _LEVELS])
        rates[place] = (counts + 2 * whole) / (len(own) + 2)
    return rates
