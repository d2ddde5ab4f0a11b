"""Secrets that are sent in once each, and the search of every byte that the system wrote for them."""

import json
import random
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import base58
import re2
from mnemonic import Mnemonic


def phrase(seed: int, language: str = "english") -> str:
    return Mnemonic(language).to_mnemonic(random.Random(seed).randbytes(16))


def wif(seed: int) -> str:
    return base58.b58encode_check(b"\x80" + random.Random(seed).randbytes(32) + b"\x01").decode()


def keystore(seed: int) -> str:
    digits = random.Random(seed).randbytes(32).hex()
    return json.dumps(
        {"version": 3, "crypto": {"cipher": "aes-128-ctr", "ciphertext": digits, "kdf": "scrypt", "mac": digits}}
    )


class Canaries:
    """Secrets, each sent in once, and where each went."""

    def __init__(self, seed: int = 1) -> None:
        self.sent: dict[str, list[str]] = {}
        self._seeds = iter(range(seed * 10_000, seed * 10_000 + 1_000))

    def phrase(self, where: str, language: str = "english", size: int = 3) -> str:
        """Return a phrase, looked for in parts of `size` words."""
        words = phrase(next(self._seeds), language)
        self.sent[where] = [" ".join(words.split()[at : at + size]) for at in range(0, 12, size)]
        return words

    def wif(self, where: str) -> str:
        self.sent[where] = [key := wif(next(self._seeds))]
        return key

    def hex_key(self, where: str) -> str:
        digits = random.Random(next(self._seeds)).randbytes(32).hex()
        self.sent[where] = [digits]
        return f"my private key is {digits}"

    def keystore(self, where: str) -> str:
        text = keystore(next(self._seeds))
        self.sent[where] = [json.loads(text)["crypto"]["ciphertext"]]
        return text

    def code(self, where: str) -> str:
        digits = f"{random.Random(next(self._seeds)).randrange(10**7, 10**8)}"
        self.sent[where] = [digits]
        return f"my verification code is {digits}"

    def card(self, where: str) -> str:
        digits = "4" + "".join(random.Random(next(self._seeds)).choices("0123456789", k=14))
        check = next(d for d in "0123456789" if _luhn(digits + d))
        self.sent[where] = [digits + check]
        return f"my card {digits + check}"

    def found_in(self, files: Mapping[str, bytes]) -> dict[tuple[str, str], list[str]]:
        """Return which parts of which secret are in which file."""
        search = Search({part: where for where, parts in self.sent.items() for part in parts})
        found: dict[tuple[str, str], list[str]] = {}
        for name, data in files.items():
            for part, where in search.of(data).items():
                found.setdefault((where, name), []).append(part)
        return found


class Search:
    """One look through bytes for every form of every part at once."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = parts

    @cached_property
    def _forms(self) -> dict[bytes, str]:
        return {form.lower(): part for part in self._parts for form in _forms(part)}

    @cached_property
    def _pattern(self) -> Any:
        options = re2.Options()
        options.encoding, options.case_sensitive, options.max_mem = re2.Options.Encoding.LATIN1, False, 1 << 29
        return re2.compile(b"|".join(re2.escape(form) for form in self._forms), options)

    def of(self, data: bytes) -> dict[str, str]:
        """Return the parts that `data` holds, each with where it went in."""
        found = {self._forms[m.group().lower()] for m in self._pattern.finditer(data)}
        return {part: self._parts[part] for part in found}


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _forms(part: str) -> Iterator[bytes]:
    """The part as text in the encodings in which anything is written, base64 at its three places among them."""
    for separator in (" ", "\n", "+", "%20", "=20", "\\n"):
        yield part.replace(" ", separator).encode()
    if not part.isascii():
        yield json.dumps(part)[1:-1].encode()
    yield part.encode("utf-16-le")
    yield part.encode().hex().encode()
    for at in range(3):
        data = b"\0" * at + part.encode()
        yield b64encode(data)[4 if at else 0 : len(data) // 3 * 4]  # what hangs on neighbours is left out, nothing else


def written(folder: Path, but: frozenset[str] = frozenset()) -> dict[str, bytes]:
    """Every file under a folder and what archives hold, but for files and folders of these names."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and but.isdisjoint(path.relative_to(folder).parts):
            name, data = str(path.relative_to(folder)), path.read_bytes()
            found[name] = data
            if is_zipfile(BytesIO(data)):
                with ZipFile(BytesIO(data)) as archive:
                    found |= {f"{name}/{one}": archive.read(one) for one in archive.namelist()}
    return found
