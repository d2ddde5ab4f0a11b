"""Where any of many phrases stand in a text, found in one pass over it, however many phrases there are."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import ahocorasick

Value = TypeVar("Value")


class Finder(Generic[Value]):
    """Phrases, each with its values; safe to share between threads. (Aho and Corasick, CACM 18/6, 1975.)."""

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        """Take the phrases to look for; empty ones are left out, and one may come with several values."""
        values: dict[str, list[Value]] = {}
        for phrase, value in phrases:
            values.setdefault(phrase, []).append(value)
        self._automaton = ahocorasick.Automaton()
        for phrase, own in values.items():
            if phrase:
                self._automaton.add_word(phrase, (len(phrase), tuple(own)))
        self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[tuple[int, int, Value]]:
        """Yield where each phrase begins and ends, and its value, in order of the ends; phrases may overlap."""
        if not len(self._automaton):
            return
        for last, (length, values) in self._automaton.iter(text):
            for value in values:
                yield last + 1 - length, last + 1, value

    def found(self, text: str) -> bool:
        """Return whether any phrase stands in `text`."""
        return next(self.find(text), None) is not None
