"""A message as it may be stored and shown: no NUL, no half characters, no controls, nothing that turns words around."""

import re

from triage.message import Message, changed
from triage.rules.text import clean, one_line

# Signs that change the order of writing make "gpj.exe" look like "exe.jpg".
_TURNS_A_LINE = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_TURN_A_TEXT = ("\u202d", "\u202e")  # the others are how Arabic and Hebrew are written


def cleaned(message: Message) -> Message:
    """Return `message` with every text in it storable and safe to show; the very same one if it was so before."""
    sender = message.sender
    return changed(
        message,
        subject=_line(message.subject),
        text=_text(message.text),
        html=_text(message.html),
        sender=changed(sender, name=_line(sender.name), handle=_line(sender.handle)),
        attachments=tuple(
            changed(a, name=_line(a.name), content_type=_line(a.content_type), text=_text(a.text))
            for a in message.attachments
        ),
    )


def _line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _TURNS_A_LINE.sub("", one_line(text))


def _text(text: str) -> str:
    for sign in _TURN_A_TEXT:
        text = text.replace(sign, "")
    return clean(text)
