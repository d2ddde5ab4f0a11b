"""Secrets in bytes that nobody could read are found in disguise, too."""

import json
import quopri
from base64 import b64encode, encodebytes
from urllib.parse import quote, quote_plus

import pytest
from builders import a_message
from effort import bounded

from triage.message import Unreadable
from triage.rules import raw_bytes
from triage.rules.secrets import WITHHELD

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
LINES = PHRASE.replace(" ", "\n")


def guarded(original: bytes) -> bytes:
    message = a_message()
    about = {name: getattr(message, name) for name in ("channel", "kind", "external_id", "received_at")}
    return raw_bytes.guard(Unreadable(original=original, why="broken", **about)).original


DISGUISES = {
    "base64": b"Content-Type: text/plain\n\n" + encodebytes(f"see here: {PHRASE}".encode()),
    "base64 in one line": b64encode(PHRASE.encode()),
    "base64 of UTF-16": b64encode(PHRASE.encode("utf-16-le")),
    "quoted-printable": quopri.encodestring(f"é {PHRASE} é".encode()).replace(b" ", b"=20"),
    "UTF-16": PHRASE.encode("utf-16"),
    "JSON with escapes": json.dumps({"text": LINES}).encode(),
    "JSON, all escaped": ("".join(f"\\u{ord(char):04x}" for char in PHRASE)).encode(),
    "percent": quote(PHRASE).encode(),
    "form": quote_plus(PHRASE).encode(),
    "tags": f"<ol>{''.join(f'<li>{word}</li>' for word in PHRASE.split())}</ol>".encode(),
}


@pytest.mark.parametrize("how", DISGUISES)
def test_bytes_that_hide_a_secret_are_withheld_unless_it_is_seen_and_replaced(how):
    left = guarded(DISGUISES[how])
    assert left == WITHHELD.encode() or b"[seed phrase removed]" in left


def test_in_the_clear_only_the_secret_goes():
    assert guarded(b"\xff " + PHRASE.encode() + b" \x80") == b"\xff [seed phrase removed] \x80"


@pytest.mark.parametrize(
    "original",
    [
        b"",
        b"\x80\x81 help",
        b"%zz \\u12",
        encodebytes(b"an ordinary text, and nothing but that. " * 5),
        bytes(range(256)),
    ],
)
def test_other_bytes_stay(original):
    assert guarded(original) == original


def test_what_is_too_long_to_look_through_is_withheld():
    assert guarded(b"a " * 2_100_000) == WITHHELD.encode()


@pytest.mark.parametrize("unit", [b"QUFB" * 20 + b"\n", b"=41", b"%41", b"\\u0041", b"<a", b"A\x00", b"{"])
def test_hostile_bytes_take_bounded_time(unit):
    with bounded(seconds=4):
        guarded(unit * (200_000 // len(unit)))
