"""Wallet addresses and transaction ids in a text, checked by their checksum where they have one.

Without a checksum are: transaction ids (a hash), Solana addresses (taken only where the text speaks of Solana),
and Ethereum's: its checksum (EIP-55) needs Keccak-256, which no library here offers, so any case is accepted.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import base58

_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{25,110}(?![A-Za-z0-9])")
_TON = re.compile(r"(?<![\w-])[EU]Q[\w-]{46}(?![\w-])", re.ASCII)
_EVM_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
_HASH = re.compile(r"(?:0[xX])?[0-9a-fA-F]{64}")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]+")
_SOLANA = re.compile(r"\bsol\b|solana|solscan|phantom|raydium|\bspl\b", re.IGNORECASE)

# The version bytes of base58check: Bitcoin, Litecoin, Dogecoin, TRON.
_VERSIONS = frozenset({0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x41})
_BECH32 = {char: value for value, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_PREFIXES = ("bc", "ltc")
_BECH32_SUM, _BECH32M_SUM = 1, 0x2BC830A3  # BIP 173, BIP 350


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names on some chain, in order of appearance."""

    addresses: tuple[str, ...]
    transactions: tuple[str, ...]


def find(text: str) -> Found:
    """Return the wallet addresses and transaction ids of `text`; hashes in lower case without "0x"."""
    addresses, transactions = [], []
    for token in _TOKEN.findall(text):
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
        return True
    if token.lower().startswith(tuple(f"{prefix}1" for prefix in _BECH32_PREFIXES)):
        return _is_bech32(token)
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


def _is_ton(token: str) -> bool:
    raw = urlsafe_b64decode(token)
    return binascii.crc_hqx(raw[:34], 0).to_bytes(2, "big") == raw[34:]


def _is_bech32(token: str) -> bool:
    """Tell whether a segwit address is right: bech32 for version 0, bech32m for all later ones."""
    if token not in {token.lower(), token.upper()}:
        return False
    prefix, _, data = token.lower().partition("1")
    if not 14 <= len(data) <= 74 or any(char not in _BECH32 for char in data):
        return False
    values = [_BECH32[char] for char in data]
    expected = _BECH32_SUM if values[0] == 0 else _BECH32M_SUM
    return values[0] <= 16 and _polymod([*_expanded(prefix), *values]) == expected


def _expanded(prefix: str) -> Iterator[int]:
    yield from (ord(char) >> 5 for char in prefix)
    yield 0
    yield from (ord(char) & 31 for char in prefix)


def _polymod(values: list[int]) -> int:
    """Return the checksum of BIP 173."""
    generators = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(generators):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum
