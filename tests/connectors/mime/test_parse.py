import itertools
import json
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.connectors import mime
from triage.connectors.mime import body
from triage.message import Message, Unreadable

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SHARED = Path(__file__).parents[3] / "../shared"
BOUND = "BB"


def parse(raw: bytes, own: frozenset[str] = frozenset(), size: int = 0) -> Message | Unreadable:
    return mime.parse(raw, channel="mail", external_id="INBOX/1/1", received_at=NOW, own=own, size=size)


def read(raw: bytes, **other: Any) -> Message:
    message = parse(raw, **other)
    assert isinstance(message, Message), message
    return message


def a_mail(
    body: bytes | str = "My withdrawal is stuck.", *extra: tuple[str, bytes | str], **headers: str | None
) -> bytes:
    """Return a plausible mail; a header given as None is left out, `extra` ones come last."""
    fields: dict[str, Any] = {
        "From": "Ada <ada@example.org>",
        "To": "support@us.example",
        "Subject": "help",
        "Message-ID": "<1@example.org>",
        "Date": "Mon, 02 Nov 2026 09:59:00 +0000",
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [(name, value) for name, value in (*fields.items(), *extra) if value is not None]
    head = b"".join(n.encode() + b": " + (v if isinstance(v, bytes) else v.encode()) + b"\r\n" for n, v in lines)
    return head + b"\r\n" + (body if isinstance(body, bytes) else body.encode())


def parts(*bodies: str | bytes, kind: str = "mixed", **headers: str | None) -> bytes:
    joined = b"".join(f"--{BOUND}\r\n".encode() + (p if isinstance(p, bytes) else p.encode()) + b"\r\n" for p in bodies)
    ending = f"--{BOUND}--\r\n".encode()
    return a_mail(joined + ending, **{"Content_Type": f'multipart/{kind}; boundary="{BOUND}"'} | headers)


def part(text: str, kind: str = "text/plain", **headers: str) -> str:
    lines = {"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n" + text


def nested(depth: int) -> bytes:
    top = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n' for i in range(depth))
    return b"From: a@b.example\r\n" + top.encode() + b"\r\nhi"


class TestBody:
    def test_plain_text_is_preferred_to_html(self) -> None:
        message = read(parts(part("plain"), part("<b>rich</b>", "text/html"), kind="alternative"))
        assert (message.text, message.html) == ("plain", "")

    def test_html_is_kept_when_no_plain_text_came(self) -> None:
        message = read(parts(part(" "), part("<b>rich</b>", "text/html"), kind="alternative"))
        assert (message.text, message.html) == ("", "<b>rich</b>")

    def test_a_list_footer_beside_html_does_not_replace_it(self) -> None:
        message = read(parts(part("<b>my words</b>", "text/html"), part("-- the footer <x>")))
        assert "my words" in message.html
        assert "the footer &lt;x&gt;" in message.html
        assert message.text == ""

    def test_text_around_pictures_is_one_text(self) -> None:
        message = read(parts(part("before"), part("", "image/png", Content_Disposition="inline"), part("after")))
        assert message.text == "before\nafter"

    def test_a_forwarded_mail_is_an_attachment_not_the_senders_words(self) -> None:
        message = read(parts(part("see below"), part(a_mail("I AM SOMEBODY ELSE").decode(), "message/rfc822")))
        assert message.text == "see below"
        assert [a.content_type for a in message.attachments] == ["message/rfc822"]

    def test_attachments_are_listed_with_name_type_and_size(self) -> None:
        file = part("QUJDRA==", "application/pdf", Content_Transfer_Encoding="base64")
        named = file.replace("application/pdf", 'application/pdf; name="a.pdf"')
        winmail = part("x", "application/ms-tnef")
        (pdf, tnef) = read(parts(part("hi"), named, winmail)).attachments
        assert (pdf.name, pdf.content_type, pdf.size) == ("a.pdf", "application/pdf", 4)
        assert tnef.content_type == "application/ms-tnef"

    @pytest.mark.parametrize(
        ("given_name", "shown"),
        [
            ('filename="../../etc/passwd"', "passwd"),
            ("filename*=utf-8''photo%E2%80%AEgnp.exe", "photognp.exe"),
            ('filename="=?utf-8?b?5Y+R56WoLnBkZg==?="', "发票.pdf"),
            ("filename*=hex''%ff%fe", "ÿþ"),
        ],
    )
    def test_a_file_name_is_cleaned(self, given_name: str, shown: str) -> None:
        raw = parts(part("hi"), part("x", "image/png", Content_Disposition=f"attachment; {given_name}"))
        (attachment,) = read(raw).attachments
        assert attachment.name == shown

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(a_mail("all of it", Content_Type='multipart/mixed; boundary="never"'), id="no boundary line"),
            pytest.param(a_mail("all of it", Content_Type="multipart/mixed"), id="no boundary at all"),
            pytest.param(parts(kind="mixed").replace(b"--BB--", b"all of it\r\n--BB--"), id="before the first part"),
            pytest.param(parts(part("all of it", 'text/plain; name="body.txt"')), id="a part with a name"),
        ],
    )
    def test_text_in_an_odd_place_is_found(self, body: bytes) -> None:
        assert read(body).text.strip() == "all of it"

    @pytest.mark.parametrize(
        ("data", "charset", "text"),
        [
            ("钱不见了，请帮忙".encode("gbk"), "gb2312", "钱不见了，请帮忙"),
            ("錢不見了，請幫忙".encode("big5hkscs"), "CHINESEBIG5", "錢不見了，請幫忙"),
            ("提现失败".encode(), "iso-8859-1", "提现失败"),
            ("提现失败，请尽快处理我的账户".encode("gb18030"), "us-ascii", "提现失败，请尽快处理我的账户"),
            ("señor, mañana".encode("cp1252"), "iso-8859-1", "señor, mañana"),
            ("“quoted”".encode("cp1252"), "iso-8859-1", "“quoted”"),
            ("お金".encode("iso-2022-jp"), "iso-2022-jp", "お金"),
            (b"abc\\x41", "unicode_escape", "abc\\x41"),
            (b"a\0b", "utf-8", "a␀b"),
            (b"ok \xff", "utf-8", "ok �"),
            ("привет, где деньги".encode("koi8-r"), "x-unknown-thing", "привет, где деньги"),
        ],
    )
    def test_a_wrong_charset_does_not_lose_the_text(self, data: bytes, charset: str, text: str) -> None:
        message = read(a_mail(data, Content_Type=f"text/plain; charset={charset}", Content_Transfer_Encoding="8bit"))
        if text.startswith("ok"):
            assert message.text.startswith("ok ")
        else:
            assert message.text == text

    def test_a_mail_that_is_only_begun_says_so(self) -> None:
        message = read(parts(part("what I want")), size=40 * 1024 * 1024)
        assert message.text.startswith("what I want")
        assert "too big" in message.text
        assert message.attachments[-1].size == 40 * 1024 * 1024


class TestHeaders:
    @pytest.mark.parametrize(
        ("line", "address", "name"),
        [
            ("Ada <ada@Example.ORG>", "ada@example.org", "Ada"),
            ("ada@example.org (Ada L.)", "ada@example.org", "Ada L."),
            ('"Lovelace, Ada" <ada@example.org>', "ada@example.org", "Lovelace, Ada"),
            ("Lovelace, Ada <ada@example.org>", "ada@example.org", "Ada"),
            ('"bank@bank.example" <eve@evil.example>', "eve@evil.example", "bank@bank.example"),
            ("alice@example.org)bob@evil.example", "", ""),
            ("<a@b.example> <c@d.example>", "", ""),
            ("a@b.example, c@d.example", "a@b.example", ""),
            ("Group: a@b.example, c@d.example;", "a@b.example", ""),
            ("undisclosed-recipients:;", "", ""),
            ("<@relay.example:ada@example.org>", "ada@example.org", ""),
            ("Ada Lovelace ada@example.org", "ada@example.org", "Ada Lovelace"),
            ("=?gb2312?B?zfXQocP3?= <wang@例子.example>", "wang@xn--fsqu00a.example", "王小明"),
            ("<>", "", ""),
            ("a@", "", "a@"),
            ("(" * 5000, "", ""),
            ('"' * 5000, "", '"' * 0),
        ],
    )
    def test_the_sender_is_the_first_address_or_nobody(self, line: str, address: str, name: str) -> None:
        sender = read(a_mail(From=line)).sender
        assert (sender.kind, sender.value) == ("email", address)
        if address:
            assert sender.name == name

    def test_no_from_line_is_nobody(self) -> None:
        assert read(a_mail(From=None)).sender.value == ""

    @pytest.mark.parametrize(
        ("line", "subject"),
        [
            ("=?utf-8?q?hi=0D=0ABcc:_v@victim.example?=", "hi Bcc: v@victim.example"),
            ("a\u2028b\x0bc\x85d", "a b c d"),
            ("=?utf-8?b?5o+Q546w?=\r\n =?utf-8?b?5aSx6LSl?=", "提现失败"),
            ("=?utf-8?b?5o+Q5w==?= =?utf-8?b?jrA=?=", "提现"),
            ("=?x-foo?q?caf=E9?=", "café"),
            ("=?utf-8?b?not base64?= tail", "tail"),
            ("Re: =?ISO-8859-1?Q?Qu=E9_pas=F3?= now", "Re: Qué pasó now"),
        ],
    )
    def test_the_subject_is_one_decoded_line(self, line: str, subject: str) -> None:
        found = read(a_mail(Subject=line)).subject
        assert found.endswith(subject)
        assert found.isprintable()

    def test_raw_bytes_in_a_header_are_read_by_the_mails_charset(self) -> None:
        raw = a_mail(
            "x", ("Subject", "提现失败".encode("gbk")), Subject=None, Content_Type="text/plain; charset=gb2312"
        )
        assert read(raw).subject == "提现失败"

    def test_one_broken_line_does_not_hide_the_headers_behind_it(self) -> None:
        raw = a_mail().replace(b"To:", b"quite broken Delivered-To: x\r\n goes on\r\nTo:")
        assert read(raw).subject == "help"

    @pytest.mark.parametrize(
        ("line", "when"),
        [
            ("Mon, 02 Nov 2026 10:00:00 +0800", datetime(2026, 11, 2, 2, tzinfo=UTC)),
            ("Mon, 02 Nov 2026 10:00:00 -0000", datetime(2026, 11, 2, 10, tzinfo=UTC)),
            ("Fri, 31 Dec 9999 23:59:59 -2359", None),
            ("Mon, 31 Feb 0000 99:99:99 +9999", None),
            ("1 Jan 0000 00:00:00 +0000", None),
            ("1 Jan 2026 00:00:00 +999999999999999", None),
            ("yesterday", None),
            ("9" * 5000, None),
        ],
    )
    def test_a_date_that_cannot_be_meant_is_none(self, line: str, when: datetime | None) -> None:
        assert read(a_mail(Date=line)).sent_at == when

    def test_what_a_mail_answers_comes_nearest_first(self) -> None:
        message = read(a_mail(In_Reply_To="<3@x>", References="<1@x> <2@x>\r\n <3@x>"))
        assert message.refers_to == ("<3@x>", "<2@x>", "<1@x>")
        assert message.reply_to["references"] == ["<1@x>", "<2@x>", "<3@x>", "<1@example.org>"]

    def test_a_bounce_refers_to_the_mail_it_returns(self) -> None:
        returned = part("Message-ID: <triage.1@us.example>\r\nSubject: x\r\n", "text/rfc822-headers")
        message = read(parts(part("failed"), returned, kind="report; report-type=delivery-status", Message_ID="<b@mx>"))
        assert message.refers_to == ("<triage.1@us.example>",)

    def test_rules_get_the_lines_that_tell_robots_and_not_the_trace(self) -> None:
        raw = a_mail(
            "x",
            ("Received", "from a by b"),
            ("Authentication-Results", "mx.us.example; dmarc=pass"),
            ("Authentication-Results", "evil.example; dmarc=fail"),
            ("Auto-Submitted", "no"),
            ("Auto-Submitted", "auto-replied"),
            ("Return-Path", "< >"),
            ("List-Id", "<dev.example>"),
            Content_Type="multipart/report; report-type=delivery-status; boundary=x",
        )
        headers = [(name.lower(), value) for name, value in read(raw).headers]
        assert dict(reversed(headers))["authentication-results"].startswith("mx.us.example")
        assert [v for n, v in headers if n == "auto-submitted"] == ["no", "auto-replied"]
        assert {"return-path", "list-id", "from", "to"} <= {n for n, _ in headers}
        assert "delivery-status" in dict(headers)["content-type"]
        assert "received" not in {n for n, _ in headers}

    @pytest.mark.parametrize(
        ("headers", "ours"),
        [
            ({"To": "Support <Support@US.example>"}, True),
            ({"To": "x@y.example", "Cc": "support+vip@us.example"}, True),
            ({"To": "x@y.example", "Delivered_To": "support@us.example"}, True),
            ({"To": "x@y.example"}, False),
            ({"To": None}, False),
        ],
    )
    def test_a_mail_is_addressed_to_us_or_not(self, headers: dict[str, str | None], ours: bool) -> None:
        assert read(a_mail(**headers), own=frozenset({"support@us.example"})).addressed is ours
        assert read(a_mail(**headers)).addressed


class TestIdentity:
    def test_a_second_delivery_has_the_same_key(self) -> None:
        first = read(b"Received: from a\r\nX-Spam: 1\r\n" + a_mail())
        second = read(b"Received: from b\r\nReturn-Path: <ada@example.org>\r\n" + a_mail())
        assert first.content_key == second.content_key

    @pytest.mark.parametrize("message_id", ["<1@example.org>", None])
    @pytest.mark.parametrize(
        "other", [{"From": "eve@evil.example"}, {"body": "other words"}, {"Date": "Mon, 02 Nov 2026 09:58:00 +0000"}]
    )
    def test_another_mail_under_the_same_message_id_has_another_key(
        self, message_id: str | None, other: dict[str, str]
    ) -> None:
        first, second = read(a_mail(Message_ID=message_id)), read(a_mail(Message_ID=message_id, **other))
        assert first.content_key != second.content_key

    def test_line_ends_changed_on_the_way_keep_the_key(self) -> None:
        for message_id in ("<1@example.org>", None):
            raw = a_mail("a\r\nb\r\n", Message_ID=message_id)
            assert read(raw).content_key == read(raw.replace(b"\r\n", b"\n")).content_key

    def test_without_id_and_date_the_trace_tells_mails_apart(self) -> None:
        raw = a_mail(Message_ID=None, Date=None)
        first, second = read(b"Received: from a; Mon\r\n" + raw), read(b"Received: from a; Tue\r\n" + raw)
        assert first.content_key != second.content_key

    @pytest.mark.parametrize("line", ["<", "<>", "no id at all", "< \r\n >"])
    def test_a_message_id_that_is_none_is_not_taken(self, line: str) -> None:
        message = read(a_mail(Message_ID=line))
        assert message.known_as == ()
        assert message.content_key


CASES = {
    "semicolons": a_mail("x", Content_Type="text/html" + " ;" * 10_000),
    "boundary of quotes": a_mail("x", Content_Type='multipart/mixed; boundary="' + '"' * 20_000),
    "one header of 10 MB": a_mail(Subject="a" * (10 << 20)),
    "10,000 encoded words": a_mail(Subject=" ".join(["=?utf-8?q?a?="] * 10_000)),
    "encoded words that never end": a_mail(Subject="=?a?q?" * 3000),
    "100,000 headers": b"".join(b"X-%d: a\r\n" % i for i in range(100_000)) + a_mail(),
    "50,000 recipients": a_mail(To=", ".join(f"a{i}@b.example" for i in range(50_000))),
    "60 levels": nested(60),
    "1,000 levels": nested(1000),
    "1,000 forwards": b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 1000 + b"hi",
    "100,000 parts": parts(*[b""] * 100_000),
    "100,000 names": parts(part("x", "text/plain" + "".join(f";\r\n name*{i}=a" for i in range(20_000)))),
    "5 MB of line ends": a_mail(b"\n" * (5 << 20)),
    "8 MB of escapes": a_mail(b"=41" * (8 << 18), Content_Transfer_Encoding="quoted-printable"),
    "10 MB of nested tags": a_mail(b"<b>" * 3_000_000, Content_Type="text/html"),
    "NUL": b"\0" * 10_000,
    "no header": b"\r\n\r\njust words",
    "broken base64": a_mail(b"!!!!", Content_Transfer_Encoding="base64"),
    "broken uuencode": a_mail(b"garbage", Content_Transfer_Encoding="x-uuencode"),
}


class TestHostile:
    @pytest.mark.parametrize("case", CASES)
    def test_it_is_read_in_a_moment(self, case: str) -> None:
        raw = CASES[case]
        started = time.process_time()
        message = read(raw)
        took = time.process_time() - started
        assert took < 2, took  # measured: 0.3 s at most on an idle machine
        storable(message)

    def test_what_is_nested_too_deep_is_kept_as_text(self) -> None:
        message = read(nested(1000))
        assert message.text.startswith("--b0")
        assert message.attachments

    def test_nothing_at_all_is_unreadable(self) -> None:
        found = parse(b"\r\n\r\n")
        assert isinstance(found, Unreadable)
        assert found.original == b"\r\n\r\n"

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=400), st.binary(max_size=400))
    def test_any_bytes_are_read(self, head: bytes, body: bytes) -> None:
        found = parse(b"From: a@b.example\r\nContent-Type: text/plain; charset=" + head + b"\r\nX: y\r\n\r\n" + body)
        storable(read(b"Subject: x\r\n" + head + b"\r\n\r\n" + body))
        storable(found)


def storable(found: Message | Unreadable) -> None:
    if isinstance(found, Message):
        texts = [found.subject, found.text, found.html, found.sender.name, *found.known_as, *found.refers_to]
        texts += [*itertools.chain(*found.headers), *(a.name for a in found.attachments), json.dumps(found.reply_to)]
        for text in texts:
            text.encode()
            assert "\0" not in text


@pytest.mark.skipif(not (SHARED / "mails").is_dir(), reason="needs the shared mails")
def test_every_real_mail_is_read() -> None:
    files = sorted((SHARED / "mails").glob("*/*"))
    found = [parse(path.read_bytes()) for path in files]
    for message in found:
        storable(message)
    assert len(files) > 600
    assert [p.stat().st_size for p, m in zip(files, found, strict=True) if isinstance(m, Unreadable)] == [0]


@pytest.mark.skipif(not (SHARED / "hostile").is_dir(), reason="needs the shared hostile catalogue")
def test_every_hostile_mail_of_the_catalogue_is_read() -> None:
    make: dict[str, Any] = {}
    exec((SHARED / "hostile" / "generators.py").read_text(encoding="utf-8"), make)
    rows = [
        json.loads(line) for line in (SHARED / "hostile" / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    for row in (row for row in rows if row["channel"] == "email"):
        raws = eval(row["gen"], make)
        for raw in (raws if isinstance(raws, list) else [raws])[:3]:
            storable(read(raw))


def attached(*files: tuple[str, str, bytes]) -> Message:
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = "ada@example.org", "<1@example.org>"
    mail.set_content("See the files.")
    for kind, name, data in files:
        mail.add_attachment(data, *kind.split("/"), filename=name)
    return read(mail.as_bytes())


def test_the_beginning_of_a_text_file_is_read_and_no_other_file():
    message = attached(
        ("text/plain", "log.txt", b"one"),
        ("application/json", "wallet.json", b'{"a": 1}'),
        ("application/octet-stream", "UTC--2026-11-02T10-00-00Z--0a1b", b"{}"),
        ("application/octet-stream", "export.CSV", b"a;b"),
        ("image/png", "a.png", b"PNG"),
        ("application/zip", "a.zip", b"PK"),
        ("text/plain", "long.log", b"x" * 100_000),
    )
    assert [a.text[:20] for a in message.attachments] == ["one", '{"a": 1}', "{}", "a;b", "", "", "x" * 20]
    assert len(message.attachments[-1].text) == body.LONGEST_FILE_TEXT


def test_of_many_text_files_only_the_first_are_read():
    message = attached(*[("text/plain", f"{n}.txt", b"x") for n in range(30)])
    assert [bool(a.text) for a in message.attachments] == [n < body.MOST_TEXT_FILES for n in range(30)]
