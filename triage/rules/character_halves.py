"""A recovery phrase in Chinese in several parts of one text ("前六个：… 后六个：…"). Its checksum must hold."""

import re
from collections.abc import Sequence

from triage.rules.seed_characters import is_phrase
from triage.rules.span import Span
from triage.rules.word_lists import LENGTHS

# A run of characters, or some that stand one by one. "是" and "为" end what they follow ("前六个字是…"), listed or not.
_HAN = "[\u3400-\u4e39\u4e3b-\u662e\u6630-\u70b9\u70bb-\u9fff]"
_PART = re.compile(f"{_HAN}(?!{_HAN})(?:[^\\w\n]{{1,3}}{_HAN}(?!{_HAN})){{2,}}|{_HAN}+")
_NO_HAN = re.compile(r"[\W\d_]+")
_CALLED = ("助记", "助記", "种子", "種子", "密语", "密語", "恢复", "恢復", "短语", "短語", "seed", "phrase")
_LEAST, _MOST = 3, 60  # characters of a part; parts that are looked at


def find(text: str) -> list[Span]:
    """Return the parts of a phrase in a text that speaks of one; what is said between them stays."""
    if text.isascii() or not any(name in text for name in _CALLED):
        return []
    parts = [(Span(m.start(), m.end()), _NO_HAN.sub("", m[0])) for m in _PART.finditer(text)]
    parts = [part for part in parts if len(part[1]) >= _LEAST][:_MOST]
    rows = (parts[first::step] for step in (1, 2) for first in range(len(parts)))  # every second one may name the next
    return next((found for row in rows if (found := _together(row))), [])


def _together(parts: Sequence[tuple[Span, str]]) -> list[Span]:
    """Return the first of `parts` that are a phrase together, or none."""
    chars = ""
    for count, (_, more) in enumerate(parts, 1):
        chars += more
        if len(chars) > LENGTHS[-1]:
            break
        if count > 1 and len(chars) in LENGTHS and is_phrase(chars):
            return [span for span, _ in parts[:count]]
    return []
