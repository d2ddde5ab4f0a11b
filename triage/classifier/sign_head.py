"""How urgent the signs in a text make it: the weights that a model learned for each of them, and for each two."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classifier.signs import MEANINGS, Places, columns, matrix
from triage.classifier.weights import unpacked


class SignHead:
    """What the signs in a text say of its urgency."""

    def __init__(self, weights: NDArray[np.float64], bias: NDArray[np.float64], learned: Sequence[str]) -> None:
        """Take one row of weights for each of the `learned` columns; signs that were not known then count nothing."""
        if weights.shape != (len(learned), 3) or bias.shape != (3,) or not np.isfinite(weights).all():
            raise ValueError("the weights of its signs do not fit")
        place = {name: column for column, name in enumerate(columns())}
        here = [(place[name], row) for row, name in enumerate(learned) if name in place]
        self.weights = np.zeros((len(place), 3))
        self.weights[[column for column, _ in here]] = weights[[row for _, row in here]]
        self.bias = bias.astype(np.float64)

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> "SignHead | None":
        """Return a model's head, or None for a model that was trained before there were signs."""
        if "signs" not in settings:
            return None
        return cls(unpacked(arrays, "signs").astype(np.float64), arrays["signs_bias"], settings["signs"])

    def worst(self, found: Sequence[Places]) -> tuple[NDArray[np.float64], sparse.csr_matrix]:
        """Return for each text the log-odds of its worst stretch for each level, and its signs (see `told`)."""
        rows, owner = matrix(found)
        each = rows @ self.weights + self.bias
        worst = each[: len(found)].copy()
        np.maximum.at(worst, owner, each)
        return np.asarray(worst), rows

    def told(self, found: sparse.csr_matrix, row: int) -> str:
        """Return the signs of one text that spoke most for high, as people say them; empty for none."""
        here = found.indices[found.indptr[row] : found.indptr[row + 1]]
        if not len(here):
            return ""
        best = int(here[np.argmax(self.weights[here, 1])])
        return " and ".join(MEANINGS[name] for name in columns()[best].split("+")) if self.weights[best, 1] > 0 else ""
