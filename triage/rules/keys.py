"""Finding private keys that prove themselves: by a checksum, by their mathematics, or by the marks around them."""

import binascii
import re
from base64 import b32decode
from collections.abc import Callable
from contextlib import suppress

import base58
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.rules import hex_keys
from triage.rules.key_names import KEY
from triage.rules.outlines import holds_a_word, long_words
from triage.rules.span import Span

_SHORTEST = 29  # the shortest key is no shorter
_EXTENDED = re.compile(r"(?<![A-Za-z0-9])[xyztuvYZUV]prv[1-9A-HJ-NP-Za-km-z]{100,112}")
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[A-Za-z0-9+/=\s]{20,8000}(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
)
# Keys that say so themselves, in letters that hold no vowel but a, e, u: Sui's, Nostr's, Cardano's; and Tezos'.
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:suiprivkey1|nsec1|ed25519e?_sk1|xprv1|acct_xsk1)[02-9ac-hj-np-z]{50,200}"
    r"|edsk[1-9A-HJ-NP-Za-km-z]{50}(?:[1-9A-HJ-NP-Za-km-z]{44})?)(?![A-Za-z0-9])"
)
_NAMES = ("suiprivkey1", "nsec1", "_sk1", "xprv1", "xsk1", "edsk")  # one of them is in each
_IN_GROUPS = re.compile(
    r"[5KL9c](?<![A-Za-z0-9][5KL9c])[1-9A-HJ-NP-Za-km-z]{3}(?:[ -][1-9A-HJ-NP-Za-km-z]{3,4}){12}(?![A-Za-z0-9])"
)
_NUMBERS = re.compile(r"\[\s?(?:\d{1,3}\s?,\s{0,4}){63}\d{1,3}\s?\]")
_CALLED = 40  # characters before a key in which it is called so


def find(text: str) -> list[Span]:
    """Return where `text` holds a private key: Bitcoin's, XRP's, Stellar's, extended, PEM, Solana's, 64 hex digits."""
    spans = [Span(m.start(), m.end()) for m in _PEM.finditer(text)] if "-----BEGIN" in text else []
    if "[" in text:
        spans += [Span(m.start(), m.end()) for m in _NUMBERS.finditer(text) if _is_pair(_bytes_in(m[0]))]
    spans += [Span(m.start(), m.end()) for m in _IN_GROUPS.finditer(text) if _is_wif(re.sub("[ -]", "", m[0]))]
    spans += hex_keys.find_in_groups(text)
    if not may_hold_one(text):
        return spans
    if any(name in text for name in _NAMES):
        spans += [Span(m.start(), m.end()) for m in _NAMED.finditer(text)]
    if "prv" in text:
        spans += [Span(m.start(), m.end()) for m in _EXTENDED.finditer(text)]
    spans += [Span(start, end) for start, end in long_words(text, _SHORTEST) if _is_key(text, start, end)]
    return [*spans, *hex_keys.find_keys(text)]


def may_hold_one(text: str) -> bool:
    """Tell whether a word of `text` is as long as a key."""
    return holds_a_word(text, _SHORTEST)


def _is_key(text: str, start: int, end: int) -> bool:
    """Tell whether a word proves itself a key, or is called one and has its form: a slip hides little of it."""
    word = text[start:end]
    fitting = [is_key for form, is_key in _CHECKED if form.fullmatch(word)]
    if not fitting:
        return False
    called = word[0] in "5KLc9" and len(word) <= 52 and KEY.search(text[max(0, start - _CALLED) : start])
    return bool(called) or any(is_key(word) for is_key in fitting)


def _is_wif(token: str) -> bool:
    """Tell Bitcoin's (and Litecoin's, Dogecoin's) form of a key, or one encrypted with a password (BIP 38)."""
    with suppress(ValueError):
        payload = base58.b58decode_check(token)
        if len(payload) == 39:
            return payload[:2] in {b"\x01\x42", b"\x01\x43"}
        return payload[0] in {0x80, 0xEF, 0xB0, 0x9E} and len(payload) in {33, 34}
    return False


def _is_xrp(token: str) -> bool:
    with suppress(ValueError):
        payload = base58.b58decode_check(token, alphabet=base58.XRP_ALPHABET)
        return len(payload) in {17, 19} and payload.startswith((b"\x21", b"\x01\xe1\x4b"))
    return False


def _is_stellar(token: str) -> bool:
    raw = b32decode(token)
    return raw[0] == 0x90 and binascii.crc_hqx(raw[:33], 0).to_bytes(2, "little") == raw[33:]


def _is_solana(token: str) -> bool:
    return _is_pair(base58.b58decode(token))


def _is_hex_pair(token: str) -> bool:
    return _is_pair(bytes.fromhex(token))


def _bytes_in(numbers: str) -> bytes:
    values = [int(number) for number in re.findall(r"\d+", numbers)]
    return bytes(values) if max(values) < 256 else b""


def _is_pair(raw: bytes) -> bool:
    """Tell whether 64 bytes are a key and its public half (ed25519): exact, no signature is mistaken for one."""
    if len(raw) != 64:
        return False
    return Ed25519PrivateKey.from_private_bytes(raw[:32]).public_key().public_bytes_raw() == raw[32:]


_CHECKED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile("[569KLTcQ][1-9A-HJ-NP-Za-km-z]{50,57}"), _is_wif),
    (re.compile("s[1-9A-HJ-NP-Za-km-z]{27,30}"), _is_xrp),
    (re.compile("S[A-Z2-7]{55}"), _is_stellar),
    (re.compile("[1-9A-HJ-NP-Za-km-z]{86,88}"), _is_solana),
    (re.compile("[0-9a-fA-F]{128}"), _is_hex_pair),
)
