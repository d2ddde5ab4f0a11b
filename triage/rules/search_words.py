"""What a text is found by: the words of an index, and the phrases of a question. The same on both databases.

Letters are compared without case, width or accents. Scripts that write no blanks between words (Chinese, Japanese,
Thai, Korean particles) are cut into overlapping pairs, as most of their words have two characters; a phrase of pairs
that follow each other is then any text, and a single character is the beginning of a pair.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 100
"""Characters; a transaction id has up to 88."""

MOST_WORDS = 4_000
"""Words of one message that are indexed: what comes after twenty pages is not looked for."""

MOST_CHARACTERS = 40_000

MOST_PHRASES = 12

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003fffd"
)
_RUNS = re.compile(rf"([{_UNSPACED}]+)|[^\W_{_UNSPACED}]+")
_ASCII_RUN = re.compile("[a-z0-9]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow each other; with `beginning`, the last one is only begun."""

    words: tuple[str, ...]
    beginning: bool


def index_words(text: str) -> list[str]:
    """Return the words of a text in its order, at most `MOST_WORDS`: letters and digits only."""
    if text.isascii():
        return [word[:LONGEST_WORD] for word in _ASCII_RUN.findall(text[:MOST_CHARACTERS].lower())[:MOST_WORDS]]
    found: list[str] = []
    for run, unspaced in _runs(text[:MOST_CHARACTERS]):
        if unspaced:
            found += [run[i : i + 2] for i in range(len(run))]  # the last one alone, too
        else:
            found.append(run[:LONGEST_WORD])
        if len(found) >= MOST_WORDS:
            break
    return found[:MOST_WORDS]


def phrases(question: str) -> tuple[Phrase, ...]:
    """Return what a text must contain to answer a question: all of these, at most `MOST_PHRASES`; () asks nothing.

    What is typed together (an address, "0.5") or stands in quotation marks is one phrase. Each word may be longer than
    it was typed, unless it is quoted.
    """
    found: list[Phrase] = []
    for number, part in enumerate(question.replace("“", '"').replace("”", '"').split('"')):
        for piece in [part] if number % 2 else part.split():
            found += _phrases(piece, quoted=bool(number % 2))
    return tuple(dict.fromkeys(found))[:MOST_PHRASES]


def _phrases(piece: str, *, quoted: bool) -> Iterator[Phrase]:
    words: list[str] = []
    single = False
    for run, unspaced in _runs(piece):
        if unspaced and len(run) > 1:
            words += [run[i : i + 2] for i in range(len(run) - 1)]
            single = False
        elif unspaced:
            single = True
            words.append(run)
        else:
            words.append(run[:LONGEST_WORD])
            single = not quoted
        if unspaced:
            # Pairs are followed by what the text goes on with, so a phrase ends with them.
            yield Phrase(tuple(words), single)
            words = []
    if words:
        yield Phrase(tuple(words), single)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for found in _RUNS.finditer(_plain(text)):
        yield found[0], found[1] is not None


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare).casefold()
