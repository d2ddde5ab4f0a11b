"""Words the training rows never used, with what the sentence encoder knows about them.

A model that has only seen its own rows is lost in front of a new word. While training, the encoder gives every
frequent word of its sixteen languages a vector (`teaching.py`) and each word gets its own weights from that. Nothing
of the encoder is needed to judge: the weights are a table.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classifier.features import CHARS, Floats, Grams, Vocabulary
from triage.classifier.weights import unpacked


class Lexicon:
    """A weight for each topic and word, ready to be used."""

    def __init__(self, vocabulary: Vocabulary, weights: Floats) -> None:
        """Take the words, and one row of weights (one for each topic) for each of them."""
        self._vocabulary = vocabulary
        self._weights = weights

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], topics: int) -> "Lexicon | None":
        """Return the lexicon of a model, or None for a model that has none. Raises `ValueError` if it does not fit."""
        if "lexicon_hashes" not in arrays:
            return None
        hashes, rarity = arrays["lexicon_hashes"], arrays["lexicon_rarity"].astype(np.float32)
        weights = unpacked(arrays, "lexicon")
        if weights.shape != (len(hashes), topics) or rarity.shape != hashes.shape or not np.isfinite(weights).all():
            raise ValueError("the lexicon does not fit the topics")
        return cls(Vocabulary(hashes, rarity), weights)

    def logits(self, everything: Grams) -> NDArray[np.float64]:
        """Return for each text of a batch and each topic what its words speak for it."""
        return np.asarray(rows_of(self._vocabulary, everything) @ self._weights, np.float64)


def rows_of(vocabulary: Vocabulary, everything: Grams) -> sparse.csr_matrix:
    """Return the words of each text as a row of length one."""
    whole = everything.kind != CHARS
    known, index = vocabulary.find(everything.hash[whole])
    return vocabulary.matrix(everything.row[whole][known], index, everything.rows)
