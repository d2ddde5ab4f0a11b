from email.message import EmailMessage

import pytest
from connectors.mime.builders import a_mail, part, parts, read

from triage.connectors.mime import body
from triage.message import Message


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
