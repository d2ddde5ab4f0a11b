"""Whether a text is one of our own canned replies: what another desk of our make says, whatever headers were lost."""

import re
from collections import defaultdict
from collections.abc import Iterable

_END = re.compile(r"(?<=[.!?:])\s+|(?<=[。！？：])\s*|\s*\n\s*")
_END_IN_ASCII = re.compile(r"\s(?<=[.!?:]\s)\s*")  # of a line: found by its blank, five times as fast
_LOGIC = re.compile(r"\{%.*?%\}")
_FACT = re.compile(r"\{\{.*?\}\}")
_KEY = 3  # characters at one end of a sentence by which it is looked up
_SHORTEST = 6  # characters of a sentence that says whose it is: as much in Chinese as twenty in English
_LONGEST = 3_000  # characters; no canned reply is longer

ALL_BUT_NOTHING = 0.75
"""So much of a text must be ours: the rest are names, numbers, and a greeting."""


class OwnWords:
    """The sentences of our canned replies."""

    def __init__(self, sources: Iterable[str]) -> None:
        """Take the replies as they stand in their files; what they are filled with may be anything."""
        self._found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for source in sources:
            for sentence in _sentences(_LOGIC.sub("\n", source)):
                first, *more = (piece.strip() for piece in _FACT.split(sentence))
                last = more[-1] if more else first
                if len(first) + sum(map(len, more)) >= _SHORTEST and max(len(first), len(last)) >= _KEY:
                    key = first[:_KEY] if len(first) >= _KEY else last[-_KEY:]
                    self._found[key].add((first, last))

    def says(self, text: str) -> bool:
        """Tell whether a text says what a canned reply says, and hardly anything else."""
        if not self._found or not text or len(text) > _LONGEST:
            return False
        count, ours, others = 0, 0, 0
        for line in text.replace("\n- ", "\n").split("\n"):
            for sentence in _sentences(line, _END_IN_ASCII if line.isascii() else _END):
                is_ours = self._is_ours(sentence)
                count, ours = count + is_ours, ours + is_ours * len(sentence)
                others += (not is_ours) * len(sentence)
            if others > (1 - ALL_BUT_NOTHING) * len(text):  # most texts are another's from their first lines on
                return False
        return count > 1 and ours >= ALL_BUT_NOTHING * (ours + others)

    def _is_ours(self, sentence: str) -> bool:
        found = (*self._found.get(sentence[:_KEY], ()), *self._found.get(sentence[-_KEY:], ()))
        return any(sentence.startswith(first) and sentence.endswith(last) for first, last in found)


def _sentences(text: str, end: re.Pattern[str] = _END) -> list[str]:
    return [" ".join(one.split()) for one in end.split(text) if one and one.strip()]
