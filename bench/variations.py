"""More messages than anybody has written: variations of the corpus, to train on for time and memory alone.

Each takes the beginning of one message and the end of another of the same language and topic, draws every digit anew,
and in one word of twelve makes a typing error, so that new words and n-grams go on appearing as they do in real mail.
Nobody wrote them and their labels are those of the first message: what a model scores on them says nothing.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from triage.classifier.dataset import Row

_PIECES = re.compile(r"(?<=[.!?;,。！？；，、؟\n])\s*")
_DIGIT = re.compile(r"\d")
_TYPING_ERRORS = 12  # one word of so many


def variations(rows: Sequence[Row], count: int, seed: int) -> Iterator[Row]:
    """Yield `count` different rows: `rows` themselves first, then variations of them."""
    rng = random.Random(seed)
    alike = defaultdict(list)
    for row in rows:
        alike[row.lang, row.nature, row.topic].append(row)
    seen: set[str] = set()
    for row in rows[:count]:
        if row.text not in seen:
            seen.add(row.text)
            yield row
    while len(seen) < count:
        row = rng.choice(rows)
        text = _varied(row, rng.choice(alike[row.lang, row.nature, row.topic]), rng)
        if text not in seen and text.strip():
            seen.add(text)
            yield replace(row, text=text)


def _varied(one: Row, other: Row, rng: random.Random) -> str:
    first, second = _PIECES.split(one.text), _PIECES.split(other.text)
    pieces = [*first[: rng.randint(1, len(first))], *second[rng.randint(0, len(second)) :]]
    apart = "" if one.lang.startswith(("zh", "ja")) else " "
    words = apart.join(piece.strip() for piece in pieces if piece.strip()).split(" ")
    text = " ".join(word if rng.randrange(_TYPING_ERRORS) else _mistyped(word, rng) for word in words)
    return _DIGIT.sub(lambda _: str(rng.randrange(10)), text)


def _mistyped(word: str, rng: random.Random) -> str:
    """Return the word with one letter left out, doubled, or in its neighbour's place."""
    if len(word) < 3:
        return word
    at = rng.randrange(len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
