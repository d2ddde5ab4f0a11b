"""Generated secrets in the layouts people write them in, and ordinary text to compare: for `bench/guard.py`."""

import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mnemonic import Mnemonic
from stdnum import luhn

from triage.rules import derived_addresses
from triage.rules.word_lists import CHINESE, SHORTENED, WORDED

SENTENCES = {
    "english": "my wallet is gone, {} please help me today",
    "spanish": "hola perdí todo {} ayuda por favor ahora",
    "french": "bonjour voici {} merci beaucoup",
    "italian": "ciao {} grazie mille davvero",
    "portuguese": "olá {} obrigado desde já",
    "czech": "dobrý den {} děkuji moc vám",
    "turkish": "merhaba {} çok teşekkür ederim",
    "russian": "здравствуйте {} спасибо большое вам",
    "korean": "안녕하세요 {} 도와주세요 제발요",
    "japanese": "助けてください {} お願いします",
    "chinese_simplified": "请帮我看看，{}，为什么进不去",
    "chinese_traditional": "請幫我看看，{}，為什麼進不去",
}
Words = list[str]
LAYOUTS: dict[str, Callable[[Words], str]] = {
    "blanks": " ".join,
    "ideographic blanks": "\u3000".join,
    "commas": ", ".join,
    "numbered lines": lambda words: "\n".join(f"{i}. {word}" for i, word in enumerate(words, 1)),
    "numbered in a line": lambda words: " ".join(f"{i}){word}" for i, word in enumerate(words, 1)),
    "three a line": lambda words: "\n".join("  ".join(words[i : i + 3]) for i in range(0, len(words), 3)),
    "upper case": lambda words: " ".join(words).upper(),
    "decomposed": lambda words: unicodedata.normalize("NFD", " ".join(words)),
    "zero-width inside": lambda words: " ".join(f"{word[:1]}\u200b{word[1:]}" for word in words),
    "dashes": " - ".join,
    "joined": "".join,
}
LOOKS = str.maketrans("aeopcx", "аеорсх")
_RUSSIAN = str.maketrans("аеорсх", "aeopcx")


def plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not 0x300 <= ord(c) < 0x370)


def phrase(language: str, chance: random.Random) -> Words:
    """Return a random phrase of 12 to 24 words."""
    words = Mnemonic(language).to_mnemonic(chance.randbytes(chance.choice((16, 20, 24, 28, 32))))
    return unicodedata.normalize("NFC", words).replace("\u3000", " ").split()


def swapped(words: Words, chance: random.Random) -> Words:
    at = chance.randrange(len(words) - 1)
    return [*words[:at], words[at + 1], words[at], *words[at + 2 :]]


def mistyped(words: Words, chance: random.Random) -> Words:
    """Return the words with one letter of one of them left out, doubled, replaced, or exchanged with the next."""
    at = chance.randrange(len(words))
    word = words[at]
    i = chance.randrange(len(word) - 1) if len(word) > 1 else 0
    other = chance.choice("".join(words))
    slips = (word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:], word[:i] + other + word[i + 1 :])
    slip = chance.choice((*slips, word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :]))
    return [*words[:at], slip, *words[at + 1 :]]


def phrases(each: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield (group, text, kind): every layout of every list, whole and right."""
    for language in (*WORDED, *CHINESE):
        layouts = dict(LAYOUTS)
        if language not in CHINESE:
            layouts["without accents"] = lambda words: " ".join(map(plain, words))
        if language in SHORTENED:
            layouts["four letters"] = lambda words: " ".join(plain(word)[:4] for word in words)
        if language == "english":
            layouts["look-alikes"] = lambda words: " ".join(words).translate(LOOKS)
        if language == "russian":
            layouts["look-alikes"] = lambda words: " ".join(words).translate(_RUSSIAN)
        for layout, written in layouts.items():
            for _ in range(each):
                yield f"phrase, {layout}", SENTENCES[language].format(written(phrase(language, chance))), "seed phrase"


def slips(each: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield (group, text, kind): phrases with one typo, or with two words swapped."""
    for language in (*WORDED, *CHINESE):
        for _ in range(each):
            text = SENTENCES[language].format(" ".join(swapped(phrase(language, chance), chance)))
            yield f"{language}, two words swapped", text, "seed phrase"
        for _ in range(each if language not in CHINESE else 0):
            text = SENTENCES[language].format(" ".join(mistyped(phrase(language, chance), chance)))
            yield f"{language}, one typo", text, "seed phrase"


NAMES = ("my private key is {}", "Private key: 0x{}", "私钥：{}", "clave privada {}", "秘密鍵 {}", "приватный ключ {}")
CODES = ("my verification code is {}", "OTP: {}", "验证码：{}", "código de verificación: {}", "{} is your login code")


def keys(each: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield (group, text, kind): everything that is no phrase."""
    for _ in range(each):
        secret = chance.randbytes(32)
        pair = secret + Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
        address = chance.choice(sorted(derived_addresses.of(secret)))
        text = chance.choice(("help {} please", "请看{}谢谢", "{}", "line\n{}\nline"))
        yield "WIF", text.format(_wif(secret, chance)), "private key"
        prefix = chance.choice(("xprv", "yprv", "zprv", "tprv"))
        yield "xprv family", text.format(prefix + base58.b58encode(chance.randbytes(78)).decode()[:107]), "private key"
        yield "Solana, base58", text.format(base58.b58encode(pair).decode()), "private key"
        yield "Solana, numbers", text.format(str(list(pair))), "private key"
        yield "keystore", text.format(_keystore(chance)), "keystore"
        yield "hex, called a key", chance.choice(NAMES).format(secret.hex()), "private key"
        yield "hex, proved by its address", f"tx {secret.hex()} to {address}", "private key"
        yield "hex, unnamed", text.format(chance.randbytes(32).hex()), "possible key"
        yield "one-time code", chance.choice(CODES).format(f"{chance.randrange(10**6):06}"), "one-time code"
        yield "card", text.format(_card(chance)), "card number"
        yield "IBAN", text.format(_iban(chance)), "IBAN"


def _wif(secret: bytes, chance: random.Random) -> str:
    ending = chance.choice((b"", b"\x01"))
    return base58.b58encode_check(chance.choice((b"\x80", b"\xef")) + secret + ending).decode()


def _keystore(chance: random.Random) -> str:
    crypto = {"cipher": "aes-128-ctr", "ciphertext": chance.randbytes(32).hex(), "kdf": "scrypt", "mac": "ab"}
    return json.dumps({"version": 3, "crypto": crypto}, indent=chance.choice((None, 2)))


def _card(chance: random.Random) -> str:
    digits = "4" + f"{chance.randrange(10**14):014}"
    digits += luhn.calc_check_digit(digits)
    return chance.choice(("", " ", "-")).join(digits[at : at + 4] for at in range(0, 16, 4))


def _iban(chance: random.Random) -> str:
    account = f"{chance.randrange(10**18):018}"
    check = 98 - int(f"{account}131400") % 97
    whole = f"DE{check:02}{account}"
    return chance.choice(("", " ")).join(whole[at : at + 4] for at in range(0, 22, 4))


DOCUMENTS = tuple(
    map(Path, ("/usr/share/doc", "/usr/share/debian-reference", "/usr/share/games/fortunes", "/usr/share/man"))
)
_TAG = re.compile(r"<(?:script|style)[^<]{0,100000}<|<[^<>]{0,500}>")
_ROFF = re.compile(r"^[.'].{0,200}$|\\f[BIRP]|\\-", re.MULTILINE)


def ordinary(limit: int, places: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield (source, message): paragraphs of installed documentation, up to `limit` characters of each source."""
    for place in places:
        used = 0
        for path in sorted(place.rglob("*")):
            if used > limit or not path.is_file() or path.suffix in {".png", ".jpg", ".dat", ".pdf", ".u8"}:
                continue
            for paragraph in _paragraphs(path):
                used += len(paragraph)
                yield str(place), paragraph


def _paragraphs(path: Path) -> Iterator[str]:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError):
        return
    if path.suffix in {".html", ".htm"}:
        text = _TAG.sub(" ", text)
    elif "/man/" in str(path):
        text = _ROFF.sub("", text)
    for paragraph in re.split(r"\n\s*\n|\n%\n", text):
        if 40 <= len(paragraph := paragraph.strip()) <= 4000:
            yield paragraph
