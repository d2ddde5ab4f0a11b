"""What the pages beside cases show and do, for programs."""

import csv
import io

import pytest

from triage.case import Role
from triage.message import Unreadable
from triage.store import cases


@pytest.fixture
def program(calls):
    return calls(Role.LEAD)


def test_a_report_says_what_the_page_says(room, program, signed_in):
    room.hear(room.mail("My withdrawal is stuck for two days."))
    room.hear(room.chat("I cannot log in, the code does not come."))
    room.queued()
    room.later(hours=1)
    for by in ("channel", "category", "language", "agent"):
        lines = program.get("reports", params={"by": by}).json()
        page = signed_in(Role.READ_ONLY, name=f"reader-{by}").get(f"/reports.csv?by={by}").text
        rows = list(csv.DictReader(io.StringIO(page)))
        assert [{k: "" if v is None else str(v) for k, v in line.items()} for line in lines] == rows
        assert lines[0]["cases"] == 2
    assert program.get("reports", params={"by": "moon"}).status_code == 422


def test_the_audit_is_read_by_pages_and_by_what_was_done(room, program):
    room.hear(room.mail("My withdrawal is stuck for two days."))
    [case] = room.cases()
    for who in ("mia", "bob", "mia"):
        room.store.run(lambda tx, who=who: cases.take(tx, case.id, who, room.now))
    first = program.get("audit", params={"action": "case.", "limit": 2}).json()
    second = program.get("audit", params={"action": "case.", "limit": 2, "before": first[-1]["id"]}).json()
    assert [one["who"] for one in first + second if one["action"] == "case.taken"] == ["mia", "bob", "mia"]
    assert len({one["id"] for one in first + second}) == len(first + second)
    assert {one["case_id"] for one in first} == {case.id}


def test_the_quarantine_is_emptied_by_a_program_as_by_the_page(room, program):
    for n in (1, 2):
        room.take(
            Unreadable(
                channel="support-mail", kind="email", external_id=str(n), received_at=room.now, original=b"x",
                why="no mail",
            )
        )  # fmt: skip
    found = program.get("quarantine").json()
    assert [(one["why"], one["readable"]) for one in found] == [("no mail", False)] * 2
    assert "original" not in found[0]
    row = found[0]["id"]
    first = program.get("quarantine", params={"limit": 1}).json()
    second = program.get("quarantine", params={"limit": 1, "before": first[0]["id"]}).json()
    assert first + second == found
    assert program.post(f"quarantine/{row}/release").status_code == 409
    assert program.post(f"quarantine/{row}/drop").status_code == 204
    for action in ("release", "drop"):
        assert program.post(f"quarantine/{row}/{action}").status_code == 404
    assert len(program.get("quarantine").json()) == 1


def test_hot_topics_are_told(room, program):
    for sender in ("ada@example.org", "bob@example.org"):
        room.hear(room.mail("My withdrawal is stuck for two days.", sender=sender))
    told = program.get("topics").json()
    assert [(one["topic"], one["cases"], one["usual"]) for one in told] == [(room.cases()[0].verdict.topic, 2, None)]
    assert program.get("topics", params={"days": 0}).status_code == 422
