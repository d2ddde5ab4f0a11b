"""The hashes that chains make addresses with, and Python does not have everywhere."""

from hashlib import sha256

from Crypto.Hash import RIPEMD160, keccak


def keccak256(data: bytes) -> bytes:
    """Return Keccak-256 as Ethereum and TRON use it; SHA-3 pads differently."""
    return keccak.new(digest_bits=256, data=data).digest()


def hash160(data: bytes) -> bytes:
    """Return RIPEMD-160 of SHA-256, as Bitcoin hashes keys."""
    return RIPEMD160.new(sha256(data).digest()).digest()
