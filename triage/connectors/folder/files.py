"""A file of mail or messages read one item at a time, however large it is: .eml, mbox, .jsonl, .txt."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BufferedReader
from pathlib import Path

from triage.connectors import Unread, mime
from triage.connectors.folder.record import message_of
from triage.message import Address, Message, Unreadable

Item = Message | Unreadable
LARGEST = mime.LARGEST
_PIECE = 64 * 1024
_MBOX_FROM = re.compile(rb"From \S+(?: .*\d{4}.*)?\r?\n?$")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadFile(Unread):
    """A file, and what `read_file` needs beside it."""

    path: Path
    channel: str
    received_at: datetime
    own: frozenset[str]

    def read(self) -> Iterator[Item]:
        """Yield the file's messages; raises `OSError`."""
        return read_file(self.path, channel=self.channel, received_at=self.received_at, own=self.own)


def read_file(
    path: Path, *, channel: str, received_at: datetime, own: frozenset[str] = frozenset(), skip: int = 0
) -> Iterator[Item]:
    """Yield the messages of one file, in order; what cannot be understood comes as `Unreadable`, and the rest goes on.

    The same file read again gives the same ids: they are made of each item's bytes and its position.
    `skip` leaves out the first items without reading what they say. Raises `OSError` only.
    """
    with path.open("rb") as stream:
        yield from read_stream(stream, path.name, channel=channel, received_at=received_at, own=own, skip=skip)


def read_stream(
    stream: BufferedReader,
    name: str = "",
    *,
    channel: str,
    received_at: datetime,
    own: frozenset[str] = frozenset(),
    skip: int = 0,
) -> Iterator[Item]:
    """Yield the messages of an open file; without a telling name its first line tells what it holds."""
    split, understand = _FORMS[_form(name, stream.peek(512)[:512])]
    for position, raw in enumerate(split(stream)):
        if position < skip:
            continue
        external_id = f"{hashlib.sha256(raw).hexdigest()[:40]}/{position}"
        unreadable = partial(
            Unreadable,
            channel=channel,
            kind="folder",
            external_id=external_id,
            received_at=received_at,
            original=raw[:LARGEST],
        )
        if not raw.strip():
            yield unreadable(why="the file is empty")
            continue
        try:
            yield understand(raw, channel, external_id, received_at, own)
        except ValueError as error:
            yield unreadable(why=mime.headers.one_line(str(error))[:300])


def _form(name: str, start: bytes) -> str:
    suffix = Path(name).suffix.lower().lstrip(".")
    if suffix in _FORMS:
        return suffix
    if start.startswith(b"From "):
        return "mbox"
    if start.lstrip()[:1] == b"{":
        return "jsonl"
    return "eml" if _HEADER_LINE.match(start) else "txt"


def _whole(stream: BufferedReader) -> Iterator[bytes]:
    # Whoever asks for 25 MB at once is given 25 MB of memory, for a mail of three kB too.
    pieces, left = [], LARGEST + 1
    while left and (piece := stream.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    yield b"".join(pieces)


def _lines(stream: BufferedReader) -> Iterator[bytes]:
    while line := stream.readline(LARGEST + 1):
        if not line.endswith(b"\n"):
            while len(stream.readline(LARGEST + 1)) > LARGEST:  # the rest of a line that is too long
                pass
        if line.strip():
            yield line


def _mails(stream: BufferedReader) -> Iterator[bytes]:
    """Yield the mails of an mbox: a "From " line after an empty one begins the next."""
    mail: list[bytes] = []
    size, after_blank, begun = 0, True, False
    while line := stream.readline(LARGEST):
        if after_blank and line.startswith(b"From ") and _MBOX_FROM.match(line):
            if begun:
                yield _unquoted(mail)
            mail, size, begun = [], 0, True
        elif size <= LARGEST:
            mail.append(line)
            size += len(line)
            begun = True
        after_blank = line in {b"\n", b"\r\n"}
    if begun:
        yield _unquoted(mail)


def _unquoted(lines: list[bytes]) -> bytes:
    if lines and lines[-1].strip() == b"":
        lines.pop()  # the empty line that parts it from the next
    return _QUOTED_FROM.sub(rb"\1", b"".join(lines))


def _mail(raw: bytes, channel: str, external_id: str, received_at: datetime, own: frozenset[str]) -> Item:
    return mime.parse(raw, channel=channel, external_id=external_id, received_at=received_at, own=own)


def _record(raw: bytes, channel: str, external_id: str, received_at: datetime, own: frozenset[str]) -> Item:  # noqa: ARG001
    return message_of(raw, channel=channel, external_id=external_id, received_at=received_at)


def _text(raw: bytes, channel: str, external_id: str, received_at: datetime, own: frozenset[str]) -> Item:  # noqa: ARG001
    return Message(
        channel=channel,
        kind="folder",
        external_id=external_id,
        sender=Address(kind="folder", value=external_id),  # nobody is named, so nobody else wrote it
        received_at=received_at,
        text=mime.decode(raw).removeprefix("\ufeff")[: mime.body.LONGEST_TEXT],
        known_as=(f"folder:{external_id}",),
    )


_Split = Callable[[BufferedReader], Iterator[bytes]]
_Understand = Callable[[bytes, str, str, datetime, frozenset[str]], Item]
_FORMS: dict[str, tuple[_Split, _Understand]] = {
    "eml": (_whole, _mail),
    "mbox": (_mails, _mail),
    "jsonl": (_lines, _record),
    "ndjson": (_lines, _record),
    "txt": (_whole, _text),
}
