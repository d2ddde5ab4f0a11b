"""What the sentence encoder teaches a model while it is trained: its head for whole sentences, and a lexicon."""

import functools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from triage.classifier import network
from triage.classifier.counting import Counted
from triage.classifier.features import PAIR, WORD, Floats, Hashes, Vocabulary, grams
from triage.classifier.folding import fold_text, solo_text
from triage.classifier.semantic import HEAD, Encoder
from triage.classifier.weights import Arrays, of_each_label, packed

_MOST_WORDS = 24_000
# The rarest words say more than the frequent ones, but not without limit.
_RAREST, _COMMONEST = 8.0, 0.5
_LEXICON_STRENGTH = 30.0
# Three networks that began by chance, of which two learn at once: their mean knows better than each.
_NETWORKS, _AT_ONCE = 3, 2
# A network is shown every row twenty times (sixty are no better), of few rows more often, of very many less: no more
# time for ten times as much.
_ROUNDS, _FEWEST_STEPS, _MOST_STEPS = 20, 200, 1_200
# Of a rare topic each message counts for more, but not so much that three of them drown a hundred others.
_RARITY_COUNTS = 0.5
# What the sentence speaks counts this much beside what its words speak: the least that is as good as a line on folds,
# on languages and on topics left out (docs/adr/0037).
_SENTENCE_SHARE = 2.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from: the words of the texts, and each one's topic and weight."""

    words: Counted
    topic: NDArray[np.int64]
    weight: NDArray[np.float64]


def sentences(lesson: Lesson, texts: Sequence[str], encoder: Encoder, topics: int, seed: int) -> Arrays:
    """Return the arrays of a `semantic.SentenceHead` that learned which of the `topics` those `texts` have."""
    vectors, weight = encoder.encode(texts), lesson.weight * _rarity(lesson)
    steps = min(max(_ROUNDS * len(vectors) // network.BATCH, _FEWEST_STEPS), _MOST_STEPS)

    def learn(number: int) -> network.Network:
        return network.fit(vectors, lesson.topic, topics, seed=(seed, number), steps=steps, weight=weight)

    # A network has too small tables to share them out among threads: each thread has its own network.
    with threadpool_limits(1), ThreadPoolExecutor(_AT_ONCE) as threads:
        return network.together([*threads.map(learn, range(_NETWORKS))], _SENTENCE_SHARE, HEAD)


def _rarity(lesson: Lesson) -> NDArray[np.float64]:
    """Return for each row how rare its topic is, so that frequent topics do not drown the others."""
    counts = np.bincount(lesson.topic, weights=lesson.weight)
    typical = counts.sum() / np.count_nonzero(counts)
    return np.asarray((typical / counts[lesson.topic]) ** _RARITY_COUNTS)


def _learned(matrix: NDArray[Any], lesson: Lesson, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights and the bias of each topic, a column each, from one row of `matrix` for each that teaches."""
    linear = LogisticRegression(C=strength, tol=1e-3, max_iter=200, class_weight="balanced")
    linear.fit(matrix, lesson.topic, sample_weight=lesson.weight)
    return of_each_label(linear.coef_.T, linear.intercept_)


def lexicon(lesson: Lesson, encoder: Encoder) -> tuple[Arrays, NDArray[np.float64]]:
    """Return the arrays of a `lexicon.Lexicon` and a bias for each topic."""
    words = known_words(encoder)
    means = np.asarray(lesson.words.matrix(words.vocabulary) @ words.vectors)
    scale = 1 / max(float(np.linalg.norm(means, axis=1).mean()), 1e-9)
    learned, bias = _learned(means * scale, lesson, _LEXICON_STRENGTH)
    weights = words.vectors @ (learned * scale)
    # What says the same about every topic need not be stored.
    told = np.sort(np.argsort(-weights.std(axis=1), kind="stable")[:_MOST_WORDS])
    arrays: Arrays = {
        "lexicon_hashes": words.vocabulary.hashes[told],
        "lexicon_rarity": words.vocabulary.rarity[told].astype(np.float16),
        **packed("lexicon", weights[told]),
    }
    return arrays, bias


@dataclass(frozen=True, slots=True)
class Words:
    """The encoder's words: hashes ascending, how rare each is, and its vector."""

    vocabulary: Vocabulary
    vectors: Floats


@functools.cache
def known_words(encoder: Encoder) -> Words:
    """Return the words that the encoder knows, as our grams see them; found once for the process."""
    rarity = _spelled(encoder.words())
    names = list(rarity)
    hashes, places = _hashes(names)
    vectors = encoder.encode([names[place] for place in places])
    rare = np.clip([rarity[names[place]] for place in places], _COMMONEST, _RAREST).astype(np.float32)
    return Words(Vocabulary(hashes, rare), vectors - vectors.mean(axis=0))


def _spelled(words: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the words that are one gram of ours, folded, with how rare each is; the commonest spelling counts."""
    found: dict[str, float] = {}
    for word, rare in words:
        folded = fold_text(word)
        fits = len(folded) <= 2 if solo_text(folded) else len(folded) >= 2
        if folded and fits and " " not in folded and not folded.isdigit():
            found[folded] = min(rare, found.get(folded, rare))
    return found


def _hashes(names: Sequence[str]) -> tuple[Hashes, list[int]]:
    """Return the hashes of the names, ascending and without doubles, and the place of each one's name."""
    found = grams(names, characters=False)
    lengths = np.array([len(name) for name in names])
    alone = np.array([solo_text(name) for name in names], dtype=bool)
    # Two ideographs are a pair of words to us; whatever else has more than one gram is no word.
    wanted = np.where(alone & (lengths == 2), PAIR, WORD)[found.row] == found.kind
    hashes, first = np.unique(found.hash[wanted], return_index=True)
    return hashes.astype(np.uint32), found.row[wanted][first].tolist()
