"""Secrets that only a desk itself can tell: its backup codes, its API keys. It writes down what they look like.

Such patterns are of people who do not weigh what one costs, so they are RE2's: the time a search takes grows with the
text alone (https://github.com/google/re2/wiki/Syntax; no look-around, no back-references).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from triage.rules.span import Span

LONGEST = 500
"""Characters of a pattern."""

_NAME = re.compile(r"[a-z][a-z -]{3,39}")  # `language.py` leaves such placeholders out
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # what is wrong with a pattern is told to who wrote it, and not to the error stream


@dataclass(frozen=True, slots=True)
class OwnPattern:
    """A secret of the desk's own: what it is called, "[NAME removed]", and the pattern that every one matches."""

    name: str
    source: str

    def find(self, text: str) -> list[Span]:
        """Return where `text` matches."""
        searched = _NO_CHARACTER.sub("\ufffd", text)  # RE2 reads UTF-8
        return [Span(*found.span()) for found in _compiled(self.source).finditer(searched) if found.group()]


def what_is_wrong(name: str, source: str) -> str:
    """Return why what is called `name` cannot be looked for by the pattern `source`, or "" if it can."""
    if not _NAME.fullmatch(name):
        return "a name is of 4 to 40 small letters, blanks and dashes"
    if len(source) > LONGEST:
        return f"it has {len(source)} characters of {LONGEST}"
    try:
        pattern = _compiled(source)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return "it matches where nothing stands" if pattern.search("") else ""


@lru_cache(maxsize=256)
def _compiled(source: str) -> Any:
    return re2.compile(source, _OPTIONS)
