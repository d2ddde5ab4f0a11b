"""Learning the weights from labelled rows: same rows and seed, same weights."""

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB

from triage.case import Urgency
from triage.classifier import signs, taxonomy, teaching
from triage.classifier.counting import Counted, learned
from triage.classifier.dataset import NATURES, Row
from triage.classifier.examples import Examples
from triage.classifier.features import Ints
from triage.classifier.semantic import Encoder
from triage.classifier.weights import Arrays, of_each_label, packed
from triage.errors import ConfigError

_LEVELS = (Urgency.NORMAL, Urgency.HIGH, Urgency.CRITICAL)
_MOST_GRAMS = 50_000
_MOST_WORDS = 37_000
# A millisecond each: what 512 numbers say of 36 topics is learned from so many as well as from all.
_MOST_ENCODED = 20_000
# Naive Bayes generalises better from few messages, logistic regression knows better where the border runs: the first
# says the category, the second the topic. How much the first counts was found on folds and on languages left out.
_BAYES_SHARE = 3.0


def fit(examples: Examples, *, seed: int, encoder: Encoder | None = None) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and settings of a model that learned `examples`; temperatures and mix are not found yet.

    With an `encoder` it has a lexicon and a semantic head too. Raises `ConfigError` if there is nothing to tell apart.
    """
    rows, requests = examples.rows, examples.requests()
    topics = taxonomy.topics_of(rows)
    categories = taxonomy.categories_of(topics)
    natures = [nature for nature in NATURES if any(row.nature == nature for row in rows)]
    if len(categories) < 2 or "request" not in natures:
        raise ConfigError("the training data needs requests of at least two categories")
    weight = _cell_weights(rows)
    words = examples.counted.words()
    vocabulary = learned(examples.counted, at_most=_MOST_GRAMS)
    matrix = examples.counted.matrix(vocabulary)
    arrays: Arrays = {"hashes": vocabulary.hashes, "rarity": vocabulary.rarity.astype(np.float16)}
    _head(arrays, "nature", matrix, np.array([natures.index(row.nature) for row in rows]), weight, seed)
    asked = [row for row in rows if row.nature == "request"]
    inner, inner_weight = matrix[requests], weight[requests]
    _bayes(arrays, "category", inner, np.array([categories.index(r.category) for r in asked]), inner_weight)
    # Who corrected a category did not always name a topic.
    told = np.array([(row.category, row.topic) in topics for row in asked])
    topic = np.array([topics.index((r.category, r.topic)) for r, known in zip(asked, told, strict=True) if known])
    _head(arrays, "topic", inner[told], topic, inner_weight[told], seed)
    if encoder:
        places = np.flatnonzero(requests)[told]
        few = _some(rows, places)
        places, topic = places[few], topic[few]
        lesson = teaching.Lesson(words.only(places), topic, weight[places])
        lexicon, bias = teaching.lexicon(lesson, encoder)
        texts = [rows[place].text for place in places]
        arrays |= lexicon | teaching.sentences(lesson, texts, encoder, len(topics), seed)
        arrays["topic_bias"] = arrays["topic_bias"] + bias.astype(np.float32)
    _levels(arrays, "level", matrix, rows, weight, seed)
    _urgency(arrays, words, rows, weight, seed)
    _signs(arrays, examples, weight, seed)
    arrays["topic_urgency"] = _topic_urgency(asked, topics)
    settings: dict[str, Any] = {
        "natures": natures,
        "categories": categories,
        "topics": topics,
        "temperature": {"nature": 1.0, "category": 1.0, "topic": 1.0},
        "semantic": {"below": 1.0, "temperature": 1.0},
        "urgency_mix": [[0.0] * 3 + [0.3 * (i == level) for i in range(3)] * 3 + [0.0] * 2 for level in range(3)],
        "signs": list(signs.columns()),
    }
    return arrays, settings


def _some(rows: Sequence[Row], places: Ints) -> NDArray[np.bool_]:
    """Return which of very many rows the encoder looks at: by their texts, so that each fit takes the same ones."""
    share = min(1.0, _MOST_ENCODED / max(len(places), 1))
    return np.array([zlib.crc32(rows[place].text.encode("utf-8", "surrogatepass")) < share * 2**32 for place in places])


def _cell_weights(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Return a weight for each row that keeps one language's or category's bulk from drowning the others.

    A row's own weight says how much it is trusted; it counts beside that.
    """
    cells = Counter((row.lang, row.nature, row.category) for row in rows)
    typical = len(rows) / len(cells)
    raw = np.array([(typical / cells[(row.lang, row.nature, row.category)]) ** 0.5 for row in rows])
    return np.asarray(np.clip(raw, 0.5, 2.0) * np.array([row.weight for row in rows]))


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
        arrays.update(packed(name, np.zeros((matrix.shape[1], 1))))
        arrays[f"{name}_bias"] = np.zeros(1, np.float32)
        return
    # What is no request is rarer than the rest, and shall stay so: who is in doubt is heard.
    even = None if name == "nature" else "balanced"
    linear = LogisticRegression(C=10.0, tol=1e-3, max_iter=100, random_state=seed, class_weight=even)
    linear.fit(matrix, label, sample_weight=weight)
    weights, bias = of_each_label(linear.coef_.T, linear.intercept_)
    arrays.update(packed(name, weights))
    arrays[f"{name}_bias"] = np.asarray(bias, np.float32)


def _bayes(
    arrays: Arrays, name: str, matrix: sparse.csr_matrix, label: NDArray[np.int64], weight: NDArray[np.float64]
) -> None:
    """Learn one question with complement naive Bayes; it has no bias."""
    bayes = ComplementNB(alpha=0.2).fit(matrix, label, sample_weight=weight)
    weights = bayes.feature_log_prob_.T
    arrays.update(packed(name, _BAYES_SHARE * (weights - weights.mean(axis=1, keepdims=True))))
    arrays[f"{name}_bias"] = np.zeros(weights.shape[1], np.float32)


def _urgency(arrays: Arrays, words: Counted, rows: Sequence[Row], weight: NDArray[np.float64], seed: int) -> None:
    """Learn "at least this urgent" on words only: windows of a long text are scored with it too."""
    vocabulary = learned(words, at_most=_MOST_WORDS)
    arrays["word_hashes"], arrays["word_rarity"] = vocabulary.hashes, vocabulary.rarity.astype(np.float16)
    _levels(arrays, "urgency", words.matrix(vocabulary), rows, weight, seed)


def _signs(arrays: Arrays, examples: Examples, weight: NDArray[np.float64], seed: int) -> None:
    """Learn "at least this urgent" from the signs in the texts, all languages together."""
    found = examples.signs
    share = np.where(np.arange(found.shape[1]) < len(signs.names()), signs.ALONE, 1.0)
    _levels(arrays, "signs", found.multiply(share).tocsr(), examples.rows, weight, seed, strength=0.2, even=None)
    arrays["signs_weights"] = (arrays["signs_weights"] * share[:, None]).astype(np.float16)


def _levels(
    arrays: Arrays,
    name: str,
    matrix: sparse.csr_matrix,
    rows: Sequence[Row],
    weight: NDArray[np.float64],
    seed: int,
    *,
    strength: float = 5.0,
    even: str | None = "balanced",
) -> None:
    """Learn "at least this urgent" once per level; weights and bias go into `arrays`."""
    weights, bias = np.zeros((matrix.shape[1], 3)), np.full(3, -20.0)
    for column, level in enumerate(_LEVELS):
        label = np.array([row.urgency >= level for row in rows])
        if label.any() and not label.all():
            linear = LogisticRegression(C=strength, tol=1e-4, max_iter=200, random_state=seed, class_weight=even)
            linear.fit(matrix, label, sample_weight=weight)
            weights[:, column], bias[column] = linear.coef_[0], linear.intercept_[0]
    arrays.update(packed(name, weights))
    arrays[f"{name}_bias"] = bias.astype(np.float32)


def _topic_urgency(asked: Sequence[Row], topics: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """Return how often each topic is at least normal, high, critical; rare topics lean to the whole's rate."""
    whole = np.array([np.mean([row.urgency >= level for row in asked]) for level in _LEVELS])
    rates = np.zeros((len(topics), 3), np.float32)
    for place, (category, topic) in enumerate(topics):
        own = [row.urgency for row in asked if (row.category, row.topic) == (category, topic)]
        counts = np.array([sum(u >= level for u in own) for level in _LEVELS])
        rates[place] = (counts + 2 * whole) / (len(own) + 2)
    return rates
