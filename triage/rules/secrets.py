"""Replacing customers' secrets before the first durable write: nobody needs them to help, and everybody could steal.

Nothing here refuses a message: what cannot be scanned is withheld, so that the channel goes on.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from triage.message import Message, changed
from triage.rules import (
    bank_numbers,
    character_halves,
    disguises,
    hex_keys,
    keys,
    keystores,
    one_time_codes,
    phrase_halves,
    seed_characters,
    seed_phrases,
    split_phrases,
)
from triage.rules.own_patterns import OwnPattern
from triage.rules.span import Span

WITHHELD = "[withheld: could not be scanned]"
TOO_LONG = "[the rest was too long to be scanned]"
UNSCANNED = "unscanned"

_LONGEST = 300_000  # characters of one text that are scanned; the rest is cut off
_LONGEST_MARKUP = 2_000_000


def _removed(kind: str, _secret: str) -> str:
    return f"[{kind} removed]"


def _last_digits_left(kind: str, secret: str) -> str:
    return f"[{kind} removed, ends {''.join(filter(str.isalnum, secret))[-bank_numbers.SHOWN :]}]"


def _middle_hidden(_kind: str, secret: str) -> str:
    return f"{secret[-64:][: hex_keys.SHOWN]}…{secret[-hex_keys.SHOWN :]}"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is looked for: its name, the fewest characters of one, how it is found, and what stands there instead."""

    name: str
    least: int
    find: Callable[[str], list[Span]]
    instead: Callable[[str, str], str] = _removed


# Most subjects and names are shorter than the fewest characters.
_KINDS = (
    _Kind("keystore", 40, keystores.find),
    _Kind("private key", 29, keys.find),
    _Kind("seed phrase", 20, seed_phrases.find),
    _Kind("seed phrase", 12, seed_characters.find),
    _Kind("seed phrase", 60, phrase_halves.find),
    _Kind("seed phrase", 14, character_halves.find),
    _Kind("seed phrase", 11, split_phrases.find),
    _Kind("one-time code", 6, one_time_codes.find),
    _Kind("card number", 13, bank_numbers.find_cards, _last_digits_left),
    _Kind("IBAN", 15, bank_numbers.find_ibans, _last_digits_left),
    _Kind("possible key", 64, hex_keys.find_unnamed, _middle_hidden),
)
_IN_DISGUISE = tuple(kind for kind in _KINDS if kind.name in {"seed phrase", "private key"})
NEAR = "possible seed phrase"
"""Said of a text that stays as it is: words like those of a phrase, though too few or too often none."""

_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f]"
)
# Letters and digits as wide as a Chinese character, and blanks that keep a line together, as the plain ones.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | dict.fromkeys((0xA0, 0x2007, 0x202F), " ")
_IS_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\xa0\u2007\u202f]")
_IS_EITHER = re.compile(f"{_INVISIBLE.pattern[:-1]}{_IS_WIDE.pattern[1:]}")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SPACE = re.compile(r"\s+")
_WORDED_HEADERS = frozenset({"subject", "thread-topic", "comments", "keywords", "from", "reply-to"})
_FEWEST_BLANKS = 11  # a seed phrase has twelve words: a file's name in Content-Type, a name in To, Cc, Sender
_SHORTEST = min(kind.least for kind in _KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A text without secrets.

    Attributes:
        text: The text, each secret replaced by a placeholder in brackets ("[seed phrase removed]").
        kinds: What was replaced, each kind once: "seed phrase", "private key", "keystore", "one-time code",
            "card number", "IBAN", "possible key", what the desk calls its own; or `NEAR`, for which nothing was.
    """

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str, own: Sequence[OwnPattern] = ()) -> Redacted:
    """Return `text` without secrets, the desk's `own` ones included; the same text if there are none.

    It is cut off after 300,000 characters.
    """
    if len(text) < _SHORTEST and not own:
        return Redacted(text=text)
    scanned, places = _visible(text[:_LONGEST])
    kinds = (*_KINDS, *(_Kind(pattern.name, 1, pattern.find) for pattern in own))
    found = [(span, kind) for kind in kinds if len(scanned) >= kind.least for span in kind.find(scanned)]
    if not any(span.sure for span, _ in found):
        found += _disguised(scanned)
    if not found and len(text) <= _LONGEST:
        return Redacted(text=text)
    if places is not None:
        found = [(replace(span, start=places[span.start], end=places[span.end - 1] + 1), kind) for span, kind in found]
    replaced = _replaced(text[:_LONGEST], found)
    return replace(replaced, text=replaced.text + TOO_LONG) if len(text) > _LONGEST else replaced


def _disguised(text: str) -> Iterator[tuple[Span, _Kind]]:
    """Yield the phrases and keys that are to be seen only once escapes are undone, with their place in `text`."""
    for reading, places in disguises.readings(text):
        for kind in _IN_DISGUISE:
            for span in kind.find(reading):
                if span.sure:
                    yield Span(places[span.start], places[span.end]), kind


def _replaced(text: str, found: Sequence[tuple[Span, _Kind]]) -> Redacted:
    """Return `text` with each secret replaced; of two that overlap the one that begins first names both."""
    kinds, pieces, end = [], [], 0
    near = any(not span.sure for span, _ in found)
    sure = [(span, kind) for span, kind in found if span.sure]
    for span, kind in sorted(sure, key=lambda item: (item[0].start, -item[0].end)):
        if span.start >= end:
            pieces += [text[end : span.start], kind.instead(kind.name, text[span.start : span.end])]
        kinds.append(kind.name)
        end = max(end, span.end)
    kinds += [NEAR] if near and not kinds else []
    return Redacted(text="".join([*pieces, text[end:]]), kinds=tuple(dict.fromkeys(kinds)))


def guard(message: Message, own: Sequence[OwnPattern] = ()) -> tuple[Message, tuple[str, ...]]:
    """Return `message` without secrets in anything that is stored, and what kinds were replaced. Never raises."""
    with suppress(Exception):
        return _guarded(message, own)
    sealed = replace(
        message,
        subject=WITHHELD if message.subject else "",
        text=WITHHELD,
        html="",
        headers=tuple((name, value) for name, value in message.headers if name.lower() not in _WORDED_HEADERS),
        attachments=tuple(replace(a, name=WITHHELD, text="") for a in message.attachments),
        sender=replace(message.sender, name=""),
    )
    return sealed, (UNSCANNED,)


def _guarded(message: Message, own: Sequence[OwnPattern]) -> tuple[Message, tuple[str, ...]]:
    kinds: dict[str, None] = {}
    done: dict[str, str] = {}  # the subject and the sender's name come again in the headers

    def safe(text: str) -> str:
        if text not in done:
            redacted = redact(text, own)
            kinds.update(dict.fromkeys(redacted.kinds))
            done[text] = redacted.text
        return done[text]

    text, markup = safe(message.text), message.html
    if markup:
        text, markup = _safe_markup(text, markup, own, kinds)
    guarded = changed(
        message,
        subject=safe(message.subject),
        text=text,
        html=markup,
        sender=changed(message.sender, name=safe(message.sender.name), handle=safe(message.sender.handle)),
        headers=tuple((n, safe(v) if own or _holds_words(n, v) else v) for n, v in message.headers),
        attachments=tuple(
            changed(a, name=safe(a.name), content_type=safe(a.content_type), text=safe(a.text))
            for a in message.attachments
        ),
        reply_to=_safe_values(message.reply_to, safe),
    )
    return guarded, tuple(kinds)


def _holds_words(name: str, value: str) -> bool:
    """Tell whether a header can hold a secret: one that people write, or any with as many words or so long a one."""
    return name.lower() in _WORDED_HEADERS or value.count(" ") >= _FEWEST_BLANKS or keys.may_hold_one(value)


def _safe_markup(text: str, markup: str, own: Sequence[OwnPattern], kinds: dict[str, None]) -> tuple[str, str]:
    """Return text and HTML without secrets; words between tags are only seen without them, so tags go then."""
    bare = redact(_SPACE.sub(" ", html.unescape(_TAG.sub(" ", markup[:_LONGEST_MARKUP]))), own)
    if bare.kinds or len(markup) > _LONGEST:
        kinds.update(dict.fromkeys(bare.kinds))
        return f"{text}\n{bare.text}".strip(), ""
    raw = redact(markup, own)
    kinds.update(dict.fromkeys(raw.kinds))
    return text, raw.text


def _safe_values(values: Mapping[str, Any], safe: Callable[[str], str]) -> dict[str, Any]:
    return {name: safe(value) if isinstance(value, str) else value for name, value in values.items()}


def _visible(text: str) -> tuple[str, list[int] | None]:
    """Return `text` without invisible characters and wide letters, and each one's place; None if all remain."""
    if text.isascii():
        return text, None
    if not _IS_EITHER.search(text):
        return text, None
    if _IS_WIDE.search(text):
        text = text.translate(_WIDE)
    if not _INVISIBLE.search(text):
        return text, None
    places = [i for i, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[i] for i in places), places
