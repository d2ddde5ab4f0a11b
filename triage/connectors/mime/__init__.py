"""What a mail says: the bytes of RFC 5322 and MIME made a `Message`. Not a channel kind; mail and folder read with it.

The standard library's old policy (compat32) does the parsing: the new one takes seconds to minutes for hostile
headers (https://github.com/python/cpython/issues/136063). What can explode is cut before it is parsed.
"""

import email
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message as Mail

from triage.connectors import Unread
from triage.connectors.mime import body, headers
from triage.connectors.mime.charset import decode
from triage.connectors.mime.structure import parsed
from triage.message import Attachment, Message, Unreadable

__all__ = ["LARGEST", "UnreadMail", "body", "decode", "headers", "parse"]

LARGEST = 25 * 1024 * 1024
"""Bytes; of a larger mail only the beginning is read."""

_MOST_LINES = 400_000  # of 25 MiB of base64 there are 345,000
_MOST_WORK = 2_000_000  # lines times open boundaries: the parser compares every line with every one of them
_MOST_BOUNDARY_LINES = 5000
_FLAT_TEXT = 20_000
_RECIPIENTS = frozenset(
    {"to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"}
    | {"delivered-to", "x-original-to", "envelope-to", "x-envelope-to"}
)
_STABLE = frozenset({"from", "to", "cc", "reply-to", "sender", "subject", "date", "content-type"})
_BARE_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadMail(Unread):
    """The bytes of a mail, and what `parse` needs beside them."""

    raw: bytes
    channel: str
    external_id: str
    received_at: datetime
    own: frozenset[str]
    size: int = 0
    signed_by: tuple[str, ...] = ()
    arrived_at: datetime | None = None

    def read(self) -> tuple[Message | Unreadable]:
        """Return what the mail says."""
        raw, channel, id_, at = self.raw, self.channel, self.external_id, self.received_at
        read = parse(raw, channel=channel, external_id=id_, received_at=at, own=self.own, size=self.size)
        told = self.signed_by or self.arrived_at
        if told and isinstance(read, Message):
            read = replace(read, signed_by=self.signed_by, arrived_at=self.arrived_at)
        return (read,)

    def unreadable(self, why: str) -> Unreadable:
        """Return its bytes, for the quarantine."""
        return _unreadable(self.raw, self.channel, self.external_id, self.received_at, why)


def parse(
    raw: bytes,
    *,
    channel: str,
    external_id: str,
    received_at: datetime,
    own: frozenset[str] = frozenset(),
    size: int = 0,
) -> Message | Unreadable:
    """Return what a mail says, or an `Unreadable` for bytes that are no mail. Never raises.

    `own` are the desk's addresses in lower case; without them every mail counts as addressed to us.
    `size` is the mail's true size when `raw` is only its beginning.
    """
    try:
        if not raw.strip():
            raise ValueError("it is empty")
        return _parse(raw, max(size, len(raw)), channel, external_id, received_at, own)
    except Exception as error:  # noqa: BLE001 - whatever a stranger sends, the next mail must be read
        why = f"not readable as mail: {type(error).__name__}: {headers.one_line(str(error))[:200]}"
        return _unreadable(raw, channel, external_id, received_at, why)


def _unreadable(raw: bytes, channel: str, external_id: str, received_at: datetime, why: str) -> Unreadable:
    return Unreadable(
        channel=channel,
        kind="email",
        external_id=external_id,
        received_at=received_at,
        original=raw[:LARGEST],
        why=why,
    )


def _parse(
    raw: bytes, size: int, channel: str, external_id: str, received_at: datetime, own: frozenset[str]
) -> Message:
    block, rest = headers.split(raw)
    lines, charset, content = _structure(block, rest)
    named = _by_name(lines)
    known_as = headers.ids(named.get("message-id", []))
    earlier = headers.references(named.get("in-reply-to", []), named.get("references", []))
    text, page = content.text, content.html
    attachments = tuple(content.attachments)
    if size > min(len(raw), LARGEST):
        note = f"[This mail of {size // 1_048_576 or 1} MB was too big: only its beginning was read.]"
        text = f"{text}\n\n{note}".strip() if not page else text
        attachments += (Attachment(name="(the rest of a mail that is too big)", content_type="", size=size),)
    said = (text, page, *((a.name, a.size) for a in attachments))
    return Message(
        channel=channel,
        kind="email",
        external_id=external_id,
        content_key=_content_key(raw, lines, named, rest, known_as, said),
        sender=headers.sender(named.get("from", []), charset),
        received_at=received_at,
        sent_at=headers.date(named.get("date", [""])[0]),
        subject=headers.decoded(named.get("subject", [""])[0], charset)[:1000],
        text=text,
        html=page,
        known_as=known_as,
        refers_to=tuple(dict.fromkeys((*earlier, *content.returned))),
        addressed=not own or _addressed(lines, own),
        headers=headers.kept(lines, charset),
        attachments=attachments,
        report=content.report,
        reply_to=_reply_to(named, known_as, earlier),
    )


def _structure(block: bytes, rest: bytes) -> tuple[list[tuple[str, str]], str, body.Body]:
    """Return the header lines, the charset and the body; a mail nested past all sense is read as one flat text."""
    try:
        mail = parsed(block + _bounded(block, rest))
        lines, charset = _lines(mail), body.charset_of(mail)  # reading the body cuts and corrects headers
        return lines, charset, body.read(mail)
    except RecursionError:
        mail = email.message_from_bytes(block + b"\r\n\r\n")
        flat = body.Body(plain=[rest[:_FLAT_TEXT].decode("utf-8", "replace").replace("\0", "\u2400").strip()])
        flat.attachments.append(
            Attachment(name="(parts nested too deep)", content_type="multipart/mixed", size=len(rest))
        )
        return _lines(mail), body.charset_of(mail), flat


def _lines(mail: Mail) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in mail.raw_items()]


def _bounded(block: bytes, rest: bytes) -> bytes:
    """Return as much of a body as can be parsed in a moment: all of every mail that a person sends."""
    if len(rest) < 65_536:
        return rest
    rest = rest[:LARGEST]
    boundaries = 1 + (block + rest).lower().count(b"boundary=")
    rest = _at_most(rest, b"\n", min(_MOST_LINES, _MOST_WORK // min(boundaries, body.DEEPEST)))
    return _at_most(rest, b"\n--", _MOST_BOUNDARY_LINES)


def _at_most(data: bytes, mark: bytes, most: int) -> bytes:
    """Return `data`, or a beginning of it that holds at most so many marks."""
    while data.count(mark) > most:
        data = data[: max(most, len(data) // 4)]
    return data


def _by_name(lines: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of each header, in order, by its name in lower case."""
    named: dict[str, list[str]] = {}
    for name, value in lines:
        named.setdefault(name.lower(), []).append(value)
    return named


def _addressed(lines: list[tuple[str, str]], own: frozenset[str]) -> bool:
    """Tell whether one of our addresses, with or without a "+tag", is among the recipients."""
    for name, value in lines:
        if name.lower() not in _RECIPIENTS:
            continue
        for match in _BARE_ADDRESS.finditer(value.lower()):
            local, _, domain = match[0].partition("@")
            if match[0] in own or f"{local.partition('+')[0]}@{domain}" in own:
                return True
    return False


def _content_key(
    raw: bytes,
    lines: list[tuple[str, str]],
    named: dict[str, list[str]],
    rest: bytes,
    known_as: tuple[str, ...],
    content: tuple[object, ...],
) -> str:
    """Return a hash that a second delivery shares and no other mail does, whatever its Message-ID claims."""
    dates = named.get("date", [])
    if known_as:
        identity = (known_as[0], named.get("from", []), dates, named.get("subject", []), content)
        return hashlib.sha256(repr(identity).encode("utf-8", "surrogateescape")).hexdigest()
    if not dates:
        # A form that posts the same words every day: only the trace lines tell its mails apart.
        return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()
    stable = [(name.lower(), value) for name, value in lines if name.lower() in _STABLE]
    digest = hashlib.sha256(repr(stable).encode("utf-8", "surrogateescape"))
    digest.update(rest.replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _reply_to(named: dict[str, list[str]], known_as: tuple[str, ...], earlier: tuple[str, ...]) -> dict[str, object]:
    """Return what an answer needs: the thread so far, oldest first, and where a person asked to be answered."""
    asked = [address for value in named.get("reply-to", []) for _, address in headers.mailboxes(value) if address]
    found: dict[str, object] = {"references": [*reversed(earlier[:20]), *known_as[:1]]}
    return found | {"to": asked[0]} if len(asked) == 1 else found
