"""Writing the same word the same way: case, accents, width, digits, traditional and simplified Chinese.

A table over the Basic Multilingual Plane maps every character to exactly one other, so that positions in
the folded text are positions in the message, and a whole batch is folded by one look-up.
"""

import functools
import unicodedata
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

LONGEST_TEXT = 4000
"""Characters of one message that are looked at; the first ones, where people say what it is."""

SPACE = 32
DELETED = 0
_DIGIT = ord("0")
_SPECIAL = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "s", "æ": "a", "œ": "o", "？": "?", "؟": "?", "?": "?"}
_APOSTROPHES = "'’‘`´ʼ＇"
# Digits are alike, and so are signs of currencies; marks and joiners are not written by everybody.
_BY_KIND = {"Nd": _DIGIT, "Sc": ord("$"), "Mn": DELETED, "Me": DELETED, "Cf": DELETED}
# Between these stand kana, ideographs and Hangul, which stay: decomposed, voiced kana lose what tells words apart.
_FOLDED = (range(0x3041), range(0x3100, 0x3400), range(0xD7A4, 0xD800), range(0xF900, 0x10000))
_NO_LETTERS = slice(0xD800, 0xF900)  # halves of characters, and what everybody may define for himself
_SOLO = ((0x3041, 0x3100), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0x2600, 0x27C0), (0x2B00, 0x2C00))


@functools.cache
def table() -> NDArray[np.uint16]:
    """Return for each of the first 65,536 characters what it folds to: itself, another, SPACE or DELETED."""
    folded = np.arange(0x10000, dtype=np.uint16)
    folded[_NO_LETTERS] = SPACE
    for code in chain(*_FOLDED):
        other = _fold_one(chr(code))
        folded[code] = other if other < 0x10000 else code
    for traditional, simplified in _simplified().items():
        folded[ord(traditional)] = ord(simplified)
    return folded


def fold(codes: Codes) -> Codes:
    """Return the folded characters of `codes`, one for one; characters beyond the table stay."""
    if not len(codes) or codes.max() < 0x10000:
        return table()[codes].astype(np.uint32)
    inside = codes < 0x10000
    return np.where(inside, table()[np.where(inside, codes, 0)], codes).astype(np.uint32)


def fold_text(text: str) -> str:
    """Return `text` folded, with single spaces, for rules that look for words.

    >>> fold_text("Mi CUENTA está  bloqueada!")
    'mi cuenta esta bloqueada'
    """
    if text.isascii():
        kept = text.encode().translate(*_ascii())
        return b" ".join(kept.split()).decode()
    folded = fold(codes_of(text))
    words = folded[folded != DELETED].astype("<u4").tobytes().decode("utf-32-le", "replace")
    return " ".join(words.split())


@functools.cache
def _ascii() -> tuple[bytes, bytes]:
    """Return the table for ASCII, which folds to ASCII, and what of it is deleted: thirty times quicker than arrays."""
    folded = table()[:128].tolist()
    gone = bytes(code for code, other in enumerate(folded) if other == DELETED)
    return bytes(0 if other == DELETED else other for other in folded) + bytes(128), gone


def codes_of(text: str) -> Codes:
    """Return the code points of `text`."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)


def solo(folded: Codes) -> NDArray[np.bool_]:
    """Return which characters are a word of their own: ideographs, kana, emoji, the question mark."""
    alone = (folded == ord("?")) | (folded >= 0x10000)
    for first, end in _SOLO:
        alone |= (folded >= first) & (folded < end)
    return np.asarray(alone)


def solo_text(folded: str) -> bool:
    """Return whether a folded text is made of characters that are words of their own, and of nothing else."""
    return bool(folded) and bool(solo(codes_of(folded)).all())


def _fold_one(char: str) -> int:
    """Return what one character folds to."""
    if char in _APOSTROPHES:
        return DELETED
    base = unicodedata.normalize("NFKD", char)[0].lower()[0]
    base = _SPECIAL.get(base, base)
    if base == "?":
        return ord("?")
    kind = unicodedata.category(base)
    return _BY_KIND.get(kind, ord(base) if kind[0] in "LMN" or kind == "So" else SPACE)


def _simplified() -> dict[str, str]:
    """Return OpenCC's table of single characters, traditional to simplified."""
    import opencc

    path = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split() for line in path.read_text("utf-8").splitlines())
    return {p[0]: p[1] for p in pairs if len(p) > 1 and ord(p[0]) < 0x10000 and ord(p[1]) < 0x10000}
