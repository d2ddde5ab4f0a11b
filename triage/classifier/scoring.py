"""From texts to probabilities: the arithmetic of a model, with nothing of what is decided from it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classifier.features import CHARS, PAIR, Grams, Ints, Vocabulary, grams
from triage.classifier.lexicon import Lexicon
from triage.classifier.semantic import Encoder, SentenceHead
from triage.classifier.sign_head import SignHead
from triage.classifier.signs import Places, signs_of
from triage.classifier.weights import unpacked
from triage.errors import ModelUnusable

Matrix = NDArray[np.float64]

# A window is 14 words (or 28 ideographs), the next one starts 7 words later: what is urgent in one
# sentence stays urgent however much small talk stands around it.
_STEP = 14
_HEADS = ("nature", "category", "topic", "level", "urgency")
# What speaks for an urgency: for normal, high and critical everything in the text, the words of its worst window,
# the signs in it, and what its topic usually means; then whether it is for this desk at all.
SIGNS = 4 * 3 + 1
_SUREST = 6.0  # log-odds; beyond it a sign says nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a model makes of a batch; each matrix has one row per text.

    Attributes:
        nature: Probability of each nature.
        category: Probability of each category, given that it is a request.
        topic: Probability of each topic; the topics of one category add up to that category's.
        urgency: Probability of at least normal, high, critical.
        signs: What `urgency` was made from: for each text the log-odds of SIGNS.
        alarm: For each text the log-odds of being high that its worst window or its worst signs give.
        places: Where the signs of each text stand; empty for a model without signs.
        told: Returns for a row, in words, the signs that spoke most for its urgency; empty for none.
        found: The grams of the batch that the model knows.
        index: Their places in the vocabulary.
    """

    nature: Matrix
    category: Matrix
    topic: Matrix
    urgency: Matrix
    signs: Matrix
    alarm: NDArray[np.float64]
    places: Sequence[Places]
    told: Callable[[int], str]
    found: Grams
    index: Ints


class Scorer:
    """The weights of a model, ready to be used; safe to share between threads."""

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any], encoder: Encoder | None = None
    ) -> None:
        """Take a model's parts, and the encoder of the semantic profile. Raises `ModelUnusable` unless they fit."""
        try:
            self.natures = tuple(map(str, settings["natures"]))
            self.categories = tuple(map(str, settings["categories"]))
            topics = [(str(category), str(name)) for category, name in settings["topics"]]
            self.topics = tuple(topics)
            self.temperature = {name: float(settings["temperature"][name]) for name in ("nature", "category", "topic")}
            self._owner = np.array([self.categories.index(category) for category, _ in topics])
            self._vocabulary = Vocabulary(arrays["hashes"], arrays["rarity"].astype(np.float32))
            self._words = Vocabulary(arrays["word_hashes"], arrays["word_rarity"].astype(np.float32))
            parts = [unpacked(arrays, name) for name in _HEADS[:4]]
            ends = np.cumsum([part.shape[1] for part in parts]).tolist()
            self._columns = {
                name: slice(end - part.shape[1], end) for name, part, end in zip(_HEADS, parts, ends, strict=False)
            }
            self._every = np.hstack(parts)
            # What a head sees is a part of that: the weights are kept once.
            self.weights = {name: self._every[:, columns] for name, columns in self._columns.items()}
            self.weights["urgency"] = unpacked(arrays, "urgency")
            self._bias = {name: arrays[f"{name}_bias"].astype(np.float64) for name in _HEADS}
            self._rates = arrays["topic_urgency"].astype(np.float64)
            self._mix = np.array(settings["urgency_mix"], np.float64)
            self._signs = SignHead.of(arrays, settings)
            self._lexicon = Lexicon.of(arrays, len(topics))
            self._sentence = SentenceHead.of(encoder, arrays, settings, len(topics)) if encoder else None
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
        wanted = SIGNS + 1 if self._signs else SIGNS - 2
        good &= self._mix.shape == (3, wanted) and bool(np.isfinite(self._mix).all())
        for name, shape in shapes.items():
            good &= self.weights[name].shape == shape and self._bias[name].shape == shape[1:]
            good &= bool(np.isfinite(self.weights[name]).all() and np.isfinite(self._bias[name]).all())
        good &= min(self.temperature.values()) > 0
        if not good or not self.categories:
            raise ModelUnusable("the model's weights do not fit its labels")

    def score(
        self,
        texts: Sequence[str],
        languages: Sequence[str] = (),
        folded: Sequence[str] = (),
        places: Sequence[Places] = (),
    ) -> Scores:
        """Return the probabilities for `texts`, written in `languages`.

        `folded` saves folding them again, and `places`, where their signs stand, looking for these.
        """
        everything = grams(texts)
        known, index = self._vocabulary.find(everything.hash)
        found = everything.only(known)
        matrix = self._vocabulary.matrix(found.row, index, len(texts))
        logits = self._logits(matrix)
        by_topic = logits["topic"] + (self._lexicon.logits(everything) if self._lexicon else 0.0)
        category = self._category(logits["category"], by_topic, self.temperature["category"])
        if self._sentence:
            asked = self._sentence.worth_asking(category, languages)
            by_topic[asked] += self._sentence.logits([texts[row] for row in asked])
            category[asked] = self._category(logits["category"][asked], by_topic[asked], self._sentence.temperature)
        topic = self._within(by_topic) * category[:, self._owner]
        nature = softmax(logits["nature"] / self.temperature["nature"])
        request = log_odds(nature[:, [self.natures.index("request")]])
        usual = log_odds(topic @ self._rates)
        worst, told = np.zeros((len(texts), 0)), _nothing
        if self._signs:
            places = places or signs_of(texts, languages, folded)
            worst, signs = self._signs.worst(places)
            told = functools.partial(self._signs.told, signs)
        window = self._worst(everything)
        parts = [logits["level"], window, worst, usual, request]
        evidence = np.clip(np.hstack(parts), -_SUREST, _SUREST)
        return Scores(
            nature=nature,
            category=category,
            topic=topic,
            urgency=weighed(evidence, self._mix),
            signs=evidence,
            alarm=np.hstack([window[:, 1:2], worst[:, 1:2]]).max(axis=1),
            places=places,
            told=told,
            found=found,
            index=index,
        )

    def joins(self, left: str, right: str) -> bool:
        """Return whether a word just before another one is something that the model learned."""
        found = grams([f"{left} {right}"], characters=False)
        return bool(self._words.find(found.hash[found.kind == PAIR])[0].any())

    def _logits(self, matrix: sparse.csr_matrix) -> dict[str, Matrix]:
        """Return what each head but that of windows makes of a batch; one product of 32-bit numbers for all of them."""
        every = (matrix @ self._every).astype(np.float64)
        return {name: every[:, columns] + self._bias[name] for name, columns in self._columns.items()}

    def _category(self, direct: Matrix, by_topic: Matrix, temperature: float) -> Matrix:
        """Return the category's probabilities: what it scores itself, and what its topics score together."""
        together = np.stack(
            [np.logaddexp.reduce(by_topic[:, self._owner == i], axis=1) for i in range(len(self.categories))], axis=1
        )
        return softmax((_centred(direct) + _centred(together)) / temperature)

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


def _nothing(_row: int) -> str:
    return ""


def weighed(signs: Matrix, mix: Matrix) -> Matrix:
    """Return the probability of each level, given its signs and how much each of them counts."""
    # What is hardly high cannot be critical, whatever the two were learned from.
    return np.asarray(np.minimum.accumulate(sigmoid(signs @ mix[:, :-1].T + mix[:, -1]), axis=1))


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
