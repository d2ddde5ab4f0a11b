"""Weights as they are kept: eight bits each and a step for each column, a quarter of the room, the same verdicts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_STEPS = 127


def packed(name: str, weights: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return `weights` as the arrays NAME_weights (int8) and NAME_step (float32, one for each column)."""
    step = np.maximum(np.abs(weights).max(axis=0, initial=0.0), 1e-9) / _STEPS
    return {
        f"{name}_weights": np.rint(weights / step).astype(np.int8),
        f"{name}_step": step.astype(np.float32),
    }


def unpacked(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """Return the weights that `packed` made into arrays. Raises `KeyError` or `ValueError` when they are not there."""
    return arrays[f"{name}_weights"].astype(np.float32) * arrays[f"{name}_step"].astype(np.float32)
