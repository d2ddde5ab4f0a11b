"""Replacing customers' secrets before the first durable write: nobody needs them to help, and everybody could steal.

Nothing here refuses a message: what cannot be scanned is withheld, so that the channel goes on.
"""

import html
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from triage.message import Message, Unreadable
from triage.rules import keys, one_time_codes, seed_characters, seed_phrases
from triage.rules.seed_phrases import Span

WITHHELD = "[withheld: could not be scanned]"
TOO_LONG = "[the rest was too long to be scanned]"
UNSCANNED = "unscanned"

_LONGEST = 300_000  # characters of one text that are scanned; the rest is cut off
_LONGEST_MARKUP = 2_000_000
# Each with the fewest characters that can be one: most subjects and names are shorter.
_KINDS: tuple[tuple[str, int, Callable[[str], list[Span]]], ...] = (
    ("keystore", 40, keys.find_keystores),
    ("private key", 40, keys.find_private_keys),
    ("seed phrase", 20, seed_phrases.find),
    ("seed phrase", 12, seed_characters.find),
    ("one-time code", 6, one_time_codes.find),
)
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SPACE = re.compile(r"\s+")
_WORDED_HEADERS = frozenset({"subject", "thread-topic", "comments", "keywords", "from", "reply-to"})
_FEWEST_BLANKS = 11  # a seed phrase has twelve words: a file's name in Content-Type, a name in To, Cc, Sender
_SHORTEST = min(least for _, least, _ in _KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A text without secrets.

    Attributes:
        text: The text, each secret replaced by a placeholder in brackets ("[seed phrase removed]").
        kinds: What was replaced, each kind once: "seed phrase", "private key", "keystore", "one-time code".
    """

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """Return `text` without secrets; the same text if there are none. It is cut off after 300,000 characters."""
    if len(text) < _SHORTEST:
        return Redacted(text=text)
    scanned, places = _visible(text[:_LONGEST])
    found = [(span, kind) for kind, least, find in _KINDS if len(scanned) >= least for span in find(scanned)]
    if places is not None:
        found = [(Span(places[span.start], places[span.end - 1] + 1), kind) for span, kind in found]
    kinds, pieces, end = [], [], 0
    for span, kind in sorted(found, key=lambda item: (item[0].start, -item[0].end)):
        if span.start >= end:
            pieces += [text[end : span.start], f"[{kind} removed]"]
        kinds.append(kind)
        end = max(end, span.end)
    pieces.append(text[end:_LONGEST])
    if len(text) > _LONGEST:
        pieces.append(TOO_LONG)
    elif not kinds:
        return Redacted(text=text)
    return Redacted(text="".join(pieces), kinds=tuple(dict.fromkeys(kinds)))


def guard(message: Message) -> tuple[Message, tuple[str, ...]]:
    """Return `message` without secrets in anything that is stored, and what kinds were replaced. Never raises."""
    with suppress(Exception):
        return _guarded(message)
    sealed = replace(
        message,
        subject=WITHHELD if message.subject else "",
        text=WITHHELD,
        html="",
        headers=tuple((name, value) for name, value in message.headers if name.lower() not in _WORDED_HEADERS),
        attachments=tuple(replace(a, name=WITHHELD) for a in message.attachments),
        sender=replace(message.sender, name=""),
    )
    return sealed, (UNSCANNED,)


def guard_bytes(item: Unreadable) -> Unreadable:
    """Return what could not be read with the secrets in its bytes replaced, as far as they stand there in the clear.

    Bytes that are no UTF-8 stay as they are; a secret inside base64 is not seen. Never raises.
    """
    try:
        redacted = redact(item.original.decode("utf-8", "surrogateescape"))
        if not redacted.kinds:
            return item
        return replace(item, original=redacted.text.encode("utf-8", "surrogateescape"))
    except Exception:  # noqa: BLE001 - the guard never stops a channel
        return replace(item, original=WITHHELD.encode(), why=f"{item.why}; its bytes could not be scanned")


def _guarded(message: Message) -> tuple[Message, tuple[str, ...]]:
    kinds: dict[str, None] = {}
    done: dict[str, str] = {}  # the subject and the sender's name come again in the headers

    def safe(text: str) -> str:
        if text not in done:
            redacted = redact(text)
            kinds.update(dict.fromkeys(redacted.kinds))
            done[text] = redacted.text
        return done[text]

    text, markup = safe(message.text), message.html
    if markup:
        text, markup = _safe_markup(text, markup, kinds)
    guarded = replace(
        message,
        subject=safe(message.subject),
        text=text,
        html=markup,
        sender=replace(message.sender, name=safe(message.sender.name)),
        headers=tuple((n, safe(v) if _holds_words(n, v) else v) for n, v in message.headers),
        attachments=tuple(replace(a, name=safe(a.name)) for a in message.attachments),
        reply_to=_safe_values(message.reply_to, safe),
    )
    return guarded, tuple(kinds)


def _holds_words(name: str, value: str) -> bool:
    """Tell whether a header can hold a secret: one that people write, or any with the words of the shortest phrase."""
    return name.lower() in _WORDED_HEADERS or value.count(" ") >= _FEWEST_BLANKS


def _safe_markup(text: str, markup: str, kinds: dict[str, None]) -> tuple[str, str]:
    """Return text and HTML without secrets; words between tags are only seen without them, so tags go then."""
    bare = redact(_SPACE.sub(" ", html.unescape(_TAG.sub(" ", markup[:_LONGEST_MARKUP]))))
    if bare.kinds or len(markup) > _LONGEST:
        kinds.update(dict.fromkeys(bare.kinds))
        return f"{text}\n{bare.text}".strip(), ""
    raw = redact(markup)
    kinds.update(dict.fromkeys(raw.kinds))
    return text, raw.text


def _safe_values(values: Mapping[str, Any], safe: Callable[[str], str]) -> dict[str, Any]:
    return {name: safe(value) if isinstance(value, str) else value for name, value in values.items()}


def _visible(text: str) -> tuple[str, list[int] | None]:
    """Return `text` without invisible characters, and each remaining one's place; None if all remain."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text, None
    places = [i for i, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[i] for i in places), places
