"""A network with one hidden layer for few, partly wrong examples: neurons drop out by chance, labels are softened.

Without, it learns the wrong labels by heart (docs/performance.md, Intent classifiers). It learns and judges with numpy
alone.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.classifier.weights import Arrays, packed, unpacked

Floats = NDArray[np.float32]

_HIDDEN = 512
BATCH, _RATE = 256, 3e-3
_KEPT = (0.9, 0.5)  # shares of the numbers of a vector, and of the neurons, that an example is shown to
_SOFT = 0.1  # of a label is every label's
_FEWEST_BATCHES = 4  # in a round: of few examples fewer are shown at once


@dataclass(frozen=True, slots=True)
class Network:
    """What was learned: numbers to neurons, neurons to labels.

    Attributes:
        into: A row for each number of a vector, a column for each neuron.
        threshold: One for each neuron.
        out: A row for each neuron, a column for each label.
        bias: One for each label.
    """

    into: Floats
    threshold: Floats
    out: Floats
    bias: Floats

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> "Network":
        """Return the network that `together` made into arrays. Raises `KeyError` or `ValueError` unless it is whole."""
        threshold, bias = (arrays[f"{name}_{part}"].astype(np.float32) for part in ("threshold", "bias"))
        made = cls(unpacked(arrays, f"{name}_into"), threshold, unpacked(arrays, f"{name}_out"), bias)
        if made.into.shape[1:] != threshold.shape or made.out.shape != (*threshold.shape, *bias.shape):
            raise ValueError("the layers of the network do not fit each other")
        if not all(np.isfinite(table).all() for table in (made.into, threshold, made.out, bias)):
            raise ValueError("there is something in the network that is no number")
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """Return how many numbers a vector has, and how many labels there are."""
        return self.into.shape[0], self.out.shape[1]

    def logits(self, vectors: Floats) -> Floats:
        """Return what each vector speaks for each label."""
        return np.asarray(np.maximum(vectors @ self.into + self.threshold, 0) @ self.out + self.bias)


def together(networks: Sequence[Network], share: float, name: str) -> Arrays:
    """Return as arrays one network that says `share` times what the `networks` say in the mean.

    Side by side they are one network, so many times as wide.
    """
    each = np.float32(share / len(networks))
    return {
        **packed(f"{name}_into", np.hstack([one.into for one in networks])),
        **packed(f"{name}_out", each * np.vstack([one.out for one in networks])),
        f"{name}_threshold": np.hstack([one.threshold for one in networks]),
        f"{name}_bias": each * np.array([one.bias for one in networks]).sum(axis=0),
    }


def fit(
    vectors: Floats,
    labels: NDArray[np.int64],
    count: int,
    *,
    seed: int | Sequence[int],
    steps: int,
    weight: NDArray[np.float64] | None = None,
) -> Network:
    """Return a network that tells apart `count` labels, which are numbers from 0.

    It looks at `steps` batches of BATCH rows, or of a quarter of few rows; `weight` says how much each row counts
    beside the others. The same rows and seed give the same network.
    """
    chance = np.random.default_rng(seed)
    targets = (np.eye(count) * (1 - _SOFT) + _SOFT / count).astype(np.float32)[labels]
    counts = np.ones(len(labels), np.float32) if weight is None else (weight / weight.mean()).astype(np.float32)
    tables: list[Floats] = []
    for wide, narrow in pairwise((vectors.shape[1], _HIDDEN, count)):
        drawn = chance.normal(0, np.sqrt(2 / wide), (wide, narrow))
        tables += [drawn.astype(np.float32), np.zeros(narrow, np.float32)]
    even = np.float32(1 / np.sqrt(np.mean(vectors**2)))  # learned from are numbers of about one
    batch = min(BATCH, max(len(vectors) // _FEWEST_BATCHES, 1))
    descent = _Descent(tables, steps)
    for rows in _batches(len(vectors), batch, steps, chance):
        descent.step(_slopes(tables, even * vectors[rows], targets[rows], counts[rows], chance))
    return Network(even * tables[0], *tables[1:])


def _batches(count: int, batch: int, steps: int, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield `steps` batches of row numbers, every row once before one comes again (the last few of a round wait)."""
    left = steps
    while left:
        order = chance.permutation(count)
        for at in range(0, count - batch + 1, batch)[:left]:
            yield order[at : at + batch]
            left -= 1


def _slopes(
    tables: Sequence[Floats], vectors: Floats, targets: Floats, counts: Floats, chance: np.random.Generator
) -> tuple[Floats, ...]:
    """Return how the cross entropy of a batch changes with each weight."""
    into, threshold, out, bias = tables
    shown = vectors * _through(vectors.shape, _KEPT[0], chance)
    hidden = shown @ into + threshold
    speaks = (hidden > 0) * _through(hidden.shape, _KEPT[1], chance)
    hidden *= speaks
    logits = hidden @ out + bias
    found = np.exp(logits - logits.max(axis=1, keepdims=True))
    wrong = (found / found.sum(axis=1, keepdims=True) - targets) * (counts / len(targets))[:, None]
    back = wrong @ out.T * speaks
    return shown.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)


def _through(shape: tuple[int, ...], share: float, chance: np.random.Generator) -> Floats:
    """Return what each number is multiplied by when only a share of them is let through."""
    # A byte for each is drawn four times as fast as a number between 0 and 1.
    below = round(256 * share)
    drawn = np.frombuffer(chance.bytes(math.prod(shape)), np.uint8).reshape(shape)
    return np.asarray((drawn < below) * np.float32(256 / below))


class _Descent:
    """Adam (Kingma and Ba 2015), quicker in a first tenth of the steps, then slower until it stands."""

    def __init__(self, tables: Sequence[Floats], steps: int) -> None:
        """Take the tables that will be changed, and how many steps there will be."""
        self._tables, self._steps, self._done = tables, steps, 0
        self._means = [np.zeros_like(table) for table in tables]
        self._squares = [np.zeros_like(table) for table in tables]

    def step(self, slopes: Sequence[Floats]) -> None:
        """Change each table against its slope."""
        self._done += 1
        along = self._done / self._steps
        rate = _RATE * min(1, 10 * along) * (1 + math.cos(math.pi * along)) / 2
        for table, slope, mean, square in zip(self._tables, slopes, self._means, self._squares, strict=True):
            mean[:] += (slope - mean) * np.float32(0.1)
            square[:] += (slope**2 - square) * np.float32(0.001)
            right = np.sqrt(square / np.float32(1 - 0.999**self._done)) + np.float32(1e-8)
            table[:] -= np.float32(rate / (1 - 0.9**self._done)) * mean / right
