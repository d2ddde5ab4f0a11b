"""What was stored in English (reasons, causes, doubts), said in the reader's language.

A store holds finished sentences, those of years ago too. A catalogue has their patterns in the context "said": a
place ("%(n)s days") stands for what was filled in, and its words put the same into the translated sentence. What no
pattern knows stays as it is: the words of a server, of a library, of a customer.
`tests/web/test_sayings.py` holds that every such sentence in the code has its words in every catalogue.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel.messages import Catalog

CONTEXT = "said"
LONGEST = 500
"""Characters of a text that is looked at; a longer one is none of ours."""

_PLACE = re.compile(r"%\((\w+)\)s")
NAME = "name"
"""A place in which somebody's own name stands as it is, though it may be a word of ours too."""

CAUSE, LISTED = ": ", ", "
MARKS = (CAUSE, " and ", LISTED)
_NESTED = 4
"""A sentence stands in a sentence: "IMAP: %(what)s: %(why)s"."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence with places; `parts` is what stands before, between and after them."""

    parts: tuple[str, ...]
    places: tuple[str, ...]
    words: str

    def found_in(self, text: str) -> dict[str, str] | None:
        """Return what stands in the places of `text`, or None if it is another sentence; no place is empty."""
        if not text.startswith(self.parts[0]) or not text.endswith(self.parts[-1]):
            return None
        at, end, found = len(self.parts[0]), len(text) - len(self.parts[-1]), {}
        for place, between in zip(self.places, self.parts[1:-1], strict=False):
            here = text.find(between, at + 1, end)
            if here < 0:
                return None
            found[place], at = text[at:here], here + len(between)
        found[self.places[-1]] = text[at:end]
        return found if at < end else None


class Sayings:
    """The sentences and words of one catalogue; safe to share between threads."""

    def __init__(self, catalogue: Iterable[tuple[str | None, str, str]]) -> None:
        """Take the catalogue as (context, English, words)."""
        self._words: dict[str, str] = {}
        patterns = []
        for context, english, words in catalogue:
            places = tuple(_PLACE.findall(english))
            if places and context == CONTEXT:
                patterns.append(Pattern(tuple(_PLACE.split(english)[::2]), places, words))
            elif not places and (context == CONTEXT or english not in self._words):
                self._words[english] = words
        # Those that say most themselves come first: "%(case)s (%(number)s)" would take in half of the others.
        self._patterns = sorted(patterns, key=lambda pattern: -sum(map(len, pattern.parts)))
        self.say = lru_cache(maxsize=20_000)(self._say)

    def _say(self, text: str) -> str:
        return self._found(text, _NESTED) or text

    def _found(self, text: str, depth: int) -> str | None:
        """Return a text in the reader's language, or None if it is not known."""
        if text in self._words or not depth or len(text) > LONGEST:
            return self._words.get(text)
        for pattern in self._patterns:
            if (found := pattern.found_in(text)) is not None:
                return pattern.words % {place: self._value(place, value, depth) for place, value in found.items()}
        return next((told for mark in MARKS if (told := self._parted(text, mark, depth)) is not None), None)

    def _value(self, place: str, value: str, depth: int) -> str:
        return (None if place == NAME else self._found(value, depth - 1)) or value

    def _parted(self, text: str, mark: str, depth: int) -> str | None:
        """Return what is put together of parts ("support-mail: SMTP: the connection is closed", "pending, TRON").

        Of a cause one part may be somebody else's words; of what is told one after the other all else must be names.
        """
        parts = text.split(mark, 1) if mark == CAUSE else text.split(mark)
        told = [self._found(part, depth - 1) for part in parts] if len(parts) > 1 else []
        unknown = [part for part, words in zip(parts, told, strict=False) if words is None]
        if not any(told) or (mark != CAUSE and any(" " in part for part in unknown)):
            return None
        joined = self._words.get(mark, self._words.get(LISTED, mark))
        return joined.join(words or part for part, words in zip(parts, told, strict=True))


def sayings_of(catalogue: Catalog) -> Sayings:
    """Return the sentences and words of a catalogue that was read."""
    return Sayings((m.context, str(m.id), str(m.string)) for m in catalogue if m.id and m.string)
