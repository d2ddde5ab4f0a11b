"""Cutting a mail into its parts: always as the standard library would, only sooner."""

import email
import random
from email.message import Message as Mail
from pathlib import Path

import pytest

from triage.connectors.mime.structure import parsed

REAL = Path(__file__).parents[3] / "../shared/mails"
NESTED = b"""\
From: Ada <ada@example.org>\r
Subject: two lines\r
 of subject\r
Content-Type: multipart/mixed; boundary="outer one"\r
\r
This is a message in MIME format.\r
--outer one\r
Content-Type: multipart/alternative; boundary=inner\r
\r
--inner\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
My withdrawal is stuck, \xc3\xa9.\r
--inner is not a boundary\r
\r
--inner \r
Content-Type: text/html\r
\r
<p>My withdrawal is stuck.</p>\r
--inner--\r
nobody's words\r
--outer one\r
\r
no headers at all\r
--outer one\r
Content-Type: image/png; name=x.png\r
Content-Transfer-Encoding: base64\r
\r
iVBORw0KGgo=\r
--outer one--\r
epilogue\r
"""
UNUSUAL = {
    "nothing": b"",
    "only-headers": b"Subject: x\n",
    "no-headers": b"\nwords\n",
    "no-colon": b"Subject: x\nwords\n\nmore\n",
    "from-line": b"From ada Mon Nov  2 08:00:00 2026\nSubject: x\n\nwords\n",
    "continuation-first": b" x\nSubject: y\n\nwords\n",
    "lone-cr": NESTED.replace(b"stuck, ", b"stuck,\r"),
    "no-last-boundary": NESTED.replace(b"--outer one--", b""),
    "no-first-boundary": NESTED.replace(b"--inner\r\n", b""),
    "boundary-twice": NESTED.replace(b"--inner\r\n", b"--inner\r\n--inner\r\n"),
    "last-boundary-first": NESTED.replace(b"--inner\r\n", b"--inner--\r\n"),
    "empty-part": NESTED.replace(b"--inner\r\n", b"--inner\r\n\r\n--inner\r\n"),
    "same-boundary-inside": NESTED.replace(b"inner", b"outer one"),
    "no-boundary-named": NESTED.replace(b"; boundary=inner", b""),
    "digest": NESTED.replace(b"multipart/mixed", b"multipart/digest"),
    "a-mail-inside": NESTED.replace(b"text/html", b"message/rfc822"),
    "bare-newlines": NESTED.replace(b"\r\n", b"\n"),
}


def tree(mail: Mail) -> object:
    """Return all that is read of a parsed mail, for comparing."""
    payload = mail.get_payload()
    inside = [tree(part) for part in payload] if isinstance(payload, list) else payload
    return list(mail.raw_items()), mail.preamble or "", mail.is_multipart(), inside


def test_an_ordinary_mail_is_cut_as_by_the_library():
    mail = parsed(NESTED)
    assert tree(mail) == tree(email.message_from_bytes(NESTED))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain", "image/png",
    ]  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_an_unusual_mail_is_cut_as_by_the_library(name):
    assert tree(parsed(UNUSUAL[name])) == tree(email.message_from_bytes(UNUSUAL[name]))


def test_a_damaged_mail_is_cut_as_by_the_library():
    lines, chance = NESTED.split(b"\n"), random.Random(7)
    for _ in range(400):
        damaged = list(lines)
        for _ in range(chance.randint(1, 3)):
            place, other = chance.randrange(len(damaged)), chance.choice(lines)
            damaged[place : place + chance.randint(0, 2)] = [other] * chance.randint(0, 2)
            damaged = damaged or [b""]
        raw = b"\n".join(damaged)
        assert tree(parsed(raw)) == tree(email.message_from_bytes(raw))


@pytest.mark.skipif(not REAL.is_dir(), reason="the real mails are not part of the repository")
def test_real_mail_is_cut_as_by_the_library():
    for path in (p for p in REAL.rglob("*") if p.is_file() and p.suffix != ".jsonl"):
        raw = path.read_bytes()
        assert tree(parsed(raw)) == tree(email.message_from_bytes(raw)), path.name
