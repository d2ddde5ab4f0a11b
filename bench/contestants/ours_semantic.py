"""Triage's own features, semantic profile: the default one decides where it is sure, the encoder joins in elsewhere.

Where the two likeliest labels are near each other, a second model decides that learned the same features together with
the sentence's vector, seen from two thousand training messages (Nyström's approximation of a radial kernel).
"""

from pathlib import Path

import numpy as np
from scipy import sparse

from contestants import ours
from triage.classifier.semantic import encoder
from triage.classifier.weights import packed, unpacked

LANDMARKS = 2_000
GAMMA = 1.0
NEAR = 9.0  # log-odds between the two likeliest labels; two messages in five are nearer


class Model:
    def __init__(self, cheap, arrays):
        self.cheap = cheap
        self.arrays = arrays
        self.weights = {name: unpacked(arrays, name) for name in (*ours.MOST, "kernel")}
        self.landmarks = arrays["landmarks"].astype(np.float32)
        self.encoder = encoder()

    def save(self, folder: Path) -> None:
        self.cheap.save(folder)
        np.savez_compressed(folder / "semantic.npz", **self.arrays)

    def predict(self, texts):
        views = self.cheap.features.of(texts)
        found = sum(v.astype(np.float32) @ self.cheap.weights[name] for name, v in zip(ours.MOST, views, strict=True))
        found += self.cheap.arrays["bias"]
        best = np.partition(found, -2, axis=1)
        unsure = np.flatnonzero(best[:, -1] - best[:, -2] < NEAR)
        if len(unsure):
            vectors = self.encoder.encode([texts[row] for row in unsure])
            second = kernel(vectors, self.landmarks) @ self.weights["kernel"] + self.arrays["bias"]
            for name, view in zip(ours.MOST, views, strict=True):
                second += view[unsure].astype(np.float32) @ self.weights[name]
            found[unsure] = second
        return self.cheap.labels[found.argmax(axis=1)].tolist()


def kernel(vectors, landmarks):
    """Return how near each vector is to each landmark; all of them have length one."""
    return np.exp(2 * GAMMA * (vectors @ landmarks.T - 1))


def fit(texts, labels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    cheap = ours.fit(texts, labels)
    gram, word, pair = cheap.features.of(texts)
    vectors = encoder().encode(texts)
    landmarks = vectors[np.random.default_rng(1).permutation(len(vectors))[:LANDMARKS]]
    values, turned = np.linalg.eigh(kernel(landmarks, landmarks).astype(np.float64))
    root = (turned / np.sqrt(np.maximum(values, 1e-6))) @ turned.T
    near = kernel(vectors, landmarks) @ root
    margin = LinearSVC(random_state=1).fit(sparse.hstack([gram, word, pair * 0.7, near]).tocsr(), labels)
    likely = LogisticRegression(C=30.0, tol=1e-3, max_iter=200).fit(near, labels)
    sizes = np.cumsum([gram.shape[1], word.shape[1], pair.shape[1]])
    parts = np.split(ours.MARGIN * margin.coef_.T, sizes)
    weights = {
        "gram": parts[0],
        "word": parts[1],
        "apart": 0.7 * parts[2],
        "kernel": root @ (parts[3] + likely.coef_.T),
    }
    arrays = {"bias": (ours.MARGIN * margin.intercept_ + likely.intercept_).astype(np.float32)}
    arrays["landmarks"] = landmarks.astype(np.float16)
    for name, table in weights.items():
        arrays |= packed(name, table)
    return Model(cheap, arrays)


def load(folder: Path):
    with np.load(folder / "semantic.npz") as stored:
        return Model(ours.load(folder), dict(stored))
