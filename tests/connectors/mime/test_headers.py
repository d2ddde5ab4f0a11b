from datetime import UTC, datetime

import pytest
from connectors.mime.builders import a_mail, part, parts, read


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
