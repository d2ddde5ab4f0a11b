"""Inputs for `make fuzz`: hostile in form and content, from a seed; each target's input is one call."""

import json
import random
from collections.abc import Callable
from typing import Any

WORDS = ["my", "wallet", "stolen", "提现", "没有到账", "ayuda", "seed phrase", "助记词", "private key", "abandon", "about", "zoo",
         "legal winner thank year wave sausage", "0x52908400098527886E0F7030069857D2E4169EE7", "T7K-4Q2M9XRC", "4111111111111111",
         "https://a@b.example/%2e%2e", "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW",
         "ab" * 32, "{\"ciphertext\":", "-- \n", "> ", "On Mon, Ada wrote:", "<b>", "</div>", "&#x41;", "<!--", "\n\n", "\t", "1.", "いつも", "たいへん",
         "-----BEGIN PRIVATE KEY-----", "DE89370400440532013000", "code 123456", "xprv9s21", "/start", "unsubscribe"]  # fmt: skip
ODD = "\0\x01\x07\x1b\x7f\x85\x9b\xa0\xad\u0300\u0335\u061c\u200b\u200d\u200e\u202e\u2028\u2066\u3000\u3164\ufeff\uffff\ufffd\U0001f600\U000e0041\U0010ffff\ud800\udfff"
HEADERS = ["From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "Sender", "Return-Path",
           "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Auto-Submitted", "Authentication-Results", "List-Id",
           "Precedence", "X-Loop", "MIME-Version", "Received", "X-A", ""]  # fmt: skip
PIECES = [b"<", b">", b"@", b"(", b")", b'"', b"\\", b";", b",", b":", b"=", b"=?utf-8?q?", b"?=", b"=?gb2312?b?", b"=0D=0A", b"\r", b"\n", b"\r\n ",
          b"\0", b"\xff", b"\xe4\xb8", b"a@b.example", b"Ann", b"multipart/mixed", b"text/plain", b"text/html", b"message/rfc822", b"boundary=", b'boundary="B"',
          b"charset=", b"utf-7", b"gb18030", b"unicode_escape", b"name*0*=utf-8''%41", b"filename=a.json", b"base64", b"quoted-printable", b"auto-replied",
          b"dmarc=pass", b"Mon, 02 Nov 2026 10:00:00 +0000", b"+999999999999", b"0000", b"9999", b"<1@a>", b" " * 40, b"x" * 200, b"application/json"]  # fmt: skip


def text(chance: random.Random) -> str:
    """Words, odd characters, repetitions, now and then a great many."""
    found = []
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 8, 20 if chance.random() < 0.1 else 2))):
        kind = chance.random()
        if kind < 0.6:
            found.append(chance.choice(WORDS))
        elif kind < 0.8:
            found.append(chance.choice(ODD) * chance.choice((1, 1, 2, 50)))
        elif kind < 0.9:
            found.append(
                "".join(
                    chance.choices("abcdef0123456789 .,;:@#-_/\\'\"()[]{}<>=+*&%$!?~`|^", k=chance.randrange(1, 40))
                )
            )
        else:
            found.append(
                chr(
                    chance.choice(
                        (
                            chance.randrange(0x20, 0x3000),
                            chance.randrange(0x3000, 0xD800),
                            chance.randrange(0xE000, 0x11000),
                        )
                    )
                )
            )
        found.append(chance.choice((" ", " ", " ", "", "\n", "  ")))
    whole = "".join(found)
    return whole * chance.choice((20, 100)) if chance.random() < 0.0005 else whole


SEVEN_BITS = [piece for piece in PIECES if piece.isascii()]
"""Most inputs have no byte beyond: one is enough to make whoever guesses at alphabets take most of an input's time."""


def _raw(chance: random.Random, most: int = 12, pieces: list[bytes] = PIECES) -> bytes:
    return b"".join(chance.choices(pieces, k=chance.randrange(most)))


def headers(chance: random.Random) -> bytes:
    """A header block of real names and broken values, with a short body."""
    pieces = PIECES if chance.random() < 0.2 else SEVEN_BITS
    lines = [
        chance.choice(HEADERS).encode() + chance.choice((b": ", b":", b" :", b"")) + _raw(chance, pieces=pieces)
        for _ in range(chance.randrange(1, 14))
    ]
    return chance.choice((b"\r\n", b"\n")).join(lines) + b"\r\n\r\n" + _raw(chance, pieces=pieces)


def mime(chance: random.Random) -> bytes:
    """A tree of parts, some of them cut, unended, mislabelled, encoded wrongly or nested."""
    raw = b"From: Ann <ann@example.net>\r\nTo: support@us.example\r\nSubject: help\r\n" + _part(chance, 0)
    if chance.random() < 0.3:
        raw = raw[: chance.randrange(len(raw) + 1)]
    return _mutated(chance, raw) if chance.random() < 0.3 else raw


def _part(chance: random.Random, depth: int) -> bytes:
    if depth < 5 and chance.random() < 0.45:
        mark = chance.choice((b"B", b"BB", b"b%d" % depth))
        inner = [b"--" + mark + b"\r\n" + _part(chance, depth + 1) + b"\r\n" for _ in range(chance.randrange(5))]
        end = chance.choice((b"--" + mark + b"--\r\n", b"", b"--" + mark))
        kind = chance.choice((b"mixed", b"alternative", b"report", b"digest", b"related", b""))
        return b"Content-Type: multipart/" + kind + b'; boundary="' + mark + b'"\r\n\r\n' + b"".join(inner) + end
    if depth < 6 and chance.random() < 0.1:
        return b"Content-Type: message/rfc822\r\n\r\n" + _part(chance, depth + 1)
    kind = chance.choice(
        (b"text/plain", b"text/html", b"application/json", b"image/png", b"text/csv", b"message/delivery-status", b"x")
    )
    extra = chance.choice(
        (
            b"",
            b"Content-Disposition: attachment; filename=" + _raw(chance, 4) + b"\r\n",
            b"Content-Transfer-Encoding: " + chance.choice((b"base64", b"quoted-printable", b"8bit", b"x")) + b"\r\n",
        )
    )
    body = text(chance).encode("utf-8", "surrogatepass") if chance.random() < 0.8 else _raw(chance, 30, SEVEN_BITS)
    return (
        b"Content-Type: "
        + kind
        + chance.choice((b"", b"; charset=" + _raw(chance, 2)))
        + b"\r\n"
        + extra
        + b"\r\n"
        + body
    )


def _mutated(chance: random.Random, raw: bytes) -> bytes:
    data = bytearray(raw)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randrange(4)] = chance.choice(PIECES)
    return bytes(data)


# Most of these become a message, so that most inputs go all the way.
PLACES = (*("private",) * 8, "group", "supergroup", "channel")
UPDATES = (*("message",) * 6, "edited_message", "edited_message", "business_message", "channel_post", "my_chat_member")
OFFSETS = (*range(9), *range(9), -1, 2**31)


def update(chance: random.Random) -> Any:
    """An update of the Bot API, some of its values replaced by others of any type."""
    who = {
        "id": chance.randrange(1, 9),
        "is_bot": False,
        "first_name": text(chance)[:60],
        "username": "u",
        "language_code": "zh-hans",
    }
    place = chance.choice(PLACES)
    said = ("" if place == "private" else chance.choice(("/start@us ", "@us ", ""))) + text(chance)
    message = {"message_id": chance.randrange(1, 99), "date": 1_793_600_000, "chat": {"id": who["id"], "type": place}, "from": who, "text": said,
               "entities": [{"type": chance.choice(("bot_command", "mention", "text_mention", "url")), "offset": chance.choice(OFFSETS), "length": chance.choice(OFFSETS)}]}  # fmt: skip
    for name, value in (("caption", text(chance)), ("photo", [{"file_size": 5}]), ("document", {"file_name": text(chance)}), ("reply_to_message", dict(message)),
                        ("media_group_id", "g"), ("edit_date", 1_793_600_001), ("forward_origin", {"type": "user"}), ("sender_chat", {"id": -5, "type": "channel", "title": "t"}), ("is_topic_message", True), ("message_thread_id", 4)):  # fmt: skip
        if chance.random() < 0.2:
            message[name] = value  # noqa: PERF403 - a comprehension would make a second update of it
    kind = chance.choice(UPDATES)
    if kind == "my_chat_member":
        message |= {"new_chat_member": {"status": chance.choice(("kicked", "member", "left")), "user": who}}
    if kind == "business_message":
        message["business_connection_id"] = "b"
    return _changed(chance, {"update_id": chance.randrange(9**9), kind: message})


def tweet(chance: random.Random) -> Any:
    """A post or direct message of X, some of its values replaced by others of any type."""
    post = {"id": str(10**18 + chance.randrange(9**9)), "author_id": "99", "conversation_id": "1", "text": text(chance), "lang": "en",
            "referenced_tweets": [{"type": chance.choice(("replied_to", "quoted", "retweeted")), "id": "7"}], "note_tweet": {"text": text(chance)},
            "edit_history_tweet_ids": ["1"], "attachments": {"media_keys": ["3_1"]}}  # fmt: skip
    for name in list(post):
        if chance.random() < 0.3 and name != "id":
            del post[name]
    return _changed(chance, post)


_ANYTHING: list[Callable[[random.Random], Any]] = [
    lambda _: None, lambda _: 5, lambda _: -(2**70), lambda _: 1e308, lambda _: True, lambda _: [], lambda _: {}, lambda c: text(c)[:40],
    lambda _: "../x", lambda _: [[[[{}]]]], lambda _: "\ud800", lambda _: {"id": "\0"}, lambda _: 2**63,
]  # fmt: skip


def _changed(chance: random.Random, value: Any) -> Any:
    """Replace some values anywhere in a JSON value."""
    if chance.random() < 0.012:
        return chance.choice(_ANYTHING)(chance)
    if isinstance(value, dict):
        return {name: _changed(chance, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_changed(chance, one) for one in value]
    return value


class Told(random.Random):
    """Chance that is told what to do: each choice takes bytes of `data`, so that who changes bytes changes choices.

    It makes an input of every form out of what a fuzzer guided by branches tries, none of them thrown away.
    """

    def __new__(cls, data: bytes) -> "Told":
        """Make one without a seed: `Random` would take the data for it."""
        return super().__new__(cls, 0)

    def __init__(self, data: bytes) -> None:
        """Choose as `data` says, and the first of all when it is used up."""
        super().__init__(0)
        self._data, self._at = data, 0

    def random(self) -> float:
        """Return a number from 0 to below 1."""
        return self.getrandbits(16) / 65536

    def getrandbits(self, k: int, /) -> int:
        """Return as many bits of the data."""
        size = (k + 7) // 8
        taken = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(taken, "big") >> (8 * size - k) if len(taken) == size else 0


MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "headers": headers,
    "mime": mime,
    "updates": update,
    "tweets": tweet,
    "text": text,
}


def shown(value: Any) -> str:
    """An input as one line that Python reads again."""
    return repr(value) if isinstance(value, (bytes, str)) else json.dumps(value)
