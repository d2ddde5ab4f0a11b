"""What a reply looks like as a mail."""

from email import message_from_bytes, policy

import pytest
from builders import NOW, a_reply, an_address

from triage.connectors.email import Settings
from triage.connectors.email.compose import compose
from triage.message import Reply


def a_mail_of(reply: Reply, **other) -> tuple[bytes, object]:
    base = {"address": "support@us.example", "password": {"env": "X"}, "imap": {"host": "h"}}
    raw = compose(reply, Settings.model_validate(base | other), NOW)
    return raw, message_from_bytes(raw, policy=policy.default)


def test_an_automatic_reply_says_so_in_every_way():
    _, mail = a_mail_of(a_reply())
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Precedence"] == "bulk"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Loop"] == "support@us.example"


def test_a_persons_answer_is_not_automatic():
    _, mail = a_mail_of(a_reply(kind="answer"))
    assert not [n for n in mail if n in {"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "X-Loop"}]


@pytest.mark.parametrize("text", ["plain", "Hemos recibido su petición.", "我们已收到您的来信。" * 60, "a" * 3000])
def test_the_text_arrives_whole_and_in_seven_bits(text):
    raw, mail = a_mail_of(a_reply(text))
    assert raw.isascii()
    assert mail.get_content().rstrip("\n") == text
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_it_is_part_of_the_customers_thread():
    ids = ["<1@x>", f"<{'long' * 60}@x>"]
    reply = a_reply(in_reply_to=(ids[1],), reply_to={"references": ids})
    raw, _ = a_mail_of(reply)
    assert f"In-Reply-To: {ids[1]}\r\n".encode() in raw
    assert f"References: {' '.join(ids)}\r\n".encode() in raw


def test_each_attempt_at_a_reply_has_the_same_message_id_and_no_other_reply_has_it():
    first, again = a_mail_of(a_reply())[1], a_mail_of(a_reply(attempts=3))[1]
    other = a_mail_of(a_reply(key="2:acknowledgement"))[1]
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@us.example>")


@pytest.mark.parametrize(
    "evil",
    [
        "hi\r\nBcc: v@victim.example",
        "=?utf-8?q?hi=0D=0ABcc:_v@victim.example?=",
        "a\rBcc: v@victim.example",
        "a\u2028Bcc: v@victim.example\x85x\x0bX: y",
        "\r\n\r\nbody",
        "=?utf-8?b?DQpCY2M6IHY=?=" * 20,
        "x" * 5000,
        "😀" * 300,
    ],
)
def test_nothing_a_customer_wrote_becomes_a_header(evil):
    reply = a_reply(subject=f"Re: {evil}", in_reply_to=(f"<{evil}@x>", "<ok@x>"), reply_to={"references": [evil]})
    clean = a_mail_of(a_reply(subject="Re: hi", in_reply_to=("<ok@x>",)))[1]
    raw, mail = a_mail_of(reply, display_name=evil)
    assert mail.keys() == clean.keys()
    assert mail["In-Reply-To"] == "<ok@x>"
    assert "\n" not in mail["Subject"]
    assert mail["To"] == "ada@example.org"
    assert mail["From"].addresses[0].addr_spec == "support@us.example"
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("to", ["", "no address", "a@b\r\nBcc: c@d", "a@b>, <c@d", "a b@c", "a@b@c"])
def test_an_address_that_is_none_is_refused(to):
    with pytest.raises(ValueError, match="address"):
        a_mail_of(a_reply(to=an_address(to)))


def test_an_international_domain_goes_as_ascii():
    assert a_mail_of(a_reply(to=an_address("ada@bücher.example")))[1]["To"] == "ada@xn--bcher-kva.example"


def test_an_address_beyond_ascii_is_written_as_it_is():
    raw, _ = a_mail_of(a_reply("hi", to=an_address("用户@example.org")))
    assert "\r\nTo: 用户@example.org\r\n".encode() in raw


def test_only_a_persons_answer_follows_a_reply_to_that_nobody_vouched_for():
    asked = {"to": "elsewhere@example.net"}
    assert a_mail_of(a_reply(reply_to=asked))[1]["To"] == "ada@example.org"
    assert a_mail_of(a_reply(kind="answer", reply_to=asked))[1]["To"] == "elsewhere@example.net"
