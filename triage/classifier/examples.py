"""Labelled rows with what is found in their texts: found once, however many models learn from parts of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classifier import signs
from triage.classifier.counting import Counted, count
from triage.classifier.dataset import Row
from triage.classifier.features import Ints
from triage.classifier.folding import LONGEST_TEXT, fold_text


@dataclass(frozen=True, slots=True)
class Examples:
    """What is learned from.

    Attributes:
        rows: The messages and their labels.
        counted: The grams of each message.
        signs: The signs of each message, a column for each of `signs.columns()`.
    """

    rows: Sequence[Row]
    counted: Counted
    signs: sparse.csr_matrix

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Examples":
        """Look through the texts of `rows`."""
        folded = [fold_text(row.text[:LONGEST_TEXT]) for row in rows]
        found, _ = signs.matrix(signs.signs_of((), [row.lang for row in rows], folded))
        return cls(rows, count([row.text for row in rows]), found[: len(rows)])

    def only(self, places: Ints) -> "Examples":
        """Return the rows in `places`, in that order."""
        return Examples([self.rows[place] for place in places], self.counted.only(places), self.signs[places])

    def requests(self) -> NDArray[np.bool_]:
        """Return which rows ask for something."""
        return np.array([row.nature == "request" for row in self.rows], dtype=bool)
