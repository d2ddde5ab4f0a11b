"""Phrases and keys as people number, wrap and encode them, and as somebody would who tests the guard."""

import json
import random
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import base58
import pytest
from builders import a_message, an_address
from mnemonic import Mnemonic

from triage.message import Attachment
from triage.rules.secrets import guard, redact
from triage.rules.word_lists import CHINESE, WORDED

Words = list[str]
LATIN = ("english", "french", "italian", "czech")


def words_of(language: str, seed: int = 5, size: int = 16) -> Words:
    made = Mnemonic(language).to_mnemonic(random.Random(f"{language}{seed}").randbytes(size))
    return unicodedata.normalize("NFC", made).replace("\u3000", " ").split()


def numbered(form: str) -> Callable[[Words], str]:
    return lambda words: "\n".join(form.format(i, word) for i, word in enumerate(words, 1))


ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "12th",
)
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
LAYOUTS: dict[str, Callable[[Words], str]] = {
    "word 1:": numbered("Word {}: {}"),
    "word1=": numbered("word{}={}"),
    "1st": lambda words: ", ".join(f"{i}th {word}" for i, word in enumerate(words, 1)),
    "in ordinals": lambda words: "\n".join(f"{n} {word}" for n, word in zip(ORDINALS, words, strict=True)),
    "in Roman numbers": lambda words: "\n".join(f"{n}. {word}" for n, word in zip(ROMAN, words, strict=True)),
    "a) b)": lambda words: "\n".join(f"{chr(97 + i)}) {word}" for i, word in enumerate(words)),
    "and then": " and then ".join,
    "list of a page": lambda words: "".join(f"<li>{word}</li>" for word in words),
    "Arabic digits": lambda words: " ".join(f"{chr(0x661 + i % 9)} {word}" for i, word in enumerate(words)),
    "JSON": lambda words: json.dumps({"mnemonic": " ".join(words)}),
    "a link": lambda words: f"https://x.example/?s={quote(' '.join(words))}",
    "broken by a line's end": lambda words: " ".join(words).replace(words[5], f"{words[5][:2]}-\n{words[5][2:]}"),
    "hidden tags": lambda words: " ".join(f"{word[:1]}\U000e0061{word[1:]}" for word in words),
    "wide": lambda words: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in " ".join(words)),
}


@pytest.mark.parametrize("language", [*WORDED, *CHINESE])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_phrase_is_replaced_however_it_is_numbered_or_encoded(layout, language):
    if language in {"spanish", *CHINESE} and layout in {"word 1:", "and then", "broken by a line's end"}:
        pytest.skip("a word of the Spanish list counts as well; a line's end breaks no character")
    text = f"hello everybody!\n{LAYOUTS[layout](words_of(language))}\nregards, Maximilian"
    redacted = redact(text)
    assert redacted.kinds == ("seed phrase",)
    assert redacted.text.startswith("hello everybody")
    assert redacted.text.endswith("Maximilian")
    assert sum(word in redacted.text for word in words_of(language) if len(word) > 4) <= 1


@pytest.mark.parametrize("language", LATIN)
@pytest.mark.parametrize("apart", [" ", ".", "*"])
def test_letters_that_stand_apart_are_put_together(language, apart):
    text = "   ".join(apart.join(word) for word in words_of(language))
    assert redact(text).kinds == ("seed phrase",)


@pytest.mark.parametrize("language", ["english", "french", "italian", "russian", "korean"])
def test_two_halves_in_one_text_that_speaks_of_a_phrase_are_replaced(language):
    words = words_of(language, seed=9)
    one, two = " ".join(words[:6]), " ".join(words[6:])
    redacted = redact(f"seed phrase. The one half of it is: {one}. And what comes at the end of it is: {two}.")
    assert redacted.kinds == ("seed phrase",)
    assert not {w for w in words if len(w) > 4} & set(redacted.text.replace(".", " ").split())


def wif() -> str:
    return base58.b58encode_check(b"\x80" + random.Random(3).randbytes(32) + b"\x01").decode()


DIGITS = random.Random(4).randbytes(32).hex()
BECH = "".join(random.Random(5).choices("qpzry9x8gf2tvdw0s3jn54khce6mua7l", k=58))


@pytest.mark.parametrize(
    "text",
    [
        f"{wif()[:26]}\n{wif()[26:]}",
        f"{wif()[:30]}=\n{wif()[30:]}",
        " ".join(wif()[i : i + 4] for i in range(0, 52, 4)),
        "".join(chr(ord(c) + 0xFEE0) for c in wif()),
        f"private key: {DIGITS[:32]}\n{DIGITS[32:]}",
        "private key " + " ".join(DIGITS[i : i + 8] for i in range(0, 64, 8)),
        "my private key is " + ":".join(DIGITS[i : i + 2] for i in range(0, 64, 2)),
        f"suiprivkey1{BECH}",
        f"nsec1{BECH}",
        f"ed25519_sk1{BECH}",
        base58.b58encode_check(bytes([13, 15, 58, 7]) + random.Random(6).randbytes(32)).decode(),
    ],
)
def test_a_key_is_replaced_however_it_is_wrapped(text):
    redacted = redact(f"look: {text} thank you")
    assert redacted.kinds == ("private key",)
    assert wif()[:20] not in redacted.text
    assert DIGITS[:8] not in redacted.text.replace(" ", "").replace(":", "")


@pytest.mark.parametrize(
    "text",
    [
        "Fingerprint " + ":".join(DIGITS[i : i + 2] for i in range(0, 64, 2)),
        f"TxID: {DIGITS[:32]}\n{DIGITS[32:]}",
        "first open the app, then click settings, then choose security, then select device, then press remove",
        "I want to: a) change email b) remove phone c) update address d) verify identity e) export report f) close it",
        "Step 1: open. Step 2: enter. Step 3: click. Step 4: wait. Step 5: check. Step 6: repeat. Step 7: finish.",
        "question 1: name\nquestion 2: address\nquestion 3: phone number\nquestion 4: country\nquestion 5: city",
        "显示结果按创建时间由远到近排序",
        "此选项设置对服务项有读写权的用户列表",
        "姓名：张三 性别：男 年龄：三十 电话：一三八",
        "第1个问题：充值没到账 第2个问题：提现失败 第3个问题：验证码收不到",
    ],
)
def test_what_is_numbered_and_no_secret_stays(text):
    assert redact(text).text == text


@pytest.mark.parametrize("name", ["To", "X-Note", "Organization", "Sender", "Authentication-Results"])
def test_a_key_in_any_header_is_replaced(name):
    safe, kinds = guard(a_message("hello", headers=((name, f"{wif()} <ann@example.org>"),)))
    assert kinds == ("private key",)
    assert wif() not in str(safe)


def test_a_key_in_what_a_program_says_of_its_user_or_of_a_file_is_replaced():
    file = Attachment(name="photo.jpg", content_type=wif(), size=1)
    sender = replace(an_address("7", "telegram"), handle=wif())
    safe, kinds = guard(a_message("hello", attachments=(file,), sender=sender))
    assert kinds == ("private key",)
    assert wif() not in str(safe)
