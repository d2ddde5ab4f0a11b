"""What a text looks like from afar, letters being all the same, and digits: it says what most texts cannot hold.

One pass over bytes and a plain search cost a tenth of what a pattern costs that is tried at every place.
"""

from collections.abc import Iterator
from functools import lru_cache

LETTER, DIGIT, OTHER = b"a", b"1", b"?"
"""How an outline shows each letter and digit of ASCII, and whatever is not of ASCII; the rest stands for itself."""

_TABLE = bytes(
    ord(DIGIT) if chr(c).isdigit() else ord(LETTER) if c < 128 and chr(c).isalpha() else c for c in range(256)
)
_WORDS = bytes(ord(LETTER) if bytes((c,)) in (LETTER, DIGIT) else ord(" ") for c in range(256))


@lru_cache(maxsize=4)  # several rules ask of one text
def outline(text: str) -> bytes:
    """Return the outline of `text`, a byte for each character."""
    return text.encode("ascii", "replace").translate(_TABLE)


@lru_cache(maxsize=4)
def _words(text: str) -> bytes:
    return outline(text).translate(_WORDS)


def long_words(text: str, length: int) -> Iterator[tuple[int, int]]:
    """Yield where each whole word of letters and digits of ASCII begins and ends that has at least `length` of them."""
    words, long = _words(text), LETTER * length
    start = words.find(long)
    while start >= 0:
        end = words.find(b" ", start)
        end = end if end >= 0 else len(words)
        yield start, end
        start = words.find(long, end)


def holds_a_word(text: str, length: int) -> bool:
    """Tell whether so many letters and digits of ASCII stand together in `text`."""
    return len(text) >= length and LETTER * length in _words(text)
