"""Finding private keys in what people write: by checksum where there is one, else by what the text calls them."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import base58

from triage.rules.seed_phrases import Span

_LONG_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{51}")  # the shortest key is no shorter
_WIF = re.compile(r"(?<![A-Za-z0-9])[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}(?![A-Za-z0-9])")
_EXTENDED = re.compile(r"(?<![A-Za-z0-9])[xyztuvYZUV]prv[1-9A-HJ-NP-Za-km-z]{100,112}")
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[A-Za-z0-9+/=\s]{20,8000}(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
)
_HEX = re.compile(r"(?<![A-Za-z0-9])(?:0[xX])?[0-9a-fA-F]{64}(?![A-Za-z0-9])")
_LONG_BASE58 = re.compile(r"(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{86,88}(?![A-Za-z0-9])")
_NUMBERS = re.compile(r"\[\s?(?:\d{1,3}\s?,\s{0,4}){63}\d{1,3}\s?\]")
_KEY_LABEL = re.compile(
    r"""priv(?:ate|ada|ée|ata|at)?[\s_-]{0,2}(?:key|kye|keys)|\bpk\b|secret[\s_-]?key|clave\s(?:privada|secreta)
    |llave\sprivada
    |chave\s(?:privada|secreta)|cl[ée]\s(?:privée|secrète)|privater?\sschlüssel|privatschlüssel|kunci\s(?:pribadi
    |privat)
    |kh[óo]a\s(?:riêng|bí\smật)|[öo]zel\sanahtar|приватн[а-я]{2,4}\sключ|закрыт[а-я]{2,4}\sключ
    |секретн[а-я]{2,4}\sключ
    |私钥|私鑰|密钥|密鑰|秘密鍵|プライベートキー|개인\s?키|비밀\s?키|المفتاح\sالخاص""",
    re.IGNORECASE | re.VERBOSE,
)
_HASH_LABEL = re.compile(
    r"""\btx|txid|\bhash|transac|transaktion|transfer|/tx/|交易|哈希|转账|轉帳|转帐|送金|トランザクション|ハッシュ
    |거래|트랜잭션|해시
    |транзак|хеш|хэш|işlem|giao\sdịch|block|checksum|sha-?256|signature|签名""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE, _BEHIND = 80, 40  # characters around 64 hex digits in which they are given a name
_KEYSTORE = re.compile(r"[\"']?cipher_?text[\"']?", re.IGNORECASE)
_CIPHERTEXT = re.compile(r"cipher_?text\W{1,8}[0-9a-fA-F]{32,512}", re.IGNORECASE)
_MOST_KEYSTORES, _MOST_TRIES, _LONGEST_KEYSTORE = 10, 12, 4_000


def find_private_keys(text: str) -> list[Span]:
    """Return where `text` holds a private key: WIF, extended, PEM, Solana's, or 64 hex digits that are called so.

    Nothing in 64 hex digits tells a key from a transaction id: the nearest name before them decides, else one
    behind them; without a name they stay.
    """
    spans = [Span(m.start(), m.end()) for m in _PEM.finditer(text)]
    spans += [Span(m.start(), m.end()) for m in _NUMBERS.finditer(text) if _is_pair(_bytes_in(m[0]))]
    if not _LONG_WORD.search(text):
        return spans
    spans += [Span(m.start(), m.end()) for m in _WIF.finditer(text) if _is_wif(m[0])]
    spans += [Span(m.start(), m.end()) for m in _EXTENDED.finditer(text)]
    spans += [Span(m.start(), m.end()) for m in _LONG_BASE58.finditer(text) if _is_pair(_bytes_of(m[0]))]
    spans += [Span(m.start(), m.end()) for m in _HEX.finditer(text) if _is_called_key(text, m.start(), m.end())]
    return spans


def find_keystores(text: str) -> list[Span]:
    """Return where `text` holds an encrypted wallet file (a JSON object with a ciphertext), or what is left of one."""
    spans: list[Span] = []
    if "cipher" not in text.lower():
        return spans
    for m in islice(_KEYSTORE.finditer(text), _MOST_KEYSTORES):
        if not spans or spans[-1].end < m.start():
            spans += _enclosing_keystore(text, m.start())
    for m in _CIPHERTEXT.finditer(text):
        if not any(span.start <= m.start() < span.end for span in spans):
            spans.append(Span(m.start(), m.end()))
    return spans


def _is_wif(token: str) -> bool:
    with suppress(ValueError):
        payload = base58.b58decode_check(token)
        return payload[0] in {0x80, 0xEF} and len(payload) in {33, 34}
    return False


def _bytes_of(token: str) -> bytes:
    return base58.b58decode(token)


def _bytes_in(numbers: str) -> bytes:
    values = [int(number) for number in re.findall(r"\d+", numbers)]
    return bytes(values) if max(values) < 256 else b""


def _is_pair(raw: bytes) -> bool:
    """Tell whether 64 bytes are a key and its public half (ed25519): exact, no signature is mistaken for one."""
    if len(raw) != 64:
        return False
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # few texts come so far

    return Ed25519PrivateKey.from_private_bytes(raw[:32]).public_key().public_bytes_raw() == raw[32:]


def _is_called_key(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    key, other = _last(_KEY_LABEL, before), _last(_HASH_LABEL, before)
    if key >= 0 or other >= 0:
        return key > other
    behind = text[end : end + _BEHIND]
    return bool(_KEY_LABEL.search(behind)) and not _HASH_LABEL.search(behind)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.start() for m in pattern.finditer(text)), default=-1)


def _enclosing_keystore(text: str, at: int) -> Iterator[Span]:
    """Yield the outermost JSON object around a ciphertext that can be read, if any."""
    best: Span | None = None
    brace = text.rfind("{", max(0, at - _LONGEST_KEYSTORE), at)
    for _ in range(_MOST_TRIES):
        if brace < 0:
            break
        value, end = _json_at(text, brace)
        if isinstance(value, dict) and end > at:
            best = Span(brace, end)
        brace = text.rfind("{", max(0, at - _LONGEST_KEYSTORE), brace)
    if best:
        yield best


def _json_at(text: str, start: int) -> tuple[Any, int]:
    with suppress(ValueError, RecursionError):
        value, length = json.JSONDecoder().raw_decode(text[start : start + 2 * _LONGEST_KEYSTORE])
        return value, start + length
    return None, start
