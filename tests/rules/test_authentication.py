"""Only our own mail server's word on a sender counts."""

import pytest
from builders import a_message

from triage.rules.authentication import authentic

TRUSTED = ("mx.us.example",)


def judged(*values, sender="ann@bank.example", trusted=TRUSTED, **other):
    headers = tuple(("Authentication-Results", value) for value in values)
    return authentic(a_message(sender=sender, headers=headers, **other), trusted)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("mx.us.example; dmarc=pass header.from=bank.example", True),
        ("MX.us.example 1; dmarc=pass (p=NONE) header.from=bank.example", True),
        ("mx.us.example; dmarc=fail header.from=bank.example; spf=pass smtp.mailfrom=bank.example", False),
        ("mx.us.example; dmarc=fail header.from=other.example", False),
        ("mx.us.example; dkim=pass header.d=bank.example header.s=k header.b=Ab/1+=", True),
        ("mx.us.example; dkim=pass header.i=@mail.bank.example", True),
        ("mx.us.example; dkim=pass header.d=evil.example", None),
        ("mx.us.example; dkim=pass header.d=evilbank.example", None),
        ("mx.us.example; spf=pass smtp.mailfrom=ann@bank.example", True),
        ("mx.us.example; spf=pass smtp.mailfrom=evil.example", None),
        ("mx.us.example; spf=fail smtp.mailfrom=bank.example", False),
        ("mx.us.example; spf=softfail smtp.mailfrom=bank.example", None),
        ("mx.us.example; dmarc=pass header.from=other.example", None),
        ("mx.us.example; none", None),
        ("mx.us.example; spf=fail (x; dmarc=pass header.from=bank.example) smtp.mailfrom=evil.example", None),
        ("mx.us.example; dmarc=pass action=none header.from=bank.example;compauth=pass reason=100", True),
    ],
)
def test_what_our_server_says_is_believed(value, verdict):
    assert judged(value) is verdict


def test_another_servers_word_is_ignored():
    assert judged("attacker.example; dmarc=pass header.from=bank.example") is None


def test_only_the_topmost_word_of_our_server_counts():
    forged = "mx.us.example; dmarc=pass header.from=bank.example"
    assert judged("mx.us.example; dmarc=fail header.from=bank.example", forged) is False
    assert judged("relay.example; none", "mx.us.example; dmarc=fail header.from=bank.example", forged) is False


def test_without_a_trusted_server_nobody_can_tell():
    assert judged("mx.us.example; dmarc=pass", trusted=()) is None


@pytest.mark.parametrize(
    "value", ["(" * 5_000, "mx.us.example; " + "(" * 5_000, "mx.us.example 2; dmarc=pass", "", ";", '"']
)
def test_a_strange_header_vouches_for_nobody(value):
    assert judged(value) is None


@pytest.mark.parametrize("name", ["From", "Subject", "Sender"])
def test_a_header_that_may_be_there_once_and_is_there_twice_is_a_forgery(name):
    headers = ((name, "a"), (name.lower(), "b"))
    assert authentic(a_message(headers=headers), ()) is False


def test_chats_have_no_such_header():
    assert judged("mx.us.example; dmarc=fail", kind="telegram", sender="7") is None


def test_a_signature_we_checked_vouches_where_no_trusted_server_speaks():
    assert judged(signed_by=("bank.example",)) is True
    assert judged(signed_by=("bank.example",), sender="ann@mail.bank.example") is True
    assert judged(signed_by=("mail.bank.example",)) is None  # whoever has a name below it is not the bank
    assert judged("mx.us.example; dmarc=fail header.from=bank.example", signed_by=("bank.example",)) is False
