"""Guarding bytes that no message could be made of: in the clear, and in the forms that hide words from a glance."""

import quopri
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from triage.message import Unreadable
from triage.rules import secrets
from triage.rules.own_patterns import OwnPattern

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]{20,1000}={0,2}[\r\n \t]{0,4}){1,2000}")
_LEAST_BASE64 = 40  # characters; a phrase of twelve words has more
_LONGEST = 4_000_000  # bytes that are decoded; what is longer is withheld, for nobody can say what it holds
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrt/\"\\]))")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_TAG = re.compile(r"<[^<>]{0,500}>")


def guard(item: Unreadable, own: Sequence[OwnPattern] = ()) -> Unreadable:
    """Return what could not be read with its secrets replaced; all of it is withheld if they stand there in disguise.

    Looked through are the bytes as text (UTF-8, UTF-16), without tags and escapes of JSON, and what is base64,
    quoted-printable or percent-encoded in them. Never raises.
    """
    try:
        text = item.original.decode("utf-8", "surrogateescape")
        redacted = secrets.redact(text, own)
        plain = redacted.text.encode("utf-8", "surrogateescape") if _is_secret(redacted) else item.original
        if len(plain) > _LONGEST or any(_is_secret(secrets.redact(view, own)) for view in _views(plain)):
            return _withheld(item)
        return item if plain == item.original else replace(item, original=plain)
    except Exception:  # noqa: BLE001 - the guard never stops a channel
        return _withheld(item)


def _withheld(item: Unreadable) -> Unreadable:
    return replace(item, original=secrets.WITHHELD.encode(), why=f"{item.why}; its bytes are withheld: secrets in them")


def _is_secret(redacted: secrets.Redacted) -> bool:
    return bool(set(redacted.kinds) - {secrets.NEAR})


def _views(raw: bytes) -> Iterator[str]:
    """Yield what the bytes say when they are decoded in the ways that mail, JSON and links use."""
    text = raw.decode("utf-8", "replace")
    if "\\" in text:
        yield _ESCAPE.sub(_escaped, text)
    if "<" in text:
        yield _TAG.sub(" ", text)
    if b"=" in raw:
        yield quopri.decodestring(raw).decode("utf-8", "replace")
    if b"%" in raw:
        yield _PERCENT.sub(lambda m: bytes([int(m[1], 16)]), raw).decode("utf-8", "replace").replace("+", " ")
    if b"\x00" in raw:
        yield raw.decode("utf-16-le", "replace")
        yield raw[1:].decode("utf-16-le", "replace")
    for block in _BASE64.finditer(raw):
        if len(block[0]) >= _LEAST_BASE64:
            yield _decoded(block[0])


def _escaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else {"n": "\n", "r": "\r", "t": "\t"}.get(found[2], found[2])


def _decoded(block: bytes) -> str:
    """Return what a block of base64 says, as UTF-8 or UTF-16."""
    digits = b"".join(block.split()).rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    data = b""
    with suppress(ValueError):
        data = b64decode(digits[: len(digits) // 4 * 4] + digits[len(digits) // 4 * 4 :].ljust(4, b"=")[:4])
    return data.decode("utf-16-le" if data[1::2].count(b"\0") > len(data) // 4 else "utf-8", "replace")
