from datetime import UTC, datetime, timedelta

import pytest

from triage.store import Store, outbox

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
SUPPORT = """answers_through = "support"
[channels.support]
kind = "email"
address = "support@wallet.example"
password = { file = "key" }
imap = { host = "127.0.0.1", port = 1 }
smtp = { host = "127.0.0.1", port = 1 }
"""


@pytest.fixture
def queued(triage, home, a_file):
    """Three cases whose acknowledgements are queued; the first is refused, the second of unknown fate."""
    told = home / "triage.toml"
    told.write_text(told.read_text() + SUPPORT)
    texts = ("My withdrawal of 0.5 BTC is stuck.", "I cannot log in any more.", "Your fees are too high for me.")
    triage("ingest", a_file(*texts), "--channel", "drop")
    store = Store(f"sqlite:///{home}/triage.db")
    first, second, _ = store.run(lambda tx: outbox.claim(tx, "support", 3, datetime.now(UTC) + timedelta(minutes=1)))
    store.run(lambda tx: outbox.refused(tx, first.id, "550 no such user", NOW))
    store.run(lambda tx: outbox.unknown(tx, second.id, (), "the line went dead after the text", NOW))
    store.close()
    return first, second


def test_what_did_not_go_out_is_listed_with_its_case_and_why(triage, queued):
    numbers = {case["number"] for case in triage("cases", "--json").objects}
    found = {one["state"]: one for one in triage("outbox", "--json").objects}
    assert set(found) == {"unknown", "sending", "refused"}
    assert found["refused"]["why"] == "550 no such user"
    assert found["unknown"]["why"] == "the line went dead after the text"
    assert {one["case"] for one in found.values()} == numbers
    shown = triage("outbox").out
    assert all(number in shown for number in numbers)
    assert "550 no such user" in " ".join(shown.split())


def test_one_state_is_asked_for(triage, queued):
    assert [one["id"] for one in triage("outbox", "--state", "refused", "--json").objects] == [queued[0].id]
    assert "no reply is queued" in triage("outbox", "--state", "queued").out


def test_no_word_and_no_address_of_a_customer_is_shown(triage, queued):
    shown = triage("outbox", "--json").out + triage("outbox").out
    assert "example.org" not in shown
    assert queued[0].text not in shown


@pytest.mark.parametrize("option", [("--state", "lost"), ("--state", "sent"), ("--channel", "nowhere")])
def test_a_state_or_channel_that_is_not_there_is_one_line(triage, home, option):
    found = triage("outbox", *option)
    assert (found.code, len(found.err.splitlines())) == (1, 1)
