import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from connectors.mime.builders import a_mail, nested, parse, part, parts, read
from effort import bounded
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.message import Message, Unreadable

SHARED = Path(__file__).parents[3] / "../shared"


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
        with bounded(seconds=2):  # measured: 0.3 s at most on an idle machine
            message = read(raw)
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
