"""Wallet addresses and transaction ids in a text, checked by their checksum where they have one.

Without a checksum are transaction ids (a hash), and Solana addresses, taken only where the text speaks of Solana.
An Ethereum address has one (EIP-55) only where it is written in both cases.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import dataclass

import base58

from triage.rules import segwit
from triage.rules.chain_hashes import keccak256
from triage.rules.outlines import long_words

_SHORTEST, _LONGEST = 25, 110
_TON = re.compile(r"(?<![\w-])[EU]Q[\w-]{46}(?![\w-])", re.ASCII)
_EVM_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
_HASH = re.compile(r"(?:0[xX])?[0-9a-fA-F]{64}")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]+")
_SOLANA = re.compile(r"\bsol\b|solana|solscan|phantom|raydium|\bspl\b", re.IGNORECASE)

# The version bytes of base58check: Bitcoin, Litecoin, Dogecoin, TRON.
_VERSIONS = frozenset({0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x41})
_SEGWIT_BEGINS = ("bc1", "ltc1")


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names on some chain, in order of appearance."""

    addresses: tuple[str, ...]
    transactions: tuple[str, ...]


def find(text: str) -> Found:
    """Return the wallet addresses and transaction ids of `text`; hashes in lower case without "0x"."""
    addresses, transactions = [], []
    for start, end in long_words(text, _SHORTEST):
        token = text[start:end]
        if len(token) > _LONGEST:
            continue
        if _HASH.fullmatch(token):
            transactions.append(token.lower().removeprefix("0x"))
        elif is_address(token) or (_decoded_length(token) == 32 and _SOLANA.search(text)):
            addresses.append(token)
        elif len(token) in {87, 88} and _decoded_length(token) == 64:
            transactions.append(token)
    if "EQ" in text or "UQ" in text:
        addresses += [token for token in _TON.findall(text) if _is_ton(token)]
    return Found(tuple(dict.fromkeys(addresses)), tuple(dict.fromkeys(transactions)))


def is_address(token: str) -> bool:
    """Tell whether `token` is an address whose form, and checksum where there is one, is right."""
    if _EVM_ADDRESS.fullmatch(token):
        return _is_ethereum(token[2:])
    if token.lower().startswith(_SEGWIT_BEGINS):
        return segwit.is_valid(token)
    if not 25 <= len(token) <= 36 or not _BASE58.fullmatch(token):
        return False
    with suppress(ValueError):
        payload = base58.b58decode_check(token)
        return len(payload) == 21 and payload[0] in _VERSIONS
    with suppress(ValueError):
        return token[0] == "r" and len(base58.b58decode_check(token, alphabet=base58.XRP_ALPHABET)) == 21
    return False


def _decoded_length(token: str) -> int:
    """Return how many bytes `token` is in base58, or 0 if it is not base58."""
    if not 32 <= len(token) <= 88 or not _BASE58.fullmatch(token):
        return 0
    return len(base58.b58decode(token))


def _is_ethereum(digits: str) -> bool:
    """Tell whether 40 hex digits are an address: in one case throughout, or with the cases that EIP-55 gives them."""
    small = digits.lower()
    if digits in {small, digits.upper()}:
        return True
    nibbles = keccak256(small.encode()).hex()
    return all(c == (c.upper() if n > "7" else c.lower()) for c, n in zip(digits, nibbles, strict=False))


def _is_ton(token: str) -> bool:
    raw = urlsafe_b64decode(token)
    return binascii.crc_hqx(raw[:34], 0).to_bytes(2, "big") == raw[34:]
