"""Telling private keys from transaction ids among 64 hex digits, of which nothing but the context tells one.

First comes proof: the address that a key makes stands in the same text. Then what the text calls it. What is neither
proved nor named may be a key: its middle is hidden, so that agents still know a transaction again.
"""

import re
from enum import Enum
from itertools import islice

from triage.rules import derived_addresses
from triage.rules.hints import holds_any
from triage.rules.key_names import HASH, HINTS_AT_KEY, KEY, MOVEMENT
from triage.rules.outlines import long_words
from triage.rules.span import Span

_HEX = re.compile("(?:0[xX])?[0-9a-fA-F]{64}")
# What must stand before it is looked at behind its first digit: letters that begin nothing are skipped at once.
_GROUPS = re.compile(
    r"[0-9a-fA-F](?<![A-Za-z0-9].)(?:(?<=0)[xX][0-9a-fA-F]{2,32}|[0-9a-fA-F]{1,31})[ :\n-]\r?"
    r"(?:[0-9a-fA-F]{2,32}[ :\n-]\r?){0,30}[0-9a-fA-F]{2,32}(?![A-Za-z0-9])"
)
_LINK = re.compile(r"(?:/|\btx|hash|id|transaction)[/=]\Z", re.IGNORECASE)
_BEFORE, _BEHIND, _AROUND = 80, 40, 300  # characters in which a name counts
_MOST_PROOFS = 10
_LEAST_DECIMAL = 20  # of 64 hex digits 40 are decimal, and hardly ever fewer than 20
_LONGEST = 100_000  # characters in which groups are looked for
_DIGITS = 64
SHOWN = 8
"""Digits at each end that stay of what may be a key: 192 of 256 bits are gone."""


class _Meaning(Enum):
    KEY = 1
    HASH = 2
    UNKNOWN = 3


def find_keys(text: str) -> list[Span]:
    """Return where 64 hex digits are a private key, proved or called so."""
    return _find(text, _Meaning.KEY)


def find_in_groups(text: str) -> list[Span]:
    """Return where 64 hex digits that stand in groups or on two lines are called a private key."""
    text = text[:_LONGEST]
    if sum(map(text.count, "0123456789")) < _LEAST_DECIMAL or not holds_any(text, HINTS_AT_KEY):
        return []
    spans = [Span(m.start(), m.end()) for m in _GROUPS.finditer(text) if len(_digits(m[0])) == _DIGITS]
    return [s for s in spans if _meaning(text, s.start, s.end) is _Meaning.KEY]


def _digits(groups: str) -> str:
    return re.sub(r"0[xX]|[^0-9a-fA-F]", "", groups)


def find_unnamed(text: str) -> list[Span]:
    """Return where 64 hex digits may be a private key or a transaction id."""
    return _find(text, _Meaning.UNKNOWN)


def _find(text: str, wanted: _Meaning) -> list[Span]:
    spans = [Span(start, end) for start, end in long_words(text, _DIGITS) if _HEX.fullmatch(text, start, end)]
    if not spans:
        return []
    proved = _proved(text, spans) if wanted is _Meaning.KEY else set()
    return [s for s in spans if s in proved or _meaning(text, s.start, s.end) is wanted]


def _proved(text: str, spans: list[Span]) -> set[Span]:
    """Return the candidates whose address the text names."""
    named = derived_addresses.candidates(text)
    if not named:
        return set()
    found = set()
    for span in islice(spans, _MOST_PROOFS):
        secret = bytes.fromhex(text[span.end - 64 : span.end])
        if not named.isdisjoint(derived_addresses.of(secret)):
            found.add(span)
    return found


def _meaning(text: str, start: int, end: int) -> _Meaning:
    """Return what the nearest name says: first those before, then behind, then what the text is about."""
    before, behind = text[max(0, start - _BEFORE) : start], text[end : end + _BEHIND]
    if _LINK.search(before[-16:]):
        return _Meaning.HASH
    key, other = _last(KEY, before), _last(HASH, before)
    if key > other:
        return _Meaning.KEY
    if KEY.search(behind):
        return _Meaning.UNKNOWN if other >= 0 or HASH.search(behind) else _Meaning.KEY
    if other >= 0 or HASH.search(behind):
        return _Meaning.HASH
    around = text[max(0, start - _AROUND) : end + _AROUND]
    about = HASH.search(around) or MOVEMENT.search(around)
    return _Meaning.HASH if about and not KEY.search(around) else _Meaning.UNKNOWN


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.start() for m in pattern.finditer(text)), default=-1)
