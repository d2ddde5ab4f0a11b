"""Whether more people than usual write about the same thing: by topic, coin, network, or in nearly the same words."""

import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from triage.case import Reading, Verdict

SPAN = 2
"""Hours that are compared: this one and the one before, so that the full hour cuts no burst in two."""

WEEK = 168
WEEKS = 4
"""Hours of a week, and how many earlier weeks tell what is usual at this hour of the week."""

_LONGEST = 250  # characters of a text that its words are compared by
_NOISE = re.compile(r"[\W\d_]+")
_LONG_WORD = re.compile(r"\S{25,}")  # hashes, addresses: each customer's own
_BANDS = 3
_LEAST = 12  # different trigrams that a text has
_ODD = tuple((0x9E3779B97F4A7C15 * (2 * n + 1) ^ 0xC2B2AE3D27D4EB4E * n) % (1 << 64) | 1 for n in range(2 * _BANDS + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """When a burst is proposed as an incident.

    Attributes:
        at_least: So many people within two hours; 0: never.
        times: So many times as many as usual.
    """

    at_least: int = 10
    times: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """More of something than usual: the sign, the cases that have it, and how many were to be expected."""

    sign: str
    cases: frozenset[int]
    expected: float


def signs_of(verdict: Verdict, reading: Reading) -> tuple[str, ...]:
    """Return what could connect a case with others; short words, no doubles, none of them a customer's own."""
    topic = f"topic:{verdict.topic}" if verdict.topic else ""
    places = [f"coin:{coin}" for coin in reading.references.coins[:2]]
    places += [f"network:{network}" for network in reading.references.networks[:2]]
    both = [f"{topic} {place}" for place in places] if topic else []
    found = ([topic] if topic else []) + both + places + list(_alike(reading.text))
    return tuple(dict.fromkeys(sign[:100] for sign in found))


def title(sign: str) -> str:
    """Return a sign in words ("pending, TRON")."""
    if sign.startswith("text:"):
        return "nearly the same words"
    return ", ".join(word.partition(":")[2] for word in sign.split(" "))


def is_burst(count: int, expected: float, sensitivity: Sensitivity) -> bool:
    """Tell whether `count` people are so many more than the `expected` that chance does not explain it."""
    enough = sensitivity.at_least > 0 and count >= sensitivity.at_least
    return enough and count >= sensitivity.times * expected and count > expected + 3 * sqrt(expected)


def usual(weeks: Sequence[int], day: int | None) -> float:
    """Return how many cases are to be expected in `SPAN` hours; 0 where there is no history yet.

    It is the mean of the same hours of earlier `weeks`, or that of the `day` before if it is more.
    """
    weekly = sum(weeks) / len(weeks) if weeks else 0.0
    return max(weekly, 0.0 if day is None else day * SPAN / 24)


def bursts(
    members: Mapping[str, Mapping[int, int]], expected: Mapping[str, float], sensitivity: Sensitivity
) -> list[Burst]:
    """Return the bursts among signs, each cause once, the biggest first.

    `members` has each sign's cases with their person: one person is counted once, however much she writes. Of signs
    that are borne by much the same cases the most telling one stands for all.
    """
    found = {
        sign: frozenset(cases)
        for sign, cases in members.items()
        if is_burst(len(set(cases.values())), expected.get(sign, 0.0), sensitivity)
    }
    chosen: list[Burst] = []
    while found:
        widest = max(found, key=lambda sign: (len(found[sign]), _telling(sign), sign))
        near = [sign for sign in found if len(found[sign] & found[widest]) >= 0.8 * len(found[widest])]
        sign = max(near, key=lambda one: (_telling(one), len(found[one]), one))
        chosen.append(Burst(sign=sign, cases=found[sign], expected=expected.get(sign, 0.0)))
        taken = found[widest] | found[sign]
        found = {one: cases for one, cases in found.items() if 2 * len(cases & taken) < len(cases)}
    return chosen


def _telling(sign: str) -> int:
    """Return how much a sign says about the cause; of texts that are alike nobody knows what they are about."""
    return 0 if sign.startswith("text:") else 1 + sign.count(":") + sign.startswith("topic:")


def _alike(text: str) -> Collection[str]:
    """Return hashes that texts of nearly the same words share (MinHash of character trigrams, in bands of two).

    Numbers, hashes and addresses are left out: they are each customer's own.
    """
    words = _NOISE.sub(" ", _LONG_WORD.sub(" ", text[: 2 * _LONGEST]).casefold()).strip()[:_LONGEST]
    import numpy as np  # a command line that lists cases does without

    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    shingles = (codes[:-2] << np.uint64(42)) | (codes[1:-1] << np.uint64(21)) | codes[2:]
    if len(set(shingles.tolist())) < _LEAST:
        return ()
    shingles *= np.uint64(_ODD[0])
    shingles ^= shingles >> np.uint64(32)
    # Multiply and shift (Dietzfelbinger 1997): the upper half of an odd multiple, modulo 2^64.
    mixed = shingles * np.array(_ODD[1:], np.uint64)[:, None] >> np.uint64(32)
    least = mixed.min(axis=1).tolist()
    return [f"text:{band}:{zlib.crc32(repr(least[2 * band : 2 * band + 2]).encode()):08x}" for band in range(_BANDS)]
