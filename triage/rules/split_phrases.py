"""Recovery phrases that somebody sends in pieces: six words now, six in the next message.

A piece is the longest run of words of one list in a text, or the Chinese characters of a text that holds little else.
Half a phrase that says nothing else is no accident, and goes at once (`find`), with what stands about it. Smaller
pieces are put together in the order they came. What comes out must be a phrase by its checksum; without one, as many
words as a phrase has, in messages that say nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from triage.rules import seed_characters, seed_phrases
from triage.rules.everyday_words import AT_A_DESK
from triage.rules.listed_words import counts, listing, spelt
from triage.rules.span import Span
from triage.rules.word_lists import LENGTHS, WORDED, checksum_holds

MOST_PIECES = 24
"""One word a message; more than so many earlier messages are never asked for."""

WINDOW = timedelta(minutes=10)
"""So long do pieces of one sender belong together."""

INSTEAD = "[seed phrase removed]"
_LONGEST = 600  # characters of a message that holds a piece
_HAN = re.compile("[\u3400-\u9fff]")
_LABEL = re.compile(r"\w+\s?[:：]\s*")  # "second: ..."
_NAMED = re.compile(r"\s*[^:：\n]{1,12}[:：]\s*(?=\S)")  # "后六个：…"
_NUMBER = re.compile(r"(?<!\w)\d{1,2}(?=[.):\s-]{1,3}[^\W\d_]{2})")
_TOGETHER = re.compile("[\u3400-\u9fff]{2}")
_LEAST_VARIED = 0.75
_MOST_OTHER = 2  # words beside a piece in a message that says nothing else: "second half:"
_HALF, _BARE_HALF = 6, 5  # words of a piece that goes at once: with one word beside it ("and ..."), and without
_REST = 3  # words of a piece that goes because another went, or because each has its number
_MOST_EVERYDAY = 0.5  # of random words one in seven is one of these; of a subject line most are


@dataclass(frozen=True, slots=True)
class _Piece:
    span: Span
    words: tuple[str, ...]
    others: int

    @property
    def alone(self) -> bool:
        """Whether the message says nothing else."""
        return self.others <= _MOST_OTHER

    @property
    def odd(self) -> bool:
        """Whether nobody would say such words, neither in a sentence nor in a subject line."""
        return seed_phrases.is_no_prose(self.words) and seed_phrases.share_of(AT_A_DESK, self.words) <= _MOST_EVERYDAY


def find(text: str) -> list[Span]:
    """Return the piece that `text` is, if it is half a phrase or more, or numbered, and says nothing else.

    In Chinese, where anybody says six listed characters, they must stand one by one.
    """
    if len(text) > _LONGEST or len(spelt(text)) > LENGTHS[-1]:
        return []
    if listing(text).count(1) < _REST:
        return [] if text.isascii() else _apart(text)
    least = _REST if _are_counted(text) else _BARE_HALF
    for language in _likely(text):
        piece = _longest(text, language)
        if piece and len(piece.words) >= least + bool(piece.others) and piece.others <= 1 and piece.odd:
            return [piece.span]
    return []


def _are_counted(text: str) -> bool:
    """Tell whether words are numbered, each by one more than the one before: "5. ribbon 6. velvet 7. kitchen"."""
    numbers = [int(number) for number in _NUMBER.findall(text)]
    return len(numbers) >= _REST and all(after == before + 1 for before, after in pairwise(numbers))


def _apart(text: str) -> list[Span]:
    """Return the Chinese characters that a text is, if each stands for itself and they read like nothing."""
    piece = _han(text)
    if piece is None or len(piece.words) < _HALF or _TOGETHER.search(text, piece.span.start):
        return []
    chars = "".join(piece.words)
    varied = len(set(chars)) >= _LEAST_VARIED * len(chars)
    return [piece.span] if varied and seed_characters.is_odd(chars) else []


def may_be_piece(text: str) -> bool:
    """Tell whether `text` is short and held or holds a piece in any language: it is worth asking what came before."""
    if not text or len(text) > _LONGEST:
        return False
    return INSTEAD in text or _han(text) is not None or any(_longest(text, language) for language in _likely(text))


def _likely(text: str) -> list[str]:
    """Return the languages whose list holds half of a text's words or all but a few: only there can be a piece."""
    words, (some, listed) = len(spelt(text)), counts(text)
    most = _MOST_OTHER + 1  # a label before the piece is no word of it
    if words - some > max(some, most):
        return []
    return [language for language, count in listed.items() if words - count <= max(count, most)]


def is_doubtful(text: str) -> bool:
    """Tell whether `text` may be a piece, and says nothing that anybody would say in Chinese."""
    if INSTEAD in text or not may_be_piece(text):
        return False
    han = _han(text)
    return han is None or seed_characters.naturalness("".join(han.words)) < seed_characters.NATURAL


def without_pieces(texts: Sequence[str]) -> list[str] | None:
    """Return `texts`, oldest first, with the pieces of a phrase replaced that the last one completes, or None."""
    found = _in_characters(texts)
    for language in WORDED if found is None else ():
        pieces = [None if INSTEAD in text else _longest(text, language) for text in texts]
        if found := _beside(texts, pieces) or _completed(pieces, language):
            break
    if found is None:
        return None
    return [
        text if piece is None else text[: piece.span.start] + INSTEAD + text[piece.span.end :]
        for text, piece in zip(texts, found, strict=True)
    ]


def _beside(texts: Sequence[str], pieces: Sequence[_Piece | None]) -> list[_Piece | None] | None:
    """Return the pieces before and after one that went already, of words that nobody would say."""
    if not any(INSTEAD in text for text in texts):
        return None
    kept = [piece if piece and piece.alone and len(piece.words) >= _REST and piece.odd else None for piece in pieces]
    return kept if any(kept) else None


def _completed(pieces: Sequence[_Piece | None], language: str) -> list[_Piece | None] | None:
    """Return the pieces from some message on, the ones before it as None, if together they are a phrase."""
    if pieces[-1] is None:
        return None
    for first in range(len(pieces) - 1):
        if pieces[first] is None:
            continue
        kept = [None] * first + list(pieces[first:])
        chosen = [piece for piece in kept if piece]
        words = [word for piece in chosen for word in piece.words]
        if len(chosen) > 1 and len(words) in LENGTHS and _is_phrase(words, chosen, language):
            return kept
    return None


def _is_phrase(words: Sequence[str], pieces: Sequence[_Piece], language: str) -> bool:
    if not seed_phrases.is_no_prose(words):
        return False
    return checksum_holds(words, language) or all(piece.alone for piece in pieces)


def _longest(text: str, language: str) -> _Piece | None:
    """Return the longest run of listed words of a short text, if it is most of what the text says."""
    if len(text) > _LONGEST:
        return None
    runs = seed_phrases.runs(text, language)
    if not runs:
        return None
    span, words, others = max(runs, key=lambda run: len(run[1]))
    if len(words) > 1 and (label := _LABEL.match(text, span.start)):
        span, words, others = Span(label.end(), span.end), words[1:], others + 1
    return _Piece(span, words, others) if others <= max(len(words), _MOST_OTHER) else None


def _in_characters(texts: Sequence[str]) -> list[_Piece | None] | None:
    pieces = [_han(text) for text in texts]
    if pieces[-1] is None:
        return None
    for first in range(len(pieces) - 1):
        kept = [None] * first + list(pieces[first:])
        chosen = [piece for piece in kept if piece]
        characters = "".join(char for piece in chosen for char in piece.words)
        if pieces[first] and len(characters) in LENGTHS and seed_characters.is_phrase(characters):
            return kept
    return None


def _han(text: str) -> _Piece | None:
    """Return the Chinese characters of a text that is too short for a phrase and has but a name before them."""
    if text.isascii() or len(text) > _LONGEST or re.search("[A-Za-z\u3041-\u30ff]", text):
        return None
    label = _NAMED.match(text)
    places = [m.start() for m in _HAN.finditer(text, label.end() if label else 0)]
    if not 0 < len(places) < LENGTHS[-1]:
        return None
    return _Piece(Span(places[0], places[-1] + 1), tuple(text[at] for at in places), others=0)
