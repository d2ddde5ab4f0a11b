"""fastText with subwords, as its documentation recommends for short texts."""

from pathlib import Path

import numpy as np


class Model:
    def __init__(self, model):
        self.model = model

    def save(self, folder: Path) -> None:
        self.model.save_model(str(folder / "model.bin"))

    def predict(self, texts):
        found, _ = self.model.predict([_line(text) for text in texts])
        return [one[0].removeprefix("__label__") for one in found]


def fit(texts, labels):
    import fasttext as library

    lines = Path("/dev/shm") / f"bench-intent-{np.random.default_rng().integers(1 << 40)}.txt"
    try:
        lines.write_text("\n".join(f"__label__{b} {_line(a)}" for a, b in zip(texts, labels, strict=True)), "utf-8")
        best = {
            "epoch": 60,
            "lr": 0.6,
            "wordNgrams": 2,
            "minn": 2,
            "maxn": 5,
            "dim": 100,
            "bucket": 200_000,
            "thread": 1,
        }
        return Model(library.train_supervised(str(lines), verbose=0, seed=1, **best))
    finally:
        lines.unlink(missing_ok=True)


def load(folder: Path):
    import fasttext as library

    return Model(library.load_model(str(folder / "model.bin")))


def _line(text: str) -> str:
    return " ".join(text.lower().replace("?", " ? ").replace(",", " , ").split())
