"""The grams of many texts, each gram once for each text: counted once, however many models learn from parts of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classifier.features import CHARS, Grams, Hashes, Ints, Vocabulary, grams

# What is known of each occurrence takes forty bytes, and goes again when its texts are counted.
_TEXTS_AT_ONCE = 2_000
_FEWEST_TEXTS = 2  # that have a gram which is learned: what stands in one says nothing of others
_CHARS_SHARE = 0.7
_ROW, _HASH = np.uint64(33), np.uint64(1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What stands in each text of a batch.

    Attributes:
        bounds: The grams of text `i` are those from `bounds[i]` to `bounds[i + 1]`.
        hash: Which gram; in each text ascending and without doubles.
        whole: It is a word or a pair of words, no run of characters.
    """

    bounds: Ints
    hash: Hashes
    whole: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """Return how many texts there are."""
        return len(self.bounds) - 1

    def only(self, rows: Ints) -> "Counted":
        """Return the texts in the places `rows`, in that order."""
        sizes = np.diff(self.bounds)[rows]
        bounds = _bounds(sizes)
        entries = np.arange(bounds[-1]) + np.repeat(self.bounds[rows] - bounds[:-1], sizes)
        return Counted(bounds, self.hash[entries], self.whole[entries])

    def words(self) -> "Counted":
        """Return the words and pairs of words alone."""
        before = np.concatenate([[0], np.cumsum(self.whole)])
        return Counted(before[self.bounds], self.hash[self.whole], self.whole[self.whole])

    def matrix(self, vocabulary: Vocabulary) -> sparse.csr_matrix:
        """Return one row of length one for each text, as `Vocabulary.matrix` gives it."""
        known, index = vocabulary.find(self.hash)
        bounds = np.concatenate([[0], np.cumsum(known)])[self.bounds]
        value = vocabulary.rarity[index].astype(np.float64)
        row = np.repeat(np.arange(self.rows), np.diff(bounds))
        value /= np.sqrt(np.bincount(row, weights=value**2, minlength=self.rows))[row]
        shape = (self.rows, len(vocabulary.hashes))
        # Learning from numbers half as wide takes a third less time and memory, and finds the same borders.
        value = value.astype(np.float32)
        return sparse.csr_matrix((value, index.astype(np.int32), bounds.astype(np.int32)), shape=shape)


def count(texts: Sequence[str]) -> Counted:
    """Return the words, pairs of words and runs of characters of `texts`, of which there must be one."""
    starts = range(0, len(texts), _TEXTS_AT_ONCE)
    parts = [counted(grams(texts[at : at + _TEXTS_AT_ONCE])) for at in starts]
    return Counted(
        _bounds(np.concatenate([np.diff(part.bounds) for part in parts])),
        np.concatenate([part.hash for part in parts]),
        np.concatenate([part.whole for part in parts]),
    )


def counted(found: Grams) -> Counted:
    """Return what stands in each text, from all that was found in a batch."""
    # Row, hash and kind are one number, which sorts in one go, words before what is taken for them.
    kind = (found.kind == CHARS).astype(np.uint64)
    key = np.sort(found.row.astype(np.uint64) << _ROW | found.hash.astype(np.uint64) << _HASH | kind)
    key = key[np.append(True, key[1:] >> _HASH != key[:-1] >> _HASH)[: len(key)]]
    sizes = np.bincount((key >> _ROW).astype(np.int64), minlength=found.rows)
    return Counted(_bounds(sizes), (key >> _HASH).astype(np.uint32), key & _HASH == 0)


def learned(found: Counted, *, at_most: int) -> Vocabulary:
    """Return the grams that stand in several texts, the `at_most` most frequent of them.

    A quota for each language or script was tried, and cost more than it brought: docs/performance.md.
    """
    hashes, count = np.unique(found.hash, return_counts=True)
    chosen = np.flatnonzero(count >= _FEWEST_TEXTS)
    chosen = np.sort(chosen[np.argsort(-count[chosen], kind="stable")[:at_most]])
    rarity = np.log((1 + found.rows) / (1 + count[chosen])) + 1
    # Many n-grams say what one word says: they weigh less, or they would outvote it.
    rarity[np.isin(hashes[chosen], found.hash[~found.whole])] *= _CHARS_SHARE
    return Vocabulary(hashes[chosen], rarity.astype(np.float32))


def _bounds(sizes: Ints) -> Ints:
    """Return where each of several runs of `sizes` begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
