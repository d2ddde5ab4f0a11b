import pytest

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def test_what_a_customer_sent_is_opened_with_the_offline_key_alone(triage, home, a_file):
    made = triage("seal", "keygen", home / "offline.key")
    assert (home / "offline.key").stat().st_mode & 0o077 == 0
    config = home / "triage.toml"
    config.write_text(f"{config.read_text()}\n{made.out}")
    triage("ingest", a_file(f"help, my words are {PHRASE}"))
    [case] = triage("cases", "--json").objects
    listed = triage("seal", "list", case["number"])
    assert "sausage" not in listed.out
    (home / "boxes").write_text(listed.out)
    assert PHRASE in triage("seal", "open", home / "offline.key", home / "boxes").out
    triage("seal", "keygen", home / "other.key")
    refused = triage("seal", "open", home / "other.key", home / "boxes")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)


@pytest.mark.parametrize("box", [b"{}\n", b"{x\n", b'{"sealed": 7}\n', b"\xff\xfe\n", b"no box\n"])
def test_what_is_no_sealed_original_is_one_line(triage, home, box):
    triage("seal", "keygen", home / "offline.key")
    (home / "boxes").write_bytes(box)
    refused = triage("seal", "open", home / "offline.key", home / "boxes")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)


def test_a_key_is_never_overwritten(triage, home):
    assert triage("seal", "keygen", home / "new").code == 0
    before = (home / "new").read_text()
    assert triage("seal", "keygen", home / "new").code == 1
    assert (home / "new").read_text() == before


def test_a_case_without_a_sealed_message_is_one_line(triage, a_file):
    triage("ingest", a_file("Where is my money? It is two days now."))
    [case] = triage("cases", "--json").objects
    found = triage("seal", "list", case["number"])
    assert (found.code, len(found.err.splitlines())) == (1, 1)
