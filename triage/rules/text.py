"""What a person newly said: storable text, and a message without quotes, signature and markup."""

import re
import unicodedata

from triage.message import Message
from triage.rules.markup import text_of
from triage.rules.quotes import without_quotes
from triage.rules.signatures import without_signature

LONGEST = 20_000
"""Characters of what a person newly said that are read; the whole text stays in the store."""

_LONGEST_SOURCE = 200_000  # quotes stand below the answer: what comes later than this is never the answer
_FORWARDED = re.compile(r"\s*(?:fwd?|fw|rv|wg|tr|enc|i|пересл|转发|轉寄|轉發|転送|전달)\s*[:：]", re.IGNORECASE)
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029|\x85")
_NUL, _SURROGATE = re.compile("\x00"), re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SEEN = re.compile(  # white space, and letters that nobody sees: joiners, fillers, marks of direction
    "[^\\s\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_BLANK_LINES = re.compile(r"\n[ \t\u3000\xa0]*\n(?:[ \t\u3000\xa0]*\n)+")


def clean(text: str) -> str:
    """Return `text` as both stores and JSON take it: NFC, one kind of newline, no control but newline and tab.

    A NUL becomes its picture (U+2400) and a lone surrogate U+FFFD, so that nothing disappears unseen.
    """
    if _UNCLEAN.search(text):
        text = _NEWLINES.sub("\n", text)
        text = _NUL.sub("\u2400", text)
        text = _SURROGATE.sub("\ufffd", text)
        text = _CONTROL.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return `text` cleaned and on one line, each run of white space as one blank."""
    return " ".join(clean(text).split())


def visible_text(message: Message) -> str:
    """Return what the sender newly said in the body: no markup, quotes, signature or disclaimer.

    It is empty only if there is nothing but quotes of an earlier message, or nothing that anybody sees.
    At most `LONGEST` characters.
    """
    source = message.text[:_LONGEST_SOURCE]
    if not source.strip() and message.html:
        source = text_of(message.html)
    source = clean(source)
    forwarded = bool(_FORWARDED.match(message.subject))
    said = without_quotes(source, forwarded=forwarded, answers=bool(message.refers_to))
    said = without_signature(said)
    said = _BLANK_LINES.sub("\n\n", said).strip()[:LONGEST]
    return said if _SEEN.search(said) else ""
