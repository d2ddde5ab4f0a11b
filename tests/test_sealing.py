"""Originals are kept only where the offline key alone opens them, and the guard never stops a channel."""

import json

import pytest
from builders import a_message

from triage.message import Unreadable
from triage.rules.secrets import UNSCANNED, WITHHELD
from triage.sealing import MARK, Guarding, NotOpened, guarded, guarded_bytes, is_public_key, new_keys, unseal

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
SECRET, PUBLIC = new_keys()
SEALED = Guarding(PUBLIC)


def unreadable(original: bytes) -> Unreadable:
    message = a_message()
    about = {name: getattr(message, name) for name in ("channel", "kind", "external_id", "received_at")}
    return Unreadable(original=original, why="broken", **about)


def test_without_a_key_the_original_is_not_kept():
    safe, kinds = guarded(a_message(PHRASE))
    assert (safe.sealed, kinds) == ("", ("seed phrase",))


def test_the_original_is_opened_by_the_secret_key_alone():
    safe, _ = guarded(a_message(PHRASE, subject="my phrase"), SEALED)
    assert "sausage" not in repr(safe)
    original = json.loads(unseal(safe.sealed, SECRET))
    assert (original["text"], original["subject"]) == (PHRASE, "my phrase")
    with pytest.raises(NotOpened):
        unseal(safe.sealed, new_keys()[0])


@pytest.mark.parametrize("box", ["", "no box", "AAAA", "é"])
def test_what_is_no_box_is_said_to_be_none(box):
    with pytest.raises(NotOpened):
        unseal(box, SECRET)


def test_what_holds_no_secret_is_not_sealed():
    message = a_message("Where is my money?")
    assert guarded(message, SEALED) == (message, ())
    assert guarded_bytes(unreadable(b"\x80 help"), SEALED).original == b"\x80 help"


def test_what_could_not_be_scanned_is_withheld_and_sealed(monkeypatch):
    def broken(_text):
        raise RecursionError

    monkeypatch.setattr("triage.rules.secrets.redact", broken)
    safe, kinds = guarded(a_message(PHRASE), SEALED)
    assert (safe.text, kinds) == (WITHHELD, (UNSCANNED,))
    assert json.loads(unseal(safe.sealed, SECRET))["text"] == PHRASE
    assert guarded_bytes(unreadable(PHRASE.encode())).original == WITHHELD.encode()


def test_a_key_that_cannot_seal_stops_nothing():
    safe, kinds = guarded(a_message(PHRASE), Guarding("no key"))
    assert (safe.sealed, kinds) == ("", ("seed phrase",))
    assert b"sausage" not in guarded_bytes(unreadable(PHRASE.encode()), Guarding("no key")).original


def test_unreadable_bytes_with_a_secret_are_sealed_whole():
    original = b"\xff\xfe broken " + PHRASE.encode()
    kept = guarded_bytes(unreadable(original), SEALED).original
    assert kept.startswith(MARK)
    assert unseal(kept.decode(), SECRET) == original


def test_keys_are_told_from_other_text():
    assert is_public_key(PUBLIC)
    assert not any(map(is_public_key, ["", "abc", PUBLIC[:-4], PUBLIC + "AAAA", "é"]))
