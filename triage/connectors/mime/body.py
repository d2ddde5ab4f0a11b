"""The body of a mail: what the sender wrote, and the list of what he attached. Pure; bounded in parts and depth."""

import email
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message as Mail
from typing import cast

from triage.connectors.mime.charset import decode
from triage.connectors.mime.headers import decoded, ids
from triage.message import Attachment

DEEPEST = 50
MOST_PARTS = 200
LONGEST_TEXT = 200_000
LONGEST_HTML = 1_000_000
LONGEST_FILE_TEXT = 20_000
MOST_TEXT_FILES = 10
_LONGEST_PART_HEADER = 1000
_LONGEST_NAME = 200
_LONGEST_REPORT, _MOST_BLOCKS, _MOST_FIELDS = 65_536, 21, 100
_TEXT_TYPES = frozenset(
    {"text/plain", "text/html", "text/csv", "text/markdown", "text/xml", "text/x-log", "text/json"}
    | {"application/json", "application/x-ndjson", "application/xml", "application/x-yaml"}
)
# Wallet files are JSON whatever they are called: "UTC--2026-…--0a1b…" is Ethereum's name for one.
_TEXT_NAME = re.compile(
    r"\.(?:txt|json|jsonl|csv|tsv|md|log|xml|ya?ml|ini|conf|env|key|pem|keystore|wallet|bak|html?)$|^UTC--",
    re.IGNORECASE,
)
# Signs that change the order of writing make "gpj.exe" look like "exe.jpg".
_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MESSAGE_ID_LINE = re.compile(r"^message-id:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)?)", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True)
class Body:
    """What was found while walking the parts.

    Attributes:
        plain: The plain texts in order.
        pages: The HTML texts that no plain text stands for.
        returned: Message ids of the mail that a delivery report returns.
        report: What a delivery report says of each recipient (RFC 3464), as (name in lower case, value), in order.
        named: The first plain text that has a file name and yet is not called an attachment.
    """

    plain: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    returned: tuple[str, ...] = ()
    report: tuple[tuple[str, str], ...] = ()
    named: Mail | None = None

    @property
    def text(self) -> str:
        """Return the plain text; empty when HTML says more than it."""
        return "" if self.pages else "\n".join(self.plain)[:LONGEST_TEXT]

    @property
    def html(self) -> str:
        """Return the HTML when no plain text stands for it, plain parts beside it included, else ""."""
        if not self.pages:
            return ""
        plain = [f"<pre>{html.escape(text)}</pre>" for text in self.plain if text.strip()]
        return "\n".join([*self.pages, *plain])[:LONGEST_HTML]


def read(mail: Mail) -> Body:
    """Return the body of a parsed mail. A forwarded mail is an attachment: its words are not the sender's."""
    body = Body()
    report = mail.get_content_type() == "multipart/report"
    for count, (part, kind, in_alternative) in enumerate(_leaves(mail)):
        if count >= MOST_PARTS:
            body.attachments.append(Attachment(name="(more parts than are read)", content_type="multipart/mixed"))
            break
        _take(body, part, kind, in_alternative)
        if report and not body.returned:
            body.returned = _returned(part)
        if report and not body.report and kind == "message/delivery-status":
            body.report = _report(part)
    if not body.pages and not any(text.strip() for text in body.plain):
        body.plain = _last_resort(mail, body)
    return body


def _last_resort(mail: Mail, body: Body) -> list[str]:
    """Return text from where it should not be: a named part that is no attachment, or before the first part."""
    if body.named is not None:
        return [_text(body.named, LONGEST_TEXT)]
    preamble = mail.preamble if isinstance(mail.preamble, str) else ""
    preamble = "" if "MIME" in preamble else preamble.strip()
    return [decode(preamble.encode("utf-8", "surrogateescape"))[:LONGEST_TEXT]] if preamble else body.plain


def _leaves(mail: Mail) -> Iterator[tuple[Mail, str, bool]]:
    """Yield the parts that hold content, in order, with their type, and whether a multipart/alternative is around.

    Own stack: `Message.walk` recurses.
    """
    stack: list[tuple[Mail, int, bool]] = [(mail, 0, False)]
    while stack:
        part, depth, alternative = stack.pop()
        _shorten(part)
        kind = part.get_content_type()
        if not kind.startswith("multipart/") or not part.is_multipart() or depth >= DEEPEST:
            if kind.startswith("multipart/") and not part.is_multipart():
                kind = "text/plain"  # no boundary line came: all of it is text
                part.set_type(kind)
            yield part, kind, alternative
            continue
        inside = alternative or kind == "multipart/alternative"
        children = cast("list[Mail]", part.get_payload())[: MOST_PARTS + 1]
        stack.extend((child, depth + 1, inside) for child in reversed(children))


def _shorten(part: Mail) -> None:
    """Cut the headers whose parameters are read: the library's time for 10,000 semicolons is seconds."""
    for name in ("Content-Type", "Content-Disposition"):
        value = part.get(name)
        if value is not None and len(str(value)) > _LONGEST_PART_HEADER:
            part.replace_header(name, str(value)[:_LONGEST_PART_HEADER])


def _take(body: Body, part: Mail, kind: str, in_alternative: bool) -> None:
    disposition = str(part.get("Content-Disposition") or "")
    name = _name(part) if disposition or "name" in str(part.get("Content-Type") or "") else ""
    attached = bool(name) or disposition[:10].lower() == "attachment" or kind not in {"text/plain", "text/html"}
    if attached or part.is_multipart():
        says = _file_text(body, part, kind, name)
        body.attachments.append(Attachment(name=name, content_type=kind[:100], size=_size(part), text=says))
        if kind == "text/plain" and body.named is None and disposition[:10].lower() != "attachment":
            body.named = part
    elif kind == "text/plain":
        text = _text(part, LONGEST_TEXT)
        if text.strip() or not body.plain:
            body.plain.append(text)
    elif not (in_alternative and any(text.strip() for text in body.plain)):
        page = _text(part, LONGEST_HTML)
        if page.strip():
            body.pages.append(page)


def _file_text(body: Body, part: Mail, kind: str, name: str) -> str:
    """Return the beginning of what an attached file of text says; "" for any other, and after `MOST_TEXT_FILES`."""
    textual = kind in _TEXT_TYPES or bool(_TEXT_NAME.search(name))
    if not textual or part.is_multipart() or sum(bool(a.text) for a in body.attachments) >= MOST_TEXT_FILES:
        return ""
    return _text(part, LONGEST_FILE_TEXT)


def _text(part: Mail, limit: int) -> str:
    if part.get("Content-Transfer-Encoding") is not None:
        payload = part.get_payload()
        if isinstance(payload, str) and len(payload) > 6 * limit and payload.isascii():
            part.set_payload(payload[: 6 * limit])  # decoding 25 MB of "=41" takes a second
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    text = decode(data[: 4 * limit], charset_of(part))[:limit]
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def charset_of(part: Mail) -> str:
    """Return the declared charset, or "" when there is none or it cannot be read."""
    try:
        if "charset" not in str(part.get("Content-Type") or "").lower():
            return ""
        return part.get_content_charset() or ""
    except (LookupError, ValueError, UnicodeError, TypeError, AttributeError):
        return ""


def _name(part: Mail) -> str:
    """Return the file name without folders, controls and signs that reverse it."""
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, UnicodeError, TypeError, AttributeError):
        name = "?"
    name = _BIDI.sub("", decoded(name))
    return name.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:]


def _size(part: Mail) -> int:
    """Return the bytes of a part after decoding, without decoding it."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return 0
    if str(part.get("Content-Transfer-Encoding") or "").strip().lower() != "base64":
        return len(payload)
    digits = len(payload) - payload.count("\n") - payload.count("\r") - payload.count("=")
    return digits * 3 // 4


def _returned(part: Mail) -> tuple[str, ...]:
    """Return the message ids of the mail that a report brings back, whole or as headers only."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if kind == "message/rfc822" and part.is_multipart():
        return ids([str(v) for v in cast("list[Mail]", payload)[0].get_all("Message-ID", [])])
    if kind == "text/rfc822-headers" and isinstance(payload, str):
        found = _MESSAGE_ID_LINE.search(payload[:_LONGEST_REPORT])
        return ids([found[1]]) if found else ()
    return ()


def _report(part: Mail) -> tuple[tuple[str, str], ...]:
    """Return the fields of a delivery report; each recipient has a block of its own."""
    blocks = part.get_payload()
    if isinstance(blocks, str):  # cut by hand: our own parser leaves the part as text
        blocks = [email.message_from_string(block) for block in blocks[:_LONGEST_REPORT].split("\n\n")]
    fields = ((name, value) for block in cast("list[Mail]", blocks)[:_MOST_BLOCKS] for name, value in block.raw_items())
    return tuple((name.lower()[:60], decoded(str(value))[:300]) for name, value in fields)[:_MOST_FIELDS]
