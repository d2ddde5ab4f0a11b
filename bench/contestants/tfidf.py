"""What everybody tries first: scikit-learn's TF-IDF of words and characters, and a linear support vector machine."""

import pickle
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC


class Model:
    def __init__(self, pipeline):
        self.pipeline = pipeline

    def save(self, folder: Path) -> None:
        (folder / "model.pickle").write_bytes(pickle.dumps(self.pipeline))

    def predict(self, texts):
        return self.pipeline.predict(texts).tolist()


def fit(texts, labels):
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return Model(make_pipeline(make_union(words, characters), LinearSVC(random_state=1)).fit(texts, labels))


def load(folder: Path):
    return Model(pickle.loads((folder / "model.pickle").read_bytes()))
