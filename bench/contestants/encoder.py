"""The sentence encoder alone: its vectors and a logistic regression."""

from pathlib import Path

import numpy as np

from triage.classifier.semantic import encoder


class Model:
    def __init__(self, weights, bias, labels):
        self.weights, self.bias, self.labels = weights, bias, labels
        self.encoder = encoder()

    def save(self, folder: Path) -> None:
        np.savez_compressed(folder / "model.npz", weights=self.weights, bias=self.bias, labels=self.labels)

    def predict(self, texts):
        return self.labels[(self.encoder.encode(texts) @ self.weights + self.bias).argmax(axis=1)].tolist()


def fit(texts, labels):
    from sklearn.linear_model import LogisticRegression

    linear = LogisticRegression(C=30.0, tol=1e-3, max_iter=300).fit(encoder().encode(texts), labels)
    return Model(linear.coef_.T.astype(np.float16), linear.intercept_, linear.classes_)


def load(folder: Path):
    with np.load(folder / "model.npz") as stored:
        return Model(stored["weights"].astype(np.float32), stored["bias"], stored["labels"])
