import pytest

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and nobody answers."


@pytest.fixture
def number(triage, home, a_file):
    """One case whose channel can be answered."""
    told = home / "triage.toml"
    told.write_text(told.read_text() + 'answers_through = "support"\n' + SUPPORT)
    triage("ingest", a_file(STUCK), "--channel", "drop")
    [case] = triage("cases", "--json").objects
    return case["number"]


SUPPORT = """
[channels.support]
kind = "email"
address = "support@wallet.example"
password = { file = "key" }
imap = { host = "127.0.0.1", port = 1 }
smtp = { host = "127.0.0.1", port = 1 }
"""


def test_an_answer_is_queued_and_the_case_leaves_the_list(triage, number):
    [answered] = triage("reply", number, "It was sent again.", "--as", "mia", "--json").objects
    assert (answered["status"], answered["reply"]["state"]) == ("answered", "queued")
    assert triage("cases", "--json").objects == []
    [case] = triage("show", number, "--json").objects
    assert [reply["who"] for reply in case["replies"]][-1] == "mia"


def test_people_are_told_how_to_take_it_back_and_can(triage, number):
    told = triage("reply", number, "Sent again.", "--after", "60")
    assert "triage withdraw" in told.err
    assert triage(*told.err.split(": triage ")[1].split()).code == 0
    assert len(triage("cases", "--json").objects) == 1


def test_a_note_is_shown_with_the_case(triage, number):
    assert triage("note", number, "the node was down", "--as", "mia").code == 0
    assert "the node was down" in triage("show", number).out


def test_the_next_case_is_taken_and_shown(triage, number):
    [case] = triage("next", "--as", "mia", "--json").objects
    assert (case["number"], case["assignee"]) == (number, "mia")
    assert triage("next", "--as", "leo", "--json").objects == []


def test_a_file_name_is_not_sent_as_an_answer(triage, number, home):
    (home / "answer.txt").write_text("Dear customer")
    found = triage("reply", number, "answer.txt")
    assert (found.code, "is a file" in found.err) == (1, True)


def test_without_a_text_there_is_no_answer(triage, number):
    found = triage("reply", number)
    assert (found.code, "there is no text" in found.err) == (1, True)


def test_list_and_case_tell_what_the_customer_was_told(triage, number):
    [case] = triage("show", number, "--json").objects
    assert case["promise"]["state"] == "running"
    assert "its customer was told to wait until" in " ".join(triage("show", number).out.split())
