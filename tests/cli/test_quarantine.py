import pytest


@pytest.fixture
def aside(triage, home):
    """Put two things aside of which no message can be made."""
    path = home / "broken.jsonl"
    path.write_text('no json\n{"no": "text"}\n')
    triage("ingest", path)
    return [row["id"] for row in triage("quarantine", "list", "--json").objects]


def test_what_was_put_aside_is_listed_with_its_reason(triage, aside):
    found = triage("quarantine", "list", "--json").objects
    assert len(found) == 2
    assert all(row["why"] for row in found)
    assert found[0]["why"] in triage("quarantine", "list").out


def test_the_original_is_kept(triage, aside):
    [row] = triage("quarantine", "show", max(aside), "--json").objects
    assert row["original"].strip() == '{"no": "text"}'
    assert "no" in triage("quarantine", "show", aside[0]).out


def test_what_is_no_message_cannot_go_back(triage, aside):
    found = triage("quarantine", "release", aside[0])
    assert found.code == 1
    assert len(found.err.splitlines()) == 1


def test_it_is_thrown_away_only_when_a_person_says_so_twice(triage, aside):
    assert triage("quarantine", "drop", aside[0], "--yes").code == 0
    assert len(triage("quarantine", "list", "--json").objects) == 1


def test_a_row_that_is_not_there_is_one_line(triage, home):
    for command in ("show", "release"):
        found = triage("quarantine", command, 99)
        assert (found.code, len(found.err.splitlines())) == (1, 1)


@pytest.mark.parametrize("row", ["0", "99999999999999999999"])
def test_a_number_that_no_row_can_have_is_refused(triage, home, row):
    assert triage("quarantine", "show", row).code == 2


def test_an_empty_quarantine_says_so(triage, home):
    assert "empty" in triage("quarantine", "list").out
