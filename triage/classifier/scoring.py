"""From texts to probabilities: the arithmetic of a model, with nothing of what is decided from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.classifier.features import CHARS, Grams, Ints, Vocabulary, grams
from triage.errors import ModelUnusable

Matrix = NDArray[np.float64]

# A window is 14 words (or 28 ideographs), the next one starts 7 words later: what is urgent in one
# sentence stays urgent however much small talk stands around it.
_STEP = 14
_HEADS = ("nature", "category", "topic", "level", "urgency")
# What speaks for an urgency: for normal, high and critical everything in the text, the words of its worst window,
# and what its topic usually means; then whether it is for this desk at all.
SIGNS = 3 * 3 + 1
_SUREST = 4.0  # log-odds; beyond it a sign says nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a model makes of a batch; each matrix has one row per text.

    Attributes:
        nature: Probability of each nature.
        category: Probability of each category, given that it is a request.
        topic: Probability of each topic; the topics of one category add up to that category's.
        urgency: Probability of at least normal, high, critical.
        signs: What `urgency` was made from: for each text the log-odds of SIGNS.
        found: The grams of the batch that the model knows.
        index: Their places in the vocabulary.
    """

    nature: Matrix
    category: Matrix
    topic: Matrix
    urgency: Matrix
    signs: Matrix
    found: Grams
    index: Ints


class Scorer:
    """The weights of a model, ready to be used; safe to share between threads."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> None:
        """Take a model's parts. Raises `ModelUnusable` when they do not fit each other."""
        try:
            self.natures = tuple(map(str, settings["natures"]))
            self.categories = tuple(map(str, settings["categories"]))
            topics = [(str(category), str(name)) for category, name in settings["topics"]]
            self.topics = tuple(topics)
            self.temperature = {name: float(settings["temperature"][name]) for name in ("nature", "category", "topic")}
            self.blend = float(settings["blend"])
            self._owner = np.array([self.categories.index(category) for category, _ in topics])
            self._vocabulary = Vocabulary(arrays["hashes"], arrays["rarity"])
            self._words = Vocabulary(arrays["word_hashes"], arrays["word_rarity"])
            self.weights = {name: arrays[f"{name}_weights"].astype(np.float32) for name in _HEADS}
            self._bias = {name: arrays[f"{name}_bias"].astype(np.float64) for name in _HEADS}
            self._rates = arrays["topic_urgency"].astype(np.float64)
            self._mix = np.array(settings["urgency_mix"], np.float64)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelUnusable(f"the model's parts are incomplete ({type(error).__name__}: {error})") from error
        self._check()

    def _check(self) -> None:
        """Raise `ModelUnusable` unless every array has the shape that the labels ask for, and only numbers."""
        wide = len(self._vocabulary.hashes)
        shapes = {
            "nature": (wide, len(self.natures)),
            "category": (wide, len(self.categories)),
            "topic": (wide, len(self.topics)),
            "level": (wide, 3),
            "urgency": (len(self._words.hashes), 3),
        }
        good = self._rates.shape == (len(self.topics), 3) and "request" in self.natures
        good &= self._mix.shape == (3, SIGNS + 1) and bool(np.isfinite(self._mix).all())
        for name, shape in shapes.items():
            good &= self.weights[name].shape == shape and self._bias[name].shape == shape[1:]
            good &= bool(np.isfinite(self.weights[name]).all() and np.isfinite(self._bias[name]).all())
        if not good or len(self._vocabulary.rarity) != wide or not self.categories:
            raise ModelUnusable("the model's weights do not fit its labels")

    def score(self, texts: Sequence[str]) -> Scores:
        """Return the probabilities for `texts`."""
        everything = grams(texts)
        known, index = self._vocabulary.find(everything.hash)
        found = everything.only(known)
        matrix = self._vocabulary.matrix(found.row, index, len(texts))
        logits = {name: matrix @ self.weights[name] + self._bias[name] for name in _HEADS[:4]}
        category = self._category(logits["category"], logits["topic"])
        topic = self._within(logits["topic"]) * category[:, self._owner]
        nature = softmax(logits["nature"] / self.temperature["nature"])
        request = log_odds(nature[:, [self.natures.index("request")]])
        usual = log_odds(topic @ self._rates)
        signs = np.clip(np.hstack([logits["level"], self._worst(everything), usual, request]), -_SUREST, _SUREST)
        return Scores(
            nature=nature,
            category=category,
            topic=topic,
            urgency=weighed(signs, self._mix),
            signs=signs,
            found=found,
            index=index,
        )

    def _category(self, direct: Matrix, by_topic: Matrix) -> Matrix:
        """Return the category's probabilities: what it scores itself, and what its topics score together."""
        together = np.stack(
            [np.logaddexp.reduce(by_topic[:, self._owner == i], axis=1) for i in range(len(self.categories))], axis=1
        )
        mixed = self.blend * _centred(direct) + (1 - self.blend) * _centred(together)
        return softmax(mixed / self.temperature["category"])

    def _within(self, logits: Matrix) -> Matrix:
        """Return each topic's probability among the topics of its own category."""
        shares = np.zeros_like(logits)
        for category in range(len(self.categories)):
            columns = self._owner == category
            shares[:, columns] = softmax(logits[:, columns] / self.temperature["topic"])
        return shares

    def _worst(self, everything: Grams) -> Matrix:
        """Return for each text and level (normal, high, critical) the log-odds of the words of its worst window."""
        words = everything.only(everything.kind != CHARS)
        row = _with_windows(words)
        known, index = self._words.find(words.hash)
        twice = np.concatenate([index, index, index])
        where = np.concatenate([part[known] for part in row])
        used = where >= 0
        rows = int(where.max(initial=words.rows - 1)) + 1
        matrix = self._words.matrix(where[used], twice[used], rows)
        each = matrix @ self.weights["urgency"] + self._bias["urgency"]
        worst = each[: words.rows].copy()
        windows = np.unique(where[where >= words.rows])
        np.maximum.at(worst, (windows - words.rows) % max(words.rows, 1), each[windows])
        return np.asarray(worst)


def _with_windows(words: Grams) -> tuple[Ints, Ints, Ints]:
    """Return for each gram the rows it counts for: its text, and the two windows it stands in (-1 for none)."""
    last = np.zeros(words.rows, dtype=np.int64)
    np.maximum.at(last, words.row, words.position)
    long = last[words.row] >= 2 * _STEP
    window = words.position // _STEP
    first = np.where(long, words.rows + window * words.rows + words.row, -1)
    second = np.where(long & (window > 0), first - words.rows, -1)
    return words.row, first, second


def weighed(signs: Matrix, mix: Matrix) -> Matrix:
    """Return the probability of each level, given its signs and how much each of them counts."""
    return sigmoid(signs @ mix[:, :-1].T + mix[:, -1])


def softmax(logits: Matrix) -> Matrix:
    """Return each row as probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(logits: Matrix) -> Matrix:
    """Return each number as a probability."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -40, 40))))


def log_odds(probabilities: Matrix) -> Matrix:
    """Return the logits of probabilities, without infinities."""
    inside = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def _centred(logits: Matrix) -> Matrix:
    """Return each row with mean zero: two models' scores are comparable only then."""
    return np.asarray(logits - logits.mean(axis=1, keepdims=True))
