"""Segwit addresses: bech32 for version 0 (BIP 173), bech32m for later ones (BIP 350)."""

from collections.abc import Iterator

_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {char: value for value, char in enumerate(_DIGITS)}
_SUM_0, _SUM_LATER = 1, 0x2BC830A3  # BIP 173, BIP 350
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def is_valid(token: str) -> bool:
    """Tell whether a segwit address is right, in one case throughout."""
    if token not in {token.lower(), token.upper()}:
        return False
    prefix, _, data = token.lower().partition("1")
    if not 14 <= len(data) <= 74 or any(char not in _VALUES for char in data):
        return False
    values = [_VALUES[char] for char in data]
    return values[0] <= 16 and _polymod([*_expanded(prefix), *values]) == (_SUM_LATER if values[0] else _SUM_0)


def encode(prefix: str, program: bytes) -> str:
    """Return the version 0 address of a 20-byte hash, in lower case."""
    bits = "".join(f"{byte:08b}" for byte in program)
    values = [0, *(int(bits[at : at + 5], 2) for at in range(0, len(bits), 5))]
    checksum = _polymod([*_expanded(prefix), *values, *[0] * 6]) ^ _SUM_0
    values += [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_DIGITS[value] for value in values)}"


def _expanded(prefix: str) -> Iterator[int]:
    yield from (ord(char) >> 5 for char in prefix)
    yield 0
    yield from (ord(char) & 31 for char in prefix)


def _polymod(values: list[int]) -> int:
    """Return the checksum of BIP 173."""
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum
