"""The parts of a mail, cut at their boundaries.

The standard library reads each line by itself and compiles a pattern for each boundary; that was half of what parsing
a mail costs. Here is cut what is written as RFC 5322 and RFC 2046 ask for. Everything else, and every mail that holds
another mail, is left to the library: both make the same of a mail.
"""

import email
import re
from email.message import Message as Mail
from functools import lru_cache
from typing import Any

_DEEPEST = 10  # parts in parts; people's mail programs need four
_NAME = re.compile(r"[!-9;-~]+")
_END_OF_HEADERS = re.compile(r"\n\r?\n")
_END_OF_BOUNDARY = re.compile(r"(--)?[ \t]*(?:\r?\n|\Z)")


class Part(Mail):
    """A part that looks its headers up by their names: the library reads them from the first for every question."""

    _found: dict[str, tuple[str, str]] | None = None
    _kind: str | None = None

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return the first header of a name, as the library does."""
        if self._found is None:
            self._found = {name.lower(): (name, value) for name, value in reversed(list(self.raw_items()))}
        header = self._found.get(name.lower())
        return failobj if header is None else self.policy.header_fetch_parse(*header)

    def get_content_type(self) -> str:
        """Return the type of the content, as the library does."""
        if self._kind is None:
            self._kind = super().get_content_type()
        return self._kind

    def set_raw(self, name: str, value: str) -> None:
        """Add a header."""
        self._found = self._kind = None
        super().set_raw(name, value)

    def __setitem__(self, name: str, value: Any) -> None:
        """Add a header."""
        self._found = self._kind = None
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        """Take headers away."""
        self._found = self._kind = None
        super().__delitem__(name)

    def replace_header(self, name: str, value: Any) -> None:
        """Give the first header of a name another value."""
        self._found = self._kind = None
        super().replace_header(name, value)

    def set_default_type(self, kind: str) -> None:
        """Say what the content is where no header does."""
        self._kind = None
        super().set_default_type(kind)


def parsed(raw: bytes) -> Mail:
    """Return the parsed mail; raises `RecursionError` for one that is nested past all sense."""
    text = raw.decode("ascii", "surrogateescape")
    plain_lines = text.count("\r") == text.count("\r\n")
    mail = _part(text, 0) if plain_lines else None
    return mail if mail is not None else email.message_from_string(text, _class=Part)


def _part(text: str, depth: int) -> Mail | None:
    """Return one part with all that is in it, or None if any of it is written in an unusual way."""
    if text.startswith(("\n", "\r\n")):
        block, body = "", text[text.index("\n") + 1 :]
    elif end := _END_OF_HEADERS.search(text):
        block, body = text[: end.start()], text[end.end() :]
    else:
        return None
    part = _with_headers(block)
    if part is None:
        return None
    kind = part.get_content_maintype()
    if kind == "multipart":
        return _with_parts(part, body, depth) if depth < _DEEPEST else None
    if kind == "message":
        return None
    part.set_payload(body)
    return part


@lru_cache(maxsize=256)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _with_headers(block: str) -> Mail | None:
    part = Part()
    name, lines = "", list[str]()
    for line in block.split("\n") if block else ():
        if line[:1] in {" ", "\t"} and name:
            lines.append(line)
            continue
        if name:
            part.set_raw(name, "\n".join(lines).rstrip("\r\n"))
        name, colon, value = line.partition(":")
        if not colon or not _is_name(name):
            return None
        lines = [value.lstrip(" \t")]
    if name:
        part.set_raw(name, "\n".join(lines).rstrip("\r\n"))
    return part


def _with_parts(whole: Mail, body: str, depth: int) -> Mail | None:
    boundary = whole.get_boundary()
    pieces = _pieces(body, f"--{boundary}") if boundary and whole.get_content_subtype() != "digest" else None
    if pieces is None:
        return None
    whole.preamble = pieces[0]
    for piece in pieces[1:]:
        part = _part(piece, depth + 1)
        if part is None:
            return None
        whole.attach(part)
    return whole


def _pieces(body: str, mark: str) -> list[str] | None:
    """Return what stands before the first boundary line and between every two; None without a first and a last one.

    The line break before a boundary belongs to the boundary. What follows the last one is nobody's.
    """
    pieces: list[str] = []
    start = at = 0
    while (at := body.find(mark, at)) >= 0:
        line = _END_OF_BOUNDARY.match(body, at + len(mark))
        if line is None or (at and body[at - 1] != "\n"):
            at += 1
            continue
        if at == start and pieces:
            return None  # two boundaries and nothing between them
        pieces.append(body[start:at].removesuffix("\n").removesuffix("\r"))
        if line[1]:
            return pieces if len(pieces) > 1 else None
        start = at = line.end()
    return None
