"""Reading the largest mail takes a bounded part of memory by itself: a desk of one process has no other bound."""

import base64
import json
import subprocess
import sys

import pytest

from triage.connectors.mime import LARGEST

HEAD = b"From: ann@example.net\r\nTo: support@us.example\r\nSubject: help\r\nMessage-ID: <1@example.net>\r\n"
PARTS = HEAD + b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'
FILE = b"--B\r\nContent-Type: application/json\r\nContent-Disposition: attachment; filename=x.json\r\n"
FORMS = {
    "one line": HEAD + b"\r\n" + b"x" * LARGEST,
    "bytes of no alphabet": HEAD + b"\r\n" + b"\xe4\xfc\xf6 \xff" * (LARGEST // 5),
    "parts with a false label": PARTS
    + (b"--B\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n" + b"\xc4\xe3 " * 20_000 + b"\r\n") * 500,
    "files of text": PARTS
    + (FILE + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"ab" * 1_000_000)) * 10,
}
MEGABYTES = 300  # beside the bytes of the mail itself; 184 were seen

READ = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from triage.connectors.mime import parse
from triage.rules.reading import warm_up
from triage.sealing import guarded
warm_up()
raw = sys.stdin.buffer.read()
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1]) * 1_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
mail = parse(raw, channel="mail", external_id="1", received_at=datetime(2026, 11, 2, tzinfo=UTC))
print(json.dumps([type(mail).__name__, *guarded(mail)[1]]))
"""


def read_within(megabytes: int, raw: bytes) -> list[str]:
    """Return what became of a mail, and what the guard found, in a process that may take so much more memory."""
    told = subprocess.run(
        [sys.executable, "-c", READ, str(megabytes)], input=raw, capture_output=True, check=False, timeout=60
    )
    return json.loads(told.stdout) if told.returncode == 0 else [told.stderr.decode()[-300:]]


@pytest.mark.parametrize("form", FORMS)
def test_the_largest_mail_is_read_in_bounded_memory(form):
    assert read_within(MEGABYTES, FORMS[form][:LARGEST]) == ["Message"]


def test_a_process_that_may_not_take_as_much_does_not_read_it():
    assert read_within(30, FORMS["parts with a false label"][:LARGEST]) != ["Message"]
