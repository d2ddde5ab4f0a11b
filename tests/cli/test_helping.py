"""What the page of a case and the page Reports show, over ssh."""

import csv
import io
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from asking import next_to_send

from triage.store import Store, outbox

HASH = "9f" * 32
STUCK = f"My withdrawal of 0.5 BTC is pending for two days, transaction {HASH}."


SUPPORT = """
[channels.support]
kind = "email"
address = "support@wallet.example"
password = { file = "key" }
imap = { host = "127.0.0.1", port = 1 }
smtp = { host = "127.0.0.1", port = 1 }
"""


@pytest.fixture
def number(triage, home, a_file):
    """One case whose channel can be answered."""
    told = home / "triage.toml"
    told.write_text(told.read_text() + 'answers_through = "support"\n' + SUPPORT)
    triage("ingest", a_file(STUCK), "--channel", "drop")
    [case] = triage("cases", "--json").objects
    return case["number"]


def test_facts_are_what_the_customer_named_and_what_is_missing(triage, number):
    [found] = triage("facts", number, "--json").objects
    assert HASH in str(found["references"])
    assert any(HASH in link["url"] for link in found["links"])
    shown = triage("facts", number)
    assert shown.code == 0
    assert "0.5" in shown.out
    for link in found["links"]:
        assert link["url"] in shown.out


def send_all(home):
    """Send what waits, as the sender would."""
    with closing(Store(f"sqlite:///{home}/triage.db")) as store:
        now = datetime.now(UTC) + timedelta(minutes=1)
        while reply := store.run(lambda tx: next_to_send(tx, "support", now)):
            store.run(lambda tx, reply=reply: outbox.sent(tx, {reply.id: ("<1@test>",)}, now))


def test_a_solved_case_like_it_is_shown_with_its_answer(triage, number, home, a_file):
    assert "no solved case" in triage("similar", number).err
    assert triage("similar", number, "--json").objects == []
    triage("reply", number, "The network was busy; it has arrived.", "--resolve", "--as", "mia")
    send_all(home)
    triage(
        "ingest",
        a_file(STUCK.replace("two days", "three days"), name="later.jsonl", **{"from": "bob@example.org"}),
        "--channel",
        "drop",
    )
    later = next(case for case in triage("cases", "--json").objects if case["number"] != number)
    [found] = triage("similar", later["number"], "--json").objects
    assert found["number"] == number
    assert "it has arrived" in found["answer"]
    assert number in triage("similar", later["number"]).out


def test_an_answer_is_looked_at_and_nothing_is_sent(triage, number):
    [seen] = triage("preview", number, "We look into it.", "--as", "mia", "--json").objects
    assert (seen["to"], seen["channel"]) == ("c0@example.org", "support")
    assert "We look into it." in seen["text"]
    assert "We look into it." in triage("preview", number, "We look into it.", "--as", "mia").out
    refused = triage("preview", number, "   ", "--as", "mia")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    [case] = triage("show", number, "--json").objects
    assert case["status"] == "open"
    assert not [reply for reply in case["replies"] if reply["who"]]


def test_the_report_has_the_columns_of_the_page(triage, number):
    lines = triage("stats", "service", "--json").objects
    assert lines[0]["name"] == ""
    columns = {"name", "cases", "waiting", "acknowledged", "answered", "slow", "once", "kept", "rated"}
    assert all(set(line) == columns for line in lines)
    assert lines[0]["cases"] == lines[0]["waiting"] == 1
    rows = list(csv.DictReader(io.StringIO(triage("stats", "service", "--csv", "--by", "category").out)))
    assert set(rows[0]) == columns
    assert "all" in triage("stats", "service", "--by", "agent").out
    assert triage("stats", "service", "--by", "moon").code == 2
