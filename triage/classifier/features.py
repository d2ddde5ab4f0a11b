"""Turning texts into numbers: words, word pairs and character n-grams, hashed, a batch at a time.

Everything happens in whole-array steps over the code points of all texts of a batch, because a loop over
n-grams in Python would cost ten times the rest of the judging. Chinese, Japanese and emoji have no spaces:
there each character is a word, word pairs are character pairs, and n-grams run over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classifier import folding

WORD, PAIR, CHARS = 0, 1, 2
_LENGTHS = (3, 4, 5)  # of character n-grams; pairs of ideographs are word pairs already
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_POWERS = np.cumprod(np.concatenate([[np.uint64(1)], np.full(63, _PRIME, np.uint64)]), dtype=np.uint64)

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grams:
    """Everything that was found in a batch, one entry per occurrence.

    Attributes:
        row: Which text.
        hash: What it is; equal grams have equal hashes in every process.
        kind: WORD, PAIR or CHARS.
        start: First character of it in the text.
        end: One past the last.
        position: Where it stands in the text, in steps: a word counts two, an ideograph one.
        rows: How many texts the batch has.
    """

    row: Ints
    hash: Hashes
    kind: NDArray[np.int8]
    start: Ints
    end: Ints
    position: Ints
    rows: int

    def only(self, which: NDArray[np.bool_]) -> "Grams":
        """Return the entries for which `which` holds."""
        return Grams(
            row=self.row[which],
            hash=self.hash[which],
            kind=self.kind[which],
            start=self.start[which],
            end=self.end[which],
            position=self.position[which],
            rows=self.rows,
        )


@dataclass(frozen=True, slots=True)
class _Characters:
    """The folded characters of a batch with deleted ones left out, each text between two spaces."""

    code: folding.Codes
    row: Ints
    at: Ints  # position in its own text

    @classmethod
    def of(cls, texts: Sequence[str]) -> "_Characters":
        cut = [text[: folding.LONGEST_TEXT] for text in texts]
        sizes = np.array([len(text) + 1 for text in cut], dtype=np.int64)
        code = folding.fold(folding.codes_of(" " + "".join(text + " " for text in cut)))
        starts = np.cumsum(sizes) - sizes + 1
        row = np.concatenate([[0], np.repeat(np.arange(len(cut)), sizes)])
        at = np.arange(len(code)) - starts[row]
        # One space between words is enough, and deleted characters must not split a word.
        kept = code != folding.DELETED
        code, row, at = code[kept], row[kept], at[kept]
        single = np.ones(len(code), dtype=bool)
        single[1:] = (code[1:] != folding.SPACE) | (code[:-1] != folding.SPACE) | (row[1:] != row[:-1])
        return cls(code[single], row[single], at[single])


def grams(texts: Sequence[str], *, characters: bool = True) -> Grams:
    """Return the words and word pairs of `texts`, and with `characters` their character n-grams too."""
    chars = _Characters.of(texts)
    parts = _words(chars)
    if characters:
        parts += [_ngrams(chars, length) for length in _LENGTHS]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    row, code, kind, start, end, position = columns
    return Grams(row=row, hash=_shorten(code), kind=kind, start=start, end=end, position=position, rows=len(texts))


_Columns = tuple[Ints, NDArray[np.uint64], NDArray[np.int8], Ints, Ints, Ints]


def _words(chars: _Characters) -> list[_Columns]:
    """Return the words, and the pairs of neighbouring words of one text."""
    inside = np.flatnonzero(chars.code != folding.SPACE)
    if not len(inside):
        return [_columns(WORD, *(np.zeros(0, dtype=np.int64) for _ in range(5)))]
    code, row, at = chars.code[inside].astype(np.uint64), chars.row[inside], chars.at[inside]
    alone = folding.solo(chars.code[inside])
    begins = np.ones(len(inside), dtype=bool)
    begins[1:] = (inside[1:] != inside[:-1] + 1) | alone[1:] | alone[:-1] | (row[1:] != row[:-1])
    first = np.flatnonzero(begins)
    length = np.diff(np.append(first, len(inside)))
    offset = np.minimum(np.arange(len(inside)) - np.repeat(first, length), 63)
    word = np.add.reduceat(code * _POWERS[offset], first)
    owner, start, end = row[first], at[first], at[first + length - 1] + 1
    steps = np.cumsum(np.where(alone[first], 1, 2))
    base = np.zeros(owner[-1] + 1, dtype=np.int64)
    new_row = np.append(True, owner[1:] != owner[:-1])
    base[owner[new_row]] = steps[new_row]
    position = steps - base[owner]
    pair = np.flatnonzero(owner[1:] == owner[:-1])
    both = word[pair] * _MIX + word[pair + 1]
    return [
        _columns(WORD, owner, word, start, end, position),
        _columns(PAIR, owner[pair], both, start[pair], end[pair + 1], position[pair]),
    ]


def _ngrams(chars: _Characters, length: int) -> _Columns:
    """Return the runs of `length` characters that have a space at most at either end."""
    count = max(len(chars.code) - length + 1, 0)
    code = chars.code.astype(np.uint64)
    total = code[:count].copy()
    for step in range(1, length):
        total = total * _PRIME + code[step : step + count]
    spaces = np.concatenate([[0], np.cumsum(chars.code == folding.SPACE)])
    inner = spaces[length - 1 : length - 1 + count] - spaces[1 : 1 + count]
    good = np.flatnonzero(inner == 0)
    row = chars.row[good + 1]
    return _columns(CHARS, row, total[good], chars.at[good], chars.at[good + length - 1] + 1, np.zeros_like(good))


def _columns(kind: int, row: Ints, code: NDArray[Any], start: Ints, end: Ints, position: Ints) -> _Columns:
    """Return one kind's entries as columns; a kind's hashes never equal another's."""
    mixed = (code.astype(np.uint64) + np.uint64(kind + 1)) * _MIX
    return row, mixed, np.full(len(row), kind, dtype=np.int8), start, end, position


def _shorten(code: NDArray[np.uint64]) -> Hashes:
    """Return 32 well-mixed bits of each 64-bit hash."""
    code = (code ^ (code >> np.uint64(29))) * _MIX
    return (code >> np.uint64(32)).astype(np.uint32)


class Vocabulary:
    """The grams a model knows, each with its weight (how rare it is)."""

    _BITS = 20

    def __init__(self, hashes: Hashes, rarity: Floats) -> None:
        """Take the known hashes, ascending and without doubles, and the weight of each; else raise `ValueError`."""
        if hashes.dtype != np.uint32 or hashes.shape != rarity.shape or (hashes[1:] <= hashes[:-1]).any():
            raise ValueError("a vocabulary needs ascending hashes and a weight for each")
        self.hashes = hashes
        self.rarity = rarity
        self._slots = np.zeros(1 << self._BITS, dtype=np.int32)
        # Two grams may want one slot; the later one gets it and the other is unknown: 3 % at 60,000 grams.
        self._slots[hashes >> np.uint32(32 - self._BITS)] = np.arange(len(hashes))

    def find(self, hashes: Hashes) -> tuple[NDArray[np.bool_], Ints]:
        """Return which of `hashes` are known, and the index of each known one."""
        if not len(self.hashes):
            return np.zeros(len(hashes), dtype=bool), np.zeros(0, dtype=np.int64)
        slot = self._slots[hashes >> np.uint32(32 - self._BITS)]
        known = self.hashes[slot] == hashes
        return known, slot[known].astype(np.int64)

    def matrix(self, row: Ints, index: Ints, rows: int) -> sparse.csr_matrix:
        """Return one row of length one per text; a gram counts once, however often it is repeated."""
        key = row * len(self.hashes) + index
        # Half as wide is sorted in half the time.
        key = np.sort(key.astype(np.uint32) if rows * len(self.hashes) < 2**32 else key).astype(np.int64)
        key = key[np.append(True, key[1:] != key[:-1])[: len(key)]]  # ten times quicker than numpy's unique
        row, index = np.divmod(key, max(len(self.hashes), 1))
        value = self.rarity[index]
        length = np.sqrt(np.bincount(row, weights=value.astype(np.float64) ** 2, minlength=rows))
        value = (value / length[row]).astype(np.float32)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))])
        return sparse.csr_matrix((value, index, bounds), shape=(rows, len(self.hashes)))
