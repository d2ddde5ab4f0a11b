"""Which texts are nearly the same: MinHash finds the pairs worth comparing, the comparison itself is exact.

Broder 1997, "On the resemblance and containment of documents". All texts are hashed together, in whole-array steps.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from triage.classifier.features import grams

NEAR = 0.7
"""Share of common pieces from which two texts are nearly the same."""

# 24 bands of 4: a pair that shares 70 % of its pieces is found with 99.9 %, one that shares 30 % with 18 %.
_BANDS, _WIDE = 24, 4
_MOST_ALIKE = 400  # texts in one bucket of one band that are paired; what many begin with alike tells nothing
_DOUBT = 0.2

Pieces = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two texts by their places, and the share of their pieces that both have."""

    one: int
    other: int
    share: float


def near_pairs(texts: Sequence[str], *, near: float = NEAR) -> list[Pair]:
    """Return every pair within `texts` that is nearly the same, by places; the first place is the smaller one."""
    pieces = _pieces(texts)
    sketches = _sketches(pieces)
    pairs = {pair for bucket in _buckets(sketches) for pair in combinations(bucket, 2)}
    return _compared(pieces, sketches, pairs, near)


def near_any(texts: Sequence[str], others: Sequence[str]) -> list[Pair]:
    """Return every pair of a text and one of `others` that are nearly the same, by their places in both."""
    pieces = _pieces([*texts, *others])
    sketches, pairs = _sketches(pieces), set()
    for bucket in _buckets(sketches):
        far = [place for place in bucket if place >= len(texts)]
        pairs |= {(place, other) for place in bucket if place < len(texts) for other in far}
    found = _compared(pieces, sketches, pairs, NEAR)
    return [Pair(pair.one, pair.other - len(texts), pair.share) for pair in found]


def _pieces(texts: Sequence[str]) -> list[Pieces]:
    """Return for each text the hashes of its words, word pairs and character n-grams, without doubles; one at least."""
    if not texts:
        return []
    found = grams(texts)
    one = np.arange(len(texts), dtype=np.uint64) << np.uint64(32)  # a text of nothing but spaces has a piece too
    each = np.unique(np.concatenate([one, (found.row.astype(np.uint64) << np.uint64(32)) | found.hash]))
    bounds = np.searchsorted(each, one[1:])
    return np.split(each & np.uint64(0xFFFFFFFF), bounds)


def _sketches(pieces: Sequence[Pieces]) -> NDArray[np.uint64]:
    """Return for each text the smallest of its pieces under each of the random orders."""
    random = np.random.default_rng(20261101)
    everything = np.concatenate(pieces) if pieces else np.zeros(0, np.uint64)
    starts = np.cumsum([0, *(len(each) for each in pieces)])[:-1]
    sketch = np.zeros((len(pieces), _BANDS * _WIDE), np.uint64)
    for column in range(sketch.shape[1] if len(pieces) else 0):
        factor, shift = (random.integers(1, 2**63, dtype=np.uint64) for _ in range(2))
        mixed = (everything ^ shift) * (factor | np.uint64(1))
        sketch[:, column] = np.minimum.reduceat(mixed ^ (mixed >> np.uint64(32)), starts)
    return sketch


def _buckets(sketch: NDArray[np.uint64]) -> Iterator[list[int]]:
    """Yield the places of texts that agree in one band, two or more at a time."""
    for band in range(_BANDS):
        found: dict[bytes, list[int]] = defaultdict(list)
        for place, part in enumerate(np.ascontiguousarray(sketch[:, band * _WIDE : (band + 1) * _WIDE])):
            found[part.tobytes()].append(place)
        yield from (places[:_MOST_ALIKE] for places in found.values() if len(places) > 1)


def _compared(
    pieces: Sequence[Pieces], sketches: NDArray[np.uint64], pairs: set[tuple[int, int]], near: float
) -> list[Pair]:
    """Return the pairs that really share enough, by their places."""
    if not pairs:
        return []
    places = np.array(sorted(pairs))
    # The sketches agree in as many columns as the texts share pieces, give or take 0.05: most pairs end here.
    likely = (sketches[places[:, 0]] == sketches[places[:, 1]]).mean(axis=1) >= near - _DOUBT
    found = []
    for one, other in places[likely].tolist():
        common = len(np.intersect1d(pieces[one], pieces[other], assume_unique=True))
        share = common / (len(pieces[one]) + len(pieces[other]) - common)
        if share >= near:
            found.append(Pair(one, other, round(share, 3)))
    return found
