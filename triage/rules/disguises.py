"""Other readings of a text: what it says once escapes are undone and letters that stand apart are put together.

Each comes with the place in the text of every one of its characters, and of its end.
"""

import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from triage.rules.outlines import LETTER, OTHER, holds_a_word, outline

# JSON ("\\u00e9"), links ("%C3%A9"), pages ("&eacute;"), quoted-printable ("=C3=A9", a line that goes on); words and
# keys that a line's end breaks. Each branch begins with the letter it is known by: all others are skipped at once;
# what must stand before it is looked at from behind.
_ESCAPED = re.compile(
    r"\\(?:u[0-9a-fA-F]{4}|[nrt](?=[^\W\d_]))|%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2}){0,1999}|&(?:#[0-9xA-Fa-f]{2,6}|nbsp"
    r"|[A-Za-z](?:acute|grave|uml|circ|tilde|cedil|caron));|=[0-9A-F]{2}(?:=[0-9A-F]{2}){1,1999}"
    r"|-(?<=\w-)\r?\n[ \t]?(?=\w)|=(?<=\w=)\r?\n[ \t]?(?=\w)"
    r"|\r(?<=[A-Za-z0-9]{20}\r)\n[ \t>]{0,4}(?=[A-Za-z0-9]{8})|\n(?<=[A-Za-z0-9]{20}\n)[ \t>]{0,4}(?=[A-Za-z0-9]{8})"
)
_BROKEN = 20  # letters and digits of a word, at least, that is put together over a line's end
_ALONE = tuple(2 * (mark + LETTER) for mark in (b" ", b".", b"*", b"|", b"_", b"-"))
_HINTS_AT_APART = re.compile(r"([ .*|_-])[^\W\d_]\1[^\W\d_](?!\w)")  # one is in each, and is found sooner
_APART = re.compile(r"(?<!\w)[^\W\d_](?:([ .*|_-])[^\W\d_](?!\w))(?:\1[^\W\d_](?!\w)){1,40}")
_LEAST = 4  # of them make a disguise
_MOST = 100_000  # characters that are read so

Reading = tuple[str, list[int]]


def readings(text: str) -> Iterator[Reading]:
    """Yield what `text` says undisguised, once for each disguise that it wears."""
    text = text[:_MOST]
    if _may_be_escaped(text) and _holds(_ESCAPED, text, 1):
        yield _replaced(text, _ESCAPED, _unescaped)
    if _may_stand_apart(text) and _holds(_HINTS_AT_APART, text, _LEAST) and _holds(_APART, text, _LEAST):
        yield _replaced(text, _APART, lambda found: re.sub(r"[\W_]", "", found))


def _may_be_escaped(text: str) -> bool:
    if "&" in text or "%" in text or "=" in text or "\\" in text:
        return True
    return "\n" in text and ("-\n" in text or "-\r" in text or holds_a_word(text, _BROKEN))


def _may_stand_apart(text: str) -> bool:
    """Tell whether some letter stands between two of the same marks; what is not of ASCII may be one."""
    seen = outline(text).replace(OTHER, LETTER)
    return any(alone in seen for alone in _ALONE)


def _holds(pattern: re.Pattern[str], text: str, least: int) -> bool:
    return sum(1 for _ in zip(range(least), pattern.finditer(text), strict=False)) == least


def _replaced(text: str, pattern: re.Pattern[str], instead: Callable[[str], str]) -> Reading:
    pieces, places, at = [], [], 0
    for found in pattern.finditer(text):
        new = instead(found[0])
        pieces += [text[at : found.start()], new]
        places += [*range(at, found.start()), *([found.start()] * len(new))]
        at = found.end()
    return "".join([*pieces, text[at:]]), [*places, *range(at, len(text) + 1)]


def _unescaped(escape: str) -> str:
    kind = escape[0]
    if kind == "%":
        return unquote(escape, errors="replace")
    if kind == "&":
        return html.unescape(escape)
    if escape.startswith("\\u"):
        return chr(int(escape.removeprefix("\\u"), base=16))
    if kind == "\\":
        return " "
    if kind.isspace():
        return ""
    return unquote(escape.replace("=", "%"), errors="replace") if escape[1:2].isalnum() else ""
