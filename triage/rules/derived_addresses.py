"""The addresses that a private key makes: Ethereum, TRON, Bitcoin, Solana. Proof that 32 bytes are a key."""

import re
from functools import cache

import base58
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from triage.rules import chain_hashes, segwit

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_ADDRESS = re.compile(r"(?<![A-Za-z0-9])(?:0[xX][0-9a-fA-F]{40}|[A-Za-z0-9]{26,44})(?![A-Za-z0-9])")


def candidates(text: str) -> set[str]:
    """Return the words of `text` that may be addresses, as `of` spells them."""
    return {_spelt(word) for word in _ADDRESS.findall(text)}


def of(secret: bytes) -> frozenset[str]:
    """Return the addresses of 32 bytes taken as a private key; 0x and bc1 addresses in lower case."""
    found = {base58.b58encode(Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()).decode()}
    number = int.from_bytes(secret, "big")
    if 0 < number < _ORDER:
        found |= _of_point(number)
    return frozenset(found)


def _of_point(number: int) -> set[str]:
    point = derive_private_key(number, _curve()).public_key().public_numbers()
    x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
    short = bytes([2 + point.y % 2]) + x
    ethereum = chain_hashes.keccak256(x + y)[-20:]
    hashed = chain_hashes.hash160(short)
    nested = chain_hashes.hash160(b"\x00\x14" + hashed)
    checked = (b"\x41" + ethereum, b"\x00" + hashed, b"\x00" + chain_hashes.hash160(b"\x04" + x + y), b"\x05" + nested)
    return {f"0x{ethereum.hex()}", segwit.encode("bc", hashed)} | {base58.b58encode_check(c).decode() for c in checked}


@cache
def _curve() -> SECP256K1:
    return SECP256K1()


def _spelt(word: str) -> str:
    small = word.lower()
    return small if small.startswith(("0x", "bc1")) else word
