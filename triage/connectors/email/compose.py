"""A reply as the bytes of a mail. Pure; nothing that a customer wrote can become a header."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime

from triage.connectors.email.addresses import wire
from triage.connectors.email.settings import Settings
from triage.connectors.mime.headers import one_line
from triage.message import Reply
from triage.rules import own_ids

_ID = re.compile(r"<(?!.*=\?)[\x21-\x3b\x3d\x3f-\x7e]{1,900}>")
_LONGEST_REFERENCES = 900
_LONGEST_SUBJECT = 200
_LONGEST_WORDS = 900  # of a line of 998; four bytes a character make 1,400 of 200


def message_id(reply: Reply, settings: Settings) -> str:
    """Return the Message-ID of a reply: the same for every attempt at it, and for no other reply.

    The microsecond in which it was written is in it: who only knows a case cannot make a delivery report that names it.
    """
    moment = reply.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    digest = hashlib.sha256(f"{reply.channel}\0{reply.key}\0{moment}".encode()).hexdigest()[:32]
    return own_ids.made(digest, wire(settings.address).rpartition("@")[2])


def recipient(reply: Reply) -> str:
    """Return the address a reply goes to, its domain as on the wire; raises `ValueError` when there is none.

    Only a person's answer follows the Reply-To of the mail it answers: nobody vouched for that address.
    """
    wanted = reply.reply_to.get("to") if reply.kind == "answer" else None
    address = wanted if isinstance(wanted, str) and wanted else reply.to.value
    if not re.fullmatch(r"[^\s<>@\x00-\x1f\x7f]{1,200}@[^\s<>@\x00-\x1f\x7f]{1,253}", address):
        raise ValueError("it has no address to go to")
    return wire(address)


def compose(reply: Reply, settings: Settings, now: datetime) -> bytes:
    """Return the mail of a reply; raises `ValueError` when it would say anything in its headers but what it must."""
    to, sender = recipient(reply), wire(settings.address)
    encoding, body = _body(reply.text)
    # Written by hand: the email package takes five times as long, and its new policy decodes RFC 2047 words in what
    # it is given, line breaks and all (CVE-2024-6923 and its kind). No line is folded: 998 characters are allowed.
    headers = {
        "From": _shown(settings.display_name, sender),
        "To": to,
        "Subject": _words(reply.subject, _LONGEST_SUBJECT),
        "Date": format_datetime(now),
        "Message-ID": message_id(reply, settings),
        **_thread(reply),
        **_automatic(reply, sender),
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": encoding,
        "Content-Language": reply.language,
    }
    block = _written(headers) + b"\r\n"
    _checked(block, headers)
    return block + body


def _body(text: str) -> tuple[str, bytes]:
    """Return how the text is encoded, and its bytes: UTF-8 in seven bits, for not every server takes eight."""
    plain = text.replace("\r\n", "\n").encode()
    if len(plain) < 1.2 * len(text):
        return "quoted-printable", binascii.b2a_qp(plain).replace(b"\n", b"\r\n")
    return "base64", base64.encodebytes(plain).replace(b"\n", b"\r\n")


def _written(headers: Mapping[str, str]) -> bytes:
    """Return headers as they are sent; raises `ValueError` for one that is not a line of ASCII.

    A recipient may have an address beyond ASCII: the server then takes headers in UTF-8 (RFC 6532).
    """
    if not all(value.isprintable() and (value.isascii() or name == "To") for name, value in headers.items()):
        raise ValueError("one of its headers is not a line of text")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def _thread(reply: Reply) -> dict[str, str]:
    answered = next((i for i in reply.in_reply_to if _ID.fullmatch(i)), "")
    earlier = reply.reply_to.get("references")
    known = [i for i in earlier if isinstance(i, str) and _ID.fullmatch(i)] if isinstance(earlier, list) else []
    references = [*(i for i in known if i != answered), answered] if answered else known
    while references and len(" ".join(references)) > _LONGEST_REFERENCES:
        references.pop(0)
    found = {"In-Reply-To": answered, "References": " ".join(references)}
    return {name: value for name, value in found.items() if value}


def _automatic(reply: Reply, sender: str) -> dict[str, str]:
    """Return the headers that keep other programs from answering (RFC 3834, and what Exchange reads)."""
    if reply.kind == "answer":
        return {}
    return {
        "Auto-Submitted": "auto-replied",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "All",
        "X-Loop": sender,
    }


def _words(text: str, most: int) -> str:
    """Return `text` as a header's value: one line of ASCII, in which no RFC 2047 word is a customer's."""
    text = one_line(text)[:most]
    if text.isascii() and "=?" not in text:
        return text
    while len(encoded := Header(text, "utf-8", maxlinelen=75).encode(linesep="")) > _LONGEST_WORDS:
        text = text[: len(text) * 3 // 4]
    return encoded


def _shown(name: str, address: str) -> str:
    text = _words(name, 100)
    if text and not text.startswith("=?"):
        text = '"{}"'.format(text.replace("\\", "").replace('"', "'"))
    return f"{text} <{address}>".strip()


def _checked(block: bytes, wanted: Mapping[str, str]) -> None:
    """Read the headers again as a stranger will, who may take any line break for one: none more than we set.

    It is done by hand: the email package takes as long for it as everything else takes together.
    """
    lines = block.decode().splitlines()
    if [line.partition(": ")[0] for line in lines] != [*wanted, ""]:
        raise ValueError("its headers are not what was set")
