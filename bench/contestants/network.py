"""A network with one hidden layer for few, partly wrong examples: neurons drop out by chance, labels are softened.

Without, it learns the wrong labels by heart (docs/performance.md, Intent classifiers).
"""

import math
from itertools import pairwise

import numpy as np

HIDDEN = 512
EPOCHS, BATCH, RATE = 60, 256, 3e-3
KEPT = (0.9, 0.5)  # shares of the numbers of a vector, and of the neurons, that an example is shown to
SOFT = 0.1  # of a label is every label's


class Network:
    def __init__(self, weights):
        self.weights = weights

    def logits(self, vectors):
        into, threshold, out, bias = self.weights
        return np.maximum(vectors @ into + threshold, 0) @ out + bias


def fit(vectors, labels, *, seed):
    """Return a network that tells apart the labels, which are numbers from 0."""
    chance = np.random.default_rng(seed)
    count = labels.max() + 1
    targets = (np.eye(count) * (1 - SOFT) + SOFT / count).astype(np.float32)[labels]
    weights = []
    for wide, narrow in pairwise((vectors.shape[1], HIDDEN, count)):
        weights += [chance.normal(0, np.sqrt(2 / wide), (wide, narrow)), np.zeros(narrow)]
    weights = [table.astype(np.float32) for table in weights]
    descent = Descent(weights, EPOCHS * (len(vectors) // BATCH))
    for _ in range(EPOCHS):
        order = chance.permutation(len(vectors))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[at : at + BATCH]
            descent.step(slopes(weights, vectors[rows], targets[rows], chance))
    return Network(weights)


def slopes(weights, vectors, targets, chance):
    """Return how the cross entropy of a batch changes with each weight."""
    into, threshold, out, bias = weights
    shown = vectors * through(vectors.shape, KEPT[0], chance)
    hidden = shown @ into + threshold
    speaks = (hidden > 0) * through(hidden.shape, KEPT[1], chance)
    hidden *= speaks
    found = np.exp((logits := hidden @ out + bias) - logits.max(axis=1, keepdims=True))
    wrong = (found / found.sum(axis=1, keepdims=True) - targets) / len(targets)
    back = wrong @ out.T * speaks
    return shown.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)


def through(shape, share, chance):
    """Return what each number is multiplied by when only a share of them is let through."""
    return (chance.random(shape, np.float32) < share) * np.float32(1 / share)


class Descent:
    """Adam (Kingma and Ba 2015), quicker in a first tenth of the steps, then slower until it stands."""

    def __init__(self, weights, steps):
        self.weights, self.steps, self.done = weights, steps, 0
        self.means = [np.zeros_like(table) for table in weights]
        self.squares = [np.zeros_like(table) for table in weights]

    def step(self, slopes):
        self.done += 1
        along = self.done / self.steps
        rate = RATE * min(1, 10 * along) * (1 + math.cos(math.pi * along)) / 2
        for table, slope, mean, square in zip(self.weights, slopes, self.means, self.squares, strict=True):
            mean[:] += (slope - mean) * 0.1
            square[:] += (slope**2 - square) * 0.001
            right = np.sqrt(square / (1 - 0.999**self.done)) + 1e-8
            table[:] -= rate / (1 - 0.9**self.done) * mean / right
