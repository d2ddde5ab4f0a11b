"""IMAP's own writing: sets of UIDs, folder names, FETCH answers, refusals. Pure."""

import base64
import imaplib
import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from aioimaplib import aioimaplib as lib

_ITEM = re.compile(rb"\d+ FETCH \(")
# A refusal that says "not now": RFC 5530 codes, and Gmail's and Microsoft's own words.
_NOT_NOW = re.compile(
    rb"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED)\b|too many|try again|temporar|unavailable|not connected",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\x20-\x25\x27-\x7e]+|&")


def uid_set(uids: Sequence[int]) -> str:
    """Return UIDs in IMAP's short form: [1, 2, 3, 7] is "1:3,7"."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{a}" if a == b else f"{a}:{b}" for a, b in runs)


def quoted(folder: str) -> str:
    """Return a folder's name as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""

    def encoded(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        data = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{data.replace('/', ',')}-"

    return str(lib.quoted(_NAME.sub(encoded, folder)))


def items(lines: Sequence[bytes | bytearray]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield (all the text, the literal or None) of each FETCH answer."""
    text: list[bytes] = []
    literal: bytes | None = None
    for line in lines[:-1]:
        if isinstance(line, bytearray):
            literal = bytes(line)
        elif _ITEM.match(line):
            if text:
                yield b" ".join(text), literal
            text, literal = [line], None
        elif text:
            text.append(line)
    if text:
        yield b" ".join(text), literal


def internal_date(text: bytes) -> datetime | None:
    """Return the INTERNALDATE of a FETCH answer, in UTC; None where there is none that can be read."""
    try:
        found = imaplib.Internaldate2tuple(text)
        return datetime.fromtimestamp(time.mktime(found), UTC) if found else None
    except (ValueError, OverflowError, KeyError, OSError):
        return None


def said(answer: lib.Response) -> str:
    """Return the server's own words, one short line."""
    last = bytes(answer.lines[-1]) if answer.lines else b""
    return " ".join(last.decode("utf-8", "replace").split())[:200] or str(answer.result)


def not_now(answer: lib.Response) -> bool:
    """Tell whether a refusal asks us to come again, so that nobody need mend anything."""
    return bool(_NOT_NOW.search(b" ".join(bytes(line) for line in answer.lines[-1:])))


def searched(text: str) -> str:
    """Return `text` as a quoted string for SEARCH."""
    return str(lib.quoted(text))
