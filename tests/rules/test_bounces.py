"""What a delivery report says of a mail of ours."""

import json
from pathlib import Path

import pytest
from builders import NOW, a_message

from triage.connectors import mime
from triage.message import Message
from triage.rules.bounces import find_bounce

OURS = f"<triage.{'5' * 32}@wallet.example>"
MAILS = Path(__file__).parents[2] / "../shared/mails"


def report(*fields, text="It did not arrive.", **other):
    return a_message(text, refers_to=(OURS,), report=fields, **other)


@pytest.mark.parametrize(
    ("fields", "text", "dead", "status"),
    [
        ([("action", "failed"), ("status", "5.1.1")], "", True, "5.1.1"),
        ([("action", "failed"), ("status", "5.2.2")], "", False, "5.2.2"),  # her mailbox is full
        ([("action", "failed"), ("status", "4.4.7")], "", False, "4.4.7"),
        ([], "550 5.1.1 <ada@example.org>: no such user here", True, "5.1.1"),
        ([], "550 No such user here", True, ""),
        ([], "The message could not be delivered.", False, ""),
    ],
)
def test_only_what_is_for_ever_makes_an_address_dead(fields, text, dead, status):
    found = find_bounce(report(*fields, text=text))
    assert (found.dead, found.status, found.ids) == (dead, status, (OURS,))


def test_a_mail_that_is_only_late_or_arrived_is_no_bounce():
    assert find_bounce(report(("action", "delayed"), ("status", "4.4.1"))) is None
    assert find_bounce(report(("action", "delivered"), ("status", "2.0.0"))) is None


def test_a_report_that_names_no_mail_of_ours_says_nothing_about_us():
    assert find_bounce(a_message("550 5.1.1 no such user", refers_to=("<1@elsewhere.example>",))) is None


def test_our_id_is_found_in_the_text_of_servers_that_write_no_report():
    found = find_bounce(a_message(f"This is a copy of the mail:\n> Message-ID: {OURS}\nuser unknown"))
    assert found.dead


def test_the_fields_of_real_reports_are_read():
    if not (MAILS / "labels.jsonl").exists():
        pytest.skip("the real mails are not here")
    statuses = 0
    for line in (MAILS / "labels.jsonl").read_text().splitlines():
        row = json.loads(line)
        raw = (MAILS / row["file"]).read_bytes()
        message = mime.parse(raw, channel="mail", external_id="1", received_at=NOW)
        if row["label"] == "bounce" and isinstance(message, Message) and b"message/delivery-status" in raw:
            statuses += any(name == "status" for name, _ in message.report)
    assert statuses > 200
