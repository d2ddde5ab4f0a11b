"""Whether two texts of one person are about the same thing: told by their words, and by what they name exactly."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from triage.case import References
from triage.rules.references import find_references

ALIKE = 90.0
"""`partial_ratio` of rapidfuzz from which two texts of one person are the same story told again (0 to 100)."""

LONGEST_ALIKE = 1000
"""Characters of a text that are compared; what comes after them hardly ever tells."""

SHORTEST_ALIKE = 16
"""Characters: below it texts are alike by chance ("hello", "any news?")."""

_NOISE = re.compile(r"\W+")
_REPLY_MARK = re.compile(
    r"^(?:\s*(?:re|aw|sv|rv|fwd?|wg|tr|回复|答复|回覆|转发|轉寄)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE
)
_LONG_NUMBER = re.compile(r"(?<![\d.,])\d{5,40}(?![\d.,]\d)")
_MASKED = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}…[0-9a-fA-F]{8}(?![0-9A-Za-z])")  # of what may be a key
_WIDE = frozenset("WF")

Names = frozenset[str]


def words_of(text: str) -> str:
    """Return a text with blanks for everything that is no letter or digit."""
    return _NOISE.sub(" ", text)


def plain_subject(subject: str) -> str:
    """Return a subject without reply marks in any language, case-folded, for comparing."""
    return words_of(_REPLY_MARK.sub("", subject)).strip().casefold()


def width(text: str) -> int:
    """Return how much a text says, in columns of a terminal: a Chinese character says as much as two Latin ones."""
    return len(text) + sum(unicodedata.east_asian_width(c) in _WIDE for c in text[:LONGEST_ALIKE])


def same_words(text: str, other: str) -> bool:
    """Tell whether two texts have the same letters and digits in the same order, and any at all."""
    words = _plain(text)
    return bool(words) and words == _plain(other)


def alike(text: str, other: str) -> bool:
    """Tell whether one text is in the other, whole or with few changes; short ones must have the same words."""
    if min(len(text), len(other)) < SHORTEST_ALIKE:
        return same_words(text, other)
    return overlap(text[:LONGEST_ALIKE], other[:LONGEST_ALIKE])


@lru_cache(maxsize=512)
def matters(text: str) -> Names:
    """Return what a text names that belongs to one matter only: transactions and orders.

    Of 64 hex digits that may be a key the middle is not kept; what is left of a transaction still tells it from others.
    """
    found = _named(text)
    return frozenset((*found.transactions, *found.orders, *_MASKED.findall(text[:LONGEST_ALIKE])))


@lru_cache(maxsize=512)
def addresses(text: str) -> Names:
    """Return the wallet addresses that a text names."""
    return frozenset(_named(text).addresses)


@lru_cache(maxsize=512)
def sums(text: str) -> Names:
    """Return the amounts that a text names, with their coins."""
    return frozenset(_named(text).amounts)


@lru_cache(maxsize=512)
def named(text: str) -> Names:
    """Return everything that a text names exactly."""
    found = _named(text)
    return frozenset((*found.transactions, *found.orders, *found.addresses, *found.amounts))


def all_of(what: Iterable[Names]) -> Names:
    """Return the union of what several texts name."""
    return frozenset[str]().union(*what)


def apart(text: str, before: Iterable[str]) -> bool:
    """Tell whether a text names another transaction, order or number, or another sum of the same coin, than `before`.

    It does only if both name some and share none: the same form about another order is another matter, and the same
    story with its transaction id added is not.
    """
    said = tuple(before)
    for names in (matters, _long_numbers):
        new, old = names(text), all_of(map(names, said))
        if new and old and not new & old:
            return True
        if new & old:
            return False
    told, known = sums(text), all_of(map(sums, said))
    coins = {amount.rpartition(" ")[2] for amount in told} & {amount.rpartition(" ")[2] for amount in known}
    return bool(coins) and not told & known


@lru_cache(maxsize=64)  # the same two texts are asked about up to three times in a row
def overlap(text: str, other: str) -> bool:
    """Tell whether one text is in the other, whole or with few changes, whatever their length."""
    if text in other or other in text:
        return True
    pieces, others = _pieces(text), _pieces(other)
    # The fine comparison costs a millisecond; texts that share few pieces need none.
    if 2 * len(pieces & others) < min(len(pieces), len(others)):
        return False
    return bool(fuzz.partial_ratio(text, other, score_cutoff=ALIKE) >= ALIKE)


@lru_cache(maxsize=512)
def _named(text: str) -> References:
    return find_references(text[:LONGEST_ALIKE])


@lru_cache(maxsize=512)
def _long_numbers(text: str) -> Names:
    """Return the numbers of five digits and more: an order that no word introduces is in a form all the same."""
    return frozenset(_LONG_NUMBER.findall(text[:LONGEST_ALIKE]))


@lru_cache(maxsize=512)
def _pieces(text: str) -> Names:
    return frozenset({text[i : i + 4] for i in range(len(text) - 3)})


@lru_cache(maxsize=512)
def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()
