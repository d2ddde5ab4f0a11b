"""Hostile input of every kind, and what it must become: machines, forged senders, bombs, odd characters, protocols."""

import json
from dataclasses import replace
from email import message_from_bytes

import pytest
from effort import bounded
from hostility import OUR_BOT, US, WORDS, a_mail, a_tweet, an_update, parts

from triage.case import Urgency
from triage.connectors import mime
from triage.studying import warm_up

SECONDS = 2.0


@pytest.fixture(autouse=True)
def in_time_and_the_next_one_arrives(way):
    with bounded(seconds=5):
        yield
        way.next_one_arrives()
    assert way.totals.get("lost", 0) == 0


# -- machines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated (vacation); x=y"},
        {"X-Auto-Response-Suppress": "DR, AutoReply"},
        {"Precedence": "auto_reply"},
        {"Return-Path": "<>"},
        {"List-Unsubscribe": "<mailto:off@example.net>"},
        {"From": "MAILER-DAEMON@example.net"},
        {"From": US.upper()},
        {"From": f"Ann <{US.replace('@', '+x@')}>"},
        {"Reply-To": US},
        {"X-Loop": US},
        {"From": "a@example.net, b@example.net", "Sender": US},
        {"Reply-To": ", ".join(f"v{n}@victim.example" for n in range(50))},
        {"Content-Type": 'multipart/report; report-type=delivery-status; boundary="BB"'},
    ],
)
def test_a_machine_gets_no_answer_and_no_case(way, headers):
    way.mail(a_mail(headers))
    assert (len(way.messages()), len(way.cases()), way.replies()) == (1, 0, [])


def test_a_program_on_telegram_gets_no_answer(way):
    way.update(an_update(**{"from": {"id": 9, "is_bot": True, "first_name": "b"}}))
    assert way.replies() == []


def test_our_own_words_on_any_channel_are_ignored(way):
    way.update(an_update(**{"from": {"id": OUR_BOT, "is_bot": True, "first_name": "us"}}))
    way.tweet(a_tweet(author_id="1"), me="1")
    way.tweet(a_tweet("RT @us: we have your message"))
    way.tweet(a_tweet(referenced_tweets=[{"type": "retweeted", "id": "5"}]))
    assert (way.messages(), way.replies()) == ([], [])


# -- senders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "results",
    [
        "mx.us.example; dmarc=fail header.from=example.net",
        "attacker.example; dmarc=pass header.from=example.net",
        "(" * 5000,
        "mx.us.example/2; dmarc=pass header.from=example.net",
        "mx.us.example; " + "dkim=pass " * 2000,
        "\x00",
    ],
)
def test_a_sender_nobody_vouches_for_gets_a_case_and_no_answer(way, results):
    way.room.desk = replace(way.room.desk, answer_unauthenticated=False)
    way.mail(a_mail({"Authentication-Results": results}))
    assert (len(way.cases()), way.replies()) == (1, [])


@pytest.mark.parametrize(
    ("sender", "word"),
    [
        ("a@xn--80ak6aa92e.example", "other letters"),
        ('"help@bank.example" <eve@evil.example>', "calls itself help@bank.example"),
    ],
)
def test_an_agent_is_warned_of_a_doubtful_sender(way, sender, word):
    way.mail(a_mail({"From": sender}))
    number = way.case().number
    assert word in way.get(f"/cases/{number}").text
    assert word in way.get(f"/api/v1/cases/{number}").text
    assert word in way.run("show", number)


@pytest.mark.parametrize("sender", ["alice@example.org)bob@evil.example", "<a@b> <c@d>", "@", "", '"' * 500, "a@b@c"])
def test_a_from_that_nobody_can_read_is_answered_to_nobody(way, sender):
    way.mail(a_mail({"From": sender}))
    assert (len(way.messages()), way.replies()) == (1, [])


# -- headers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "=?utf-8?q?hi=0D=0ABcc:_v@victim.example?="},
        {"Subject": "=?utf-8?b?aGkNCkJjYzogdkB2aWN0aW0uZXhhbXBsZQ==?="},
        {"Subject": b"a\rBcc: v@victim.example"},
        {"Subject": "a\u2028Bcc: v@victim.example\x0bc\x85d"},
        {"Message-ID": "<a@b\r\n\tBcc: v@victim.example>"},
        {"References": "<a\x0bBcc:v@victim.example> <=?utf-8?q?=0ABcc:x?=@y>"},
        {"From": "=?utf-8?q?=0D=0ABcc:_v@victim.example?= <ann@example.net>"},
    ],
)
def test_nothing_a_customer_wrote_becomes_a_header_of_ours(way, headers):
    way.mail(a_mail(headers))
    [raw] = way.sent_mails()
    mail = message_from_bytes(raw)
    assert "Bcc" not in mail
    assert mail["To"] == "ann@example.net"


# -- size and form ----------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return b"From: a@example.net\r\nSubject: x\r\n" + head + b"\r\nhi"


FORMS = {
    "parts in parts": nested(1500),
    "mails in mails": b"From: a@example.net\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1500,
    "many parts": parts(*[b"\r\nx"] * 60_000),
    "one long header": a_mail({"Subject": "a" * 5_000_000}),
    "many headers": a_mail({f"X-{n}": "y" for n in range(60_000)}),
    "semicolons": a_mail({"Content-Type": "text/html" + " ;" * 10_000}),
    "encoded words": a_mail({"Subject": " ".join(["=?utf-8?q?a?="] * 10_000)}),
    "recipients": a_mail({"To": ", ".join(f"u{n}@example.net" for n in range(50_000))}),
    "parameters": a_mail({"Content-Type": "text/plain; " + "; ".join(f"name*{n}=a" for n in range(20_000))}),
    "comments": a_mail({"From": "(" * 50_000 + "a@example.net", "To": "(" * 50_000}),
    "no id": a_mail({"Message-ID": "<"}),
    "long id": a_mail({"Message-ID": f"<{'a' * 12_000}@example.net>"}),
    "base64 that is none": a_mail({"Content-Transfer-Encoding": "base64"}, "!!!!" * 1000),
    "codec that is none": a_mail({"Content-Type": "text/plain; charset=unicode_escape"}, "abc\\x41"),
    "no such charset": a_mail({"Content-Type": 'text/plain; charset="DEFAULT_CHAR"'}),
    "quoted printable": a_mail({"Content-Transfer-Encoding": "quoted-printable"}, "=41" * 1_000_000),
    "html of tags": a_mail({"Content-Type": "text/html"}, b"<b>" * 2_000_000),
    "html of comments": a_mail({"Content-Type": "text/html"}, b"<!--" * 200_000),
    "html of entities": a_mail({"Content-Type": "text/html"}, b"&#x41;" * 500_000),
    "one word": a_mail({}, "a" * 1_000_000),
    "quotes": a_mail({}, ">" * 500_000 + "\n" + "> " * 300_000),
    "blank lines": a_mail({}, "\n \t\n" * 200_000),
    "NUL": a_mail({"Subject": "a\0b"}, b"\0" * 10_000),
    "digits": a_mail({}, "1234 " * 40_000),
    "words of a phrase": a_mail({}, "abandon about zoo " * 20_000),
    "open braces": a_mail({}, '{"ciphertext":' * 20_000),
    "signatures": a_mail({}, "-- \n" * 100_000),
    "colons": a_mail({}, "a: " * 130_000),
    "hex": a_mail({}, "ab" * 200_000),
    "a date": a_mail({"Date": "1 Jan 2026 00:00:00 +999999999999999"}),
    "another date": a_mail({"Date": "Mon, 31 Feb 0000 99:99:99 +9999"}),
    "no headers": b"\r\n\r\n" + WORDS.encode(),
    "bytes": bytes(range(256)) * 400,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_bomb_is_kept_and_costs_little(way, form):
    warm_up(way.room.desk, way.room.judge)  # as the daemon does before its first message
    with bounded(SECONDS):
        way.mail(FORMS[form])
    assert len(way.messages()) + len(way.quarantined()) == 1


def test_a_file_is_known_by_a_harmless_name(way):
    names = ("../../etc/passwd", "..\\..\\boot.ini", "photo\u202egnp.exe", "a\x1b[31m\x00b.txt", "\u2066x\u2069.js")
    way.mail(parts(b"\r\nlook", *[_file(name) for name in names]))
    assert json.loads(way.message().attachments) == ["passwd", "boot.ini", "photognp.exe", "a [31m b.txt", "x.js"]


def _file(name: str) -> bytes:
    percent = "".join(f"%{byte:02X}" for byte in name.encode())
    return f"Content-Disposition: attachment; filename*=utf-8''{percent}\r\n\r\nx".encode()


def test_words_that_a_page_hides_do_not_count(way):
    way.mail(
        a_mail({"Content-Type": "text/html"}, "<p style='display:none'>my coins are being stolen now</p>hello there")
    )
    assert all(case.verdict.urgency < Urgency.HIGH for case in way.cases())


def test_a_mail_that_is_too_big_is_read_from_its_beginning(way):
    way.mail(parts(b"\r\n" + WORDS.encode(), b"Content-Disposition: attachment\r\n\r\n" + b"A" * (mime.LARGEST + 10)))
    assert "too big" in way.message().text
    assert WORDS in way.message().text


# -- characters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a\0b",
        "a\ud800b",
        "a\uffff\U0010ffff",
        "\u202eevil\u202c",
        "a\x1b]0;x\x07\x9b31m",
        "שלום",
        "\u3164 \xa0",
        "Z" + "\u0335" * 5000,
    ],
)
def test_odd_characters_are_stored_and_shown_as_they_can_be(way, text):
    way.update(an_update(text))
    way.tweet(a_tweet(text, 10**18 + 2))
    assert len(way.messages()) == 2
    for message in way.messages():
        assert not set(message.text) & {"\0", "\ud800", "\x1b", "\x9b", "\x07", "\u202e"}


def test_look_alike_letters_neither_hide_a_theft_nor_change_what_is_stored(way):
    way.update(an_update("my wаllet was drаined, аll my coins are gone"))  # Cyrillic
    assert "wаllet" in way.message().text


# -- protocols --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        {"update_id": "12", "message": {"text": 5, "date": 1e308}},
        {"update_id": 2**80, "message": an_update()["message"] | {"date": 2**70}},
        {"headers": {"X-Telegram-Bot-Api-Secret-Token": "no"}},
        ["list"],
        "text",
        None,
        {"update_id": 5, "message": {"chat": {"id": 7, "type": "private"}, "date": -1}},
    ],
)
def test_what_is_no_update_is_kept_aside(way, raw):
    way.update(raw)
    assert len(way.quarantined()) == 1
    assert way.messages() == []


@pytest.mark.parametrize(
    "raw", [{"query": {"crc_token": "abc"}}, a_tweet(None), a_tweet(5), {"id": 5}, [], a_tweet(author_id="../x")]
)
def test_what_is_no_post_is_kept_aside(way, raw):
    way.tweet(raw)
    assert len(way.quarantined()) == 1
    assert way.messages() == []


def test_the_same_update_twice_is_one_message(way):
    way.update(an_update(number=9), an_update(number=9))
    way.update(an_update(number=9))
    assert len(way.messages()) == 1


def test_an_update_of_a_number_that_was_given_before_is_another_message(way):
    way.update(an_update("a", number=10**9))
    way.update(an_update("b", number=5))
    again = an_update("c", number=6, date=1_793_700_000)
    way.update(again | {"update_id": 10**9})
    assert len(way.messages()) == 3


def test_a_changed_message_and_a_long_post_are_whole(way):
    way.update({"update_id": 3, "edited_message": an_update()["message"] | {"edit_date": 1_793_600_100}})
    way.tweet(a_tweet("x", note_tweet={"text": "y" * 25_000}))
    assert [len(m.text) for m in way.messages()] == [len(WORDS), 25_000]


def test_no_mail_hides_another_by_its_id(way):
    way.mail(a_mail({"From": "eve@evil.example"}, "first"), a_mail({"From": "ann@example.net"}, WORDS))
    assert len(way.messages()) == 2


# -- floods -----------------------------------------------------------------------------------------------


def test_many_mails_of_one_sender_are_one_case_and_at_most_two_answers(way):
    way.mail(*[a_mail({"Subject": str(n), "Message-ID": f"<{n}@example.net>"}) for n in range(300)])
    assert len(way.messages()) == 300
    assert len(way.cases()) <= 2
    assert len(way.replies()) <= 2


def test_a_flood_from_many_senders_is_kept_and_answered_within_the_limit_of_all(way):
    way.mail(*[a_mail({"From": f"c{n}@mail{n}.example", "Message-ID": f"<{n}@mail.example>"}) for n in range(300)])
    assert len(way.messages()) == 300
    assert len(way.sent_mails()) <= way.room.desk.limits.per_minute_total  # the others go out minute by minute


def test_two_customers_with_the_same_words_stay_two(way):
    way.update(an_update("sent 1 BTC, missing", 91, 1), an_update("sent 2 BTC, missing", 92, 2))
    assert len(way.cases()) == 2


def test_a_theft_among_much_chatter_comes_first(way):
    way.update(an_update("my wallet was drained " + "thank you for the great app " * 100))
    assert way.case().verdict.urgency is Urgency.CRITICAL
