"""Finding encrypted wallet files (keystores) in what people write: JSON is parsed, not guessed at."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from triage.rules.span import Span

_KEYSTORE = re.compile(r"[\"']?cipher_?text[\"']?", re.IGNORECASE)
_CIPHERTEXT = re.compile(r"cipher_?text\W{1,8}[0-9a-fA-F]{32,512}", re.IGNORECASE)
_MOST_KEYSTORES, _MOST_TRIES, _LONGEST_KEYSTORE = 10, 12, 4_000


def find(text: str) -> list[Span]:
    """Return where `text` holds an encrypted wallet file (a JSON object with a ciphertext), or what is left of one."""
    spans: list[Span] = []
    if "cipher" not in text.lower():
        return spans
    for m in islice(_KEYSTORE.finditer(text), _MOST_KEYSTORES):
        if not spans or spans[-1].end < m.start():
            spans += _enclosing_keystore(text, m.start())
    for m in _CIPHERTEXT.finditer(text):
        if not any(span.start <= m.start() < span.end for span in spans):
            spans.append(Span(m.start(), m.end()))
    return spans


def _enclosing_keystore(text: str, at: int) -> Iterator[Span]:
    """Yield the outermost JSON object around a ciphertext that can be read, if any."""
    best: Span | None = None
    brace = text.rfind("{", max(0, at - _LONGEST_KEYSTORE), at)
    for _ in range(_MOST_TRIES):
        if brace < 0:
            break
        value, end = _json_at(text, brace)
        if isinstance(value, dict) and end > at:
            best = Span(brace, end)
        brace = text.rfind("{", max(0, at - _LONGEST_KEYSTORE), brace)
    if best:
        yield best


def _json_at(text: str, start: int) -> tuple[Any, int]:
    with suppress(ValueError, RecursionError):
        value, length = json.JSONDecoder().raw_decode(text[start : start + 2 * _LONGEST_KEYSTORE])
        return value, start + length
    return None, start
