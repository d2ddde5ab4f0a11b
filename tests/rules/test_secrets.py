"""Customers' secrets are replaced before anything is stored, and ordinary messages are left alone."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import base58
import pytest
from builders import a_message, an_address
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from effort import bounded

from triage.message import Attachment
from triage.rules import secrets
from triage.rules.secrets import TOO_LONG, UNSCANNED, WITHHELD, guard, redact

EVAL = Path(__file__).parents[2] / "../shared/eval"
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
HEX = hashlib.sha256(b"a test key").hexdigest()
WIF = base58.b58encode_check(b"\x80" + hashlib.sha256(b"a test key").digest() + b"\x01").decode()
EXTENDED = "xprv" + base58.b58encode(b"\x07" * 90).decode()[:107]


def a_solana_pair() -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
    return key.private_bytes_raw() + key.public_key().public_bytes_raw()


KEYSTORE = json.dumps(
    {
        "version": 3,
        "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
        "address": "008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
        "crypto": {
            "cipher": "aes-128-ctr",
            "ciphertext": "d172bf743a674da9cdad04534d56926e",
            "kdf": "scrypt",
            "mac": "a",
        },
    },
    indent=1,
)


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (PHRASE, "seed phrase"),
        (WIF, "private key"),
        (EXTENDED, "private key"),
        (base58.b58encode(a_solana_pair()).decode(), "private key"),
        (str(list(a_solana_pair())), "private key"),
        (KEYSTORE, "keystore"),
    ],
)
def test_a_secret_is_replaced_and_the_rest_stays(secret, kind):
    redacted = redact(f"Please help me: {secret} !")
    assert redacted.text == f"Please help me: [{kind} removed] !"
    assert redacted.kinds == (kind,)


@pytest.mark.parametrize(
    "secret",
    [
        "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
        "SDJHRQF4GCMIIKAAAQ6IHY42X73FQFLHUULAPSKKD4DFDM7UXWWCRHBE",
        "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
        a_solana_pair().hex(),
    ],
)
def test_keys_of_other_chains_are_replaced(secret):
    assert redact(f"help {secret} please").text == "help [private key removed] please"


def test_a_misspelt_key_goes_where_it_is_called_one():
    wrong = WIF[:-1] + ("a" if WIF[-1] != "a" else "b")
    assert redact(f"private key: {wrong}").kinds == ("private key",)


def test_a_solana_signature_is_no_key():
    signature = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32).sign(b"a transaction")
    assert redact(f"tx {base58.b58encode(signature).decode()}").kinds == ()


def test_a_key_with_a_typo_in_it_is_no_key():
    assert redact(WIF[:-1] + ("a" if WIF[-1] != "a" else "b")).kinds == ()


def test_a_pem_key_goes_even_if_its_end_is_cut_off():
    body = "MIIBPAIBAAJBANPQbQ92nlbeg1Q5JNHSO1Yey46nZ7GJltLWw1cc"
    whole = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    assert redact(f"a {whole} b").text == "a [private key removed] b"
    assert body not in redact(whole[:70]).text


def test_what_is_left_of_a_broken_keystore_goes():
    assert "d172bf" not in redact(KEYSTORE[20:-20]).text


def test_nothing_changes_without_a_secret():
    message = a_message("Where is my money?", subject="Help", headers=(("Subject", "Help"),))
    assert guard(message) == (message, ())


def test_a_secret_is_replaced_wherever_it_is_stored():
    message = a_message(
        f"see {PHRASE}",
        subject=f"my key {WIF}",
        sender=an_address("a@b.org", name=PHRASE),
        headers=(("Subject", WIF), ("X-Other", "a")),
        attachments=(Attachment(name=f"{WIF}.txt", content_type="text/plain"),),
        reply_to={"subject": WIF, "id": 7},
    )
    guarded, kinds = guard(message)
    assert set(kinds) == {"seed phrase", "private key"}
    assert WIF not in repr(guarded)
    assert "sausage" not in repr(guarded)
    assert (guarded.external_id, guarded.keys) == (message.external_id, message.keys)


def test_words_between_tags_are_seen():
    items = "".join(f"<li>{word}</li>" for word in PHRASE.split())
    guarded, kinds = guard(a_message("", html=f"<p>help&nbsp;me</p><ol>{items}</ol>"))
    assert kinds == ("seed phrase",)
    assert "sausage" not in guarded.html + guarded.text
    assert "[seed phrase removed]" in guarded.text


def test_html_without_a_secret_stays_as_it_is():
    message = a_message("", html="<p>help me</p>")
    assert guard(message) == (message, ())


def test_a_guard_that_fails_withholds_everything(monkeypatch):
    def broken(_text):
        raise RecursionError

    monkeypatch.setattr(secrets, "redact", broken)
    message = replace(a_message(PHRASE, subject=WIF, headers=(("Subject", WIF),)), html=f"<p>{WIF}</p>")
    guarded, kinds = guard(message)
    assert kinds == (UNSCANNED,)
    assert guarded.text == WITHHELD
    assert "sausage" not in repr(guarded)
    assert WIF not in repr(guarded)


def test_what_is_too_long_to_scan_is_cut_off():
    guarded, kinds = guard(a_message("word " * 80_000 + PHRASE))
    assert guarded.text.endswith(TOO_LONG)
    assert "sausage" not in guarded.text
    assert kinds == ()


def test_html_too_long_to_scan_is_kept_as_its_words():
    guarded, kinds = guard(a_message("", html="<b>" * 300_000 + f"bitte {PHRASE}"))
    assert (guarded.html, guarded.text, kinds) == ("", "bitte [seed phrase removed]", ("seed phrase",))


HOSTILE = {
    "words": "abandon " * 2_500,
    "listed words": (PHRASE + " ") * 250,
    "near words": "abandn abilty abl " * 1_000,
    "letters": "abandon" * 3_000,
    "joined": ("abandon" * 30 + " ") * 90,
    "hex": (HEX + " ") * 300,
    "base58": (WIF[:-1] + "1 ") * 380,
    "braces": "{" * 10_000 + '"ciphertext"' * 800,
    "json": '{"ciphertext":' * 1_400,
    "numbers": "[" + "1," * 10_000,
    "pem": "-----BEGIN PRIVATE KEY-----" * 700,
    "han": "的" * 20_000,
    "separated han": "疏 " * 10_000,
    "grouped han": "疏疏 " * 6_600,
    "labelled han": "助记词疏昆钠" * 3_300,
    "kana": "あいこくしん" * 3_300,
    "codes": "code " * 4_000,
    "invisible": "a\u200b" * 10_000,
    "two words": "ring bell " * 2_000,
    "cards": "4111 1111 1111 1112 " * 1_000,
    "ibans": "DE89 3704 0044 0532 0130 01 " * 700,
    "hex and addresses": (HEX + " 0x" + HEX[:40] + " ") * 180,
    "stellar": ("S" + "A" * 55 + " ") * 350,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_20_kb_of_hostile_text_take_bounded_time(what):
    with bounded(seconds=2):
        redact(HOSTILE[what])


def test_real_messages_hold_no_secret():
    if not EVAL.exists():
        pytest.skip("the evaluation sets are not here")
    found = []
    for name in ("wallet_users", "zh_bank_questions", "pairs_zh", "en_nlupp", "en_clinc150"):
        for line in (EVAL / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            found += [text for text in (row["text"], row.get("text2", "")) if redact(text).kinds]
    assert found == []


@pytest.mark.parametrize("name", ["To", "Cc", "Sender", "Content-Type", "X-Note"])
def test_a_phrase_in_any_header_is_replaced(name):
    words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    guarded, kinds = guard(a_message(headers=((name, f'image/png; name="{words}.png"'),)))
    assert kinds == ("seed phrase",)
    assert "sausage" not in guarded.headers[0][1]
