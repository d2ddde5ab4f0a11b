"""`triage canned`."""

import io


def test_what_is_kept_is_listed_until_it_is_removed(triage, home, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Espere, {name}.")))
    assert triage("canned", "set", "wait", "--language", "es").code == 0
    [kept] = triage("canned", "list", "--json").objects
    assert (kept["name"], kept["language"], kept["text"]) == ("wait", "es", "Espere, {name}.")
    assert "Espere" in triage("canned", "list").out
    assert triage("canned", "remove", "wait").code == 1
    assert triage("canned", "remove", "wait", "--language", "es").code == 0
    assert triage("canned", "list", "--json").objects == []


def test_what_is_no_text_is_kept_nowhere(triage, home, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    refused = triage("canned", "set", "wait")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert triage("canned", "list", "--json").objects == []
