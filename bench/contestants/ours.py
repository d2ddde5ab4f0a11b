"""Triage's own features, default profile: words, word pairs, character n-grams, and the lexicon the encoder taught.

The benchmark has 77 small classes, short texts and clean labels. There margins do better than likelihoods, so a linear
support vector machine and a logistic regression are added up, and pairs of words that stand apart say something too.
All of it is linear: three tables of weights are kept.
"""

from pathlib import Path

import numpy as np
from scipy import sparse

from triage.classifier.counting import counted, learned
from triage.classifier.features import PAIR, WORD, Grams, Vocabulary, grams
from triage.classifier.lexicon import rows_of
from triage.classifier.weights import packed, unpacked

MOST = {"gram": 40_000, "word": 12_000, "apart": 15_000}
REACH = 8  # words between the two of a pair, and one
MARGIN = 4.0  # a margin of one is as much as this in log-odds
_MIX = np.uint64(0x9E3779B97F4A7C15)


def apart(found: Grams) -> Grams:
    """Return the pairs of words that do not stand side by side, in whatever order."""
    words = found.kind == WORD
    row, code = found.row[words], found.hash[words].astype(np.uint64)
    rows, codes = [], []
    for step in range(2, REACH + 1):
        same = row[step:] == row[:-step]
        one, other = code[:-step][same], code[step:][same]
        rows.append(row[step:][same])
        codes.append((np.minimum(one, other) * _MIX + np.maximum(one, other)) * _MIX >> np.uint64(32))
    row, code = np.concatenate(rows), np.concatenate(codes).astype(np.uint32)
    nothing = np.zeros_like(row)
    kind = np.full(len(row), PAIR, np.int8)
    return Grams(row=row, hash=code, kind=kind, start=nothing, end=nothing, position=nothing, rows=found.rows)


class Features:
    """What a text is seen as: three sparse rows, each of length one."""

    def __init__(self, vocabularies):
        self.vocabularies = vocabularies

    def of(self, texts):
        found = grams(texts)
        gram, word, pair = (self.vocabularies[name] for name in MOST)
        return [_rows(gram, found), rows_of(word, found), _rows(pair, apart(found))]


def _rows(vocabulary, found):
    known, index = vocabulary.find(found.hash)
    return vocabulary.matrix(found.row[known], index, found.rows)


class Model:
    def __init__(self, arrays):
        self.arrays = arrays
        self.labels = arrays["labels"]
        tables = {n: Vocabulary(arrays[f"{n}_hashes"], arrays[f"{n}_rarity"].astype(np.float32)) for n in MOST}
        self.features = Features(tables)
        self.weights = {name: unpacked(arrays, name) for name in MOST}

    def save(self, folder: Path) -> None:
        np.savez_compressed(folder / "model.npz", **self.arrays)

    def logits(self, texts):
        views = zip(MOST, self.features.of(texts), strict=True)
        return sum(view.astype(np.float32) @ self.weights[name] for name, view in views) + self.arrays["bias"]

    def predict(self, texts):
        return self.labels[self.logits(texts).argmax(axis=1)].tolist()


def learned_features(texts):
    """Return the features of the training texts, and the vectors of the encoder's words."""
    from triage.classifier.semantic import encoder
    from triage.classifier.teaching import known_words

    found, words = grams(texts), known_words(encoder())
    gram = learned(counted(found), at_most=MOST["gram"])
    pair = learned(counted(apart(found)), at_most=MOST["apart"])
    return Features({"gram": gram, "word": words.vocabulary, "apart": pair}), words.vectors


def tables_of(features, weights, bias, labels):
    """Return the arrays of a model; of the words, those that tell the classes apart are kept."""
    told = np.sort(np.argsort(-weights["word"].std(axis=1), kind="stable")[: MOST["word"]])
    arrays = {"labels": labels, "bias": bias.astype(np.float32)}
    for name, vocabulary in features.vocabularies.items():
        kept = told if name == "word" else slice(None)
        arrays[f"{name}_hashes"] = vocabulary.hashes[kept]
        arrays[f"{name}_rarity"] = vocabulary.rarity[kept].astype(np.float16)
        arrays |= packed(name, weights[name][kept])
    return arrays


def fit(texts, labels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    features, vectors = learned_features(texts)
    gram, word, pair = features.of(texts)
    means = word @ vectors
    scale = 1 / np.linalg.norm(means, axis=1).mean()
    margin = LinearSVC(random_state=1).fit(sparse.hstack([gram, means * scale, pair * 0.7]).tocsr(), labels)
    likely = LogisticRegression(C=100.0, tol=1e-3, max_iter=150).fit(gram, labels)
    parts = np.split(MARGIN * margin.coef_.T, np.cumsum([gram.shape[1], vectors.shape[1]]))
    weights = {"gram": parts[0] + likely.coef_.T, "word": vectors @ (scale * parts[1]), "apart": 0.7 * parts[2]}
    return Model(tables_of(features, weights, MARGIN * margin.intercept_ + likely.intercept_, margin.classes_))


def load(folder: Path):
    with np.load(folder / "model.npz") as stored:
        return Model(dict(stored))
