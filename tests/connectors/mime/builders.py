"""Mails as bytes, plausible unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any

from triage.connectors import mime
from triage.message import Message, Unreadable

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
BOUND = "BB"


def parse(raw: bytes, own: frozenset[str] = frozenset(), size: int = 0) -> Message | Unreadable:
    return mime.parse(raw, channel="mail", external_id="INBOX/1/1", received_at=NOW, own=own, size=size)


def read(raw: bytes, **other: Any) -> Message:
    message = parse(raw, **other)
    assert isinstance(message, Message), message
    return message


def a_mail(
    body: bytes | str = "My withdrawal is stuck.", *extra: tuple[str, bytes | str], **headers: str | None
) -> bytes:
    """Return a plausible mail; a header given as None is left out, `extra` ones come last."""
    fields: dict[str, Any] = {
        "From": "Ada <ada@example.org>",
        "To": "support@us.example",
        "Subject": "help",
        "Message-ID": "<1@example.org>",
        "Date": "Mon, 02 Nov 2026 09:59:00 +0000",
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [(name, value) for name, value in (*fields.items(), *extra) if value is not None]
    head = b"".join(n.encode() + b": " + (v if isinstance(v, bytes) else v.encode()) + b"\r\n" for n, v in lines)
    return head + b"\r\n" + (body if isinstance(body, bytes) else body.encode())


def parts(*bodies: str | bytes, kind: str = "mixed", **headers: str | None) -> bytes:
    joined = b"".join(f"--{BOUND}\r\n".encode() + (p if isinstance(p, bytes) else p.encode()) + b"\r\n" for p in bodies)
    ending = f"--{BOUND}--\r\n".encode()
    return a_mail(joined + ending, **{"Content_Type": f'multipart/{kind}; boundary="{BOUND}"'} | headers)


def part(text: str, kind: str = "text/plain", **headers: str) -> str:
    lines = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n" + text


def nested(depth: int) -> bytes:
    top = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(depth))
    return b"From: a@b.example\r\n" + top.encode() + b"\r\nhi"
