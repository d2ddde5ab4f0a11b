"""DKIM, checked by ourselves: with real keys and real signatures."""

import asyncio
import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from triage.connectors.email import signatures
from triage.connectors.email.signatures import REST, Signatures

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
RECORD = b"v=DKIM1; k=rsa; p=" + base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
NAME = "s1._domainkey.example.org."

MAIL = b"""From: Ada <ada@example.org>\r
To: support@example.com\r
Subject: help\r
Message-ID: <1@example.org>\r
Date: Mon, 02 Nov 2026 10:00:00 +0000\r
\r
My withdrawal is stuck.\r
"""


def signed(domain=b"example.org", **other):
    return dkim.sign(MAIL, b"s1", domain, PEM, include_headers=[b"from", b"to", b"subject"], **other) + MAIL


class Names:
    """A name server; the zones of `dead` never answer."""

    def __init__(self, records):
        self.records, self.asked, self.error, self.dead = records, [], None, ()

    async def __call__(self, name):
        self.asked.append(name)
        if name.endswith(self.dead) and self.dead:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return self.records.get(name)


@pytest.fixture
def names():
    return Names({NAME: RECORD})


async def of(names, raw):
    return (await Signatures(names).signers({1: raw})).get(1, ())


async def test_a_signature_of_the_senders_domain_vouches(names):
    assert await of(names, signed()) == ("example.org",)


@pytest.mark.parametrize(
    "raw",
    [
        MAIL,
        signed().replace(b"is stuck", b"is gone"),
        signed().replace(b"Subject: help", b"Subject: other"),
        signed().replace(b"From: Ada", b"From: eve@evil.example\r\nFrom: Ada"),
        signed().replace(b"ada@example.org", b"ada@victim.example"),
        signed(length=True) + b"Everybody's words.\r\n",
        b"DKIM-Signature: " + b"v=1;" * 5000 + b"\r\n" + MAIL,
        b"DKIM-Signature: v=1; d=example.org; s=" + b"x" * 900 + b"\r\n" + MAIL,
        b"",
    ],
)
async def test_nothing_else_does(names, raw):
    assert await of(names, raw) == ()


async def test_only_keys_of_the_senders_own_domain_are_asked_for(names):
    await of(names, signed(domain=b"evil.example"))
    assert names.asked == []


async def test_a_key_is_asked_for_once(names):
    checks = Signatures(names)
    for _ in range(3):
        assert await checks.signers({1: signed(), 2: MAIL}) == {1: ("example.org",)}
    assert names.asked == [NAME]


async def test_a_name_server_that_does_not_answer_is_left_alone_for_a_while(names):
    moment = [0.0]
    checks = Signatures(names, lambda: moment[0])
    names.error = TimeoutError()
    assert await checks.signers({1: signed()}) == {}
    names.error = None
    assert await checks.signers({1: signed()}) == {}
    moment[0] = REST + 1
    assert await checks.signers({1: signed()}) == {1: ("example.org",)}


async def test_a_zone_that_does_not_answer_takes_nobody_elses_signature_away(names, monkeypatch):
    monkeypatch.setattr(signatures, "DEADLINE", 0.2)
    names.dead = ".evil.example."
    checks = Signatures(names)
    dead = signed(domain=b"evil.example").replace(b"ada@example.org", b"eve@evil.example")
    assert await checks.signers({1: dead}) == {}
    assert await checks.signers({1: dead, 2: signed()}) == {2: ("example.org",)}
    assert names.asked == ["s1._domainkey.evil.example.", NAME]
