"""Weights as they are kept: eight bits each and a step for each column, a quarter of the room, the same verdicts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
"""The arrays of a model, or of a part of one, by name."""

_STEPS = 127


def packed(name: str, weights: NDArray[Any]) -> Arrays:
    """Return `weights` as the arrays NAME_weights (int8) and NAME_step (float32, one for each column)."""
    step = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-9) / _STEPS
    return {
        f"{name}_weights": np.rint(weights / step).astype(np.int8),
        f"{name}_step": step.astype(np.float32),
    }


def of_each_label(weights: NDArray[Any], bias: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a column of weights and a bias for each label: of two labels scikit-learn keeps one, how they differ."""
    if weights.shape[1] > 1:
        return weights, bias
    return np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2


def unpacked(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """Return the weights that `packed` made into arrays. Raises `KeyError` or `ValueError` when they are not there."""
    return arrays[f"{name}_weights"].astype(np.float32) * arrays[f"{name}_step"].astype(np.float32)
