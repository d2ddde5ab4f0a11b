"""A message as it may be stored and shown: no NUL, no half characters, no controls, nothing that turns words around."""

import re
from dataclasses import replace
from typing import Any

from triage.message import Address, Attachment, Message
from triage.rules.text import clean, one_line

# Signs that change the order of writing make "gpj.exe" look like "exe.jpg".
_TURNS_A_LINE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_TURNS_A_TEXT = re.compile("[\u202d\u202e]")  # the others are how Arabic and Hebrew are written


def cleaned(message: Message) -> Message:
    """Return `message` with every text in it storable and safe to show; the very same one if it was so before."""
    changed: dict[str, Any] = {
        "subject": _line(message.subject),
        "text": _text(message.text),
        "html": _text(message.html),
        "sender": _sender(message.sender),
        "attachments": tuple(_attachment(a) for a in message.attachments),
    }
    if all(getattr(message, name) == value for name, value in changed.items()):
        return message
    return replace(message, **changed)


def _line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _TURNS_A_LINE.sub("", one_line(text))


def _text(text: str) -> str:
    return clean(_TURNS_A_TEXT.sub("", text) if not text.isascii() else text)


def _sender(sender: Address) -> Address:
    name, handle = _line(sender.name), _line(sender.handle)
    return sender if (name, handle) == (sender.name, sender.handle) else replace(sender, name=name, handle=handle)


def _attachment(attachment: Attachment) -> Attachment:
    name, kind = _line(attachment.name), _line(attachment.content_type)
    text = _text(attachment.text)
    same = (name, kind, text) == (attachment.name, attachment.content_type, attachment.text)
    return attachment if same else replace(attachment, name=name, content_type=kind, text=text)
