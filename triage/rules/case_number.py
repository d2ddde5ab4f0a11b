"""Case numbers: short enough to dictate, and with a check code that only we can make."""

import hmac
import re
import unicodedata
from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256
from itertools import count

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_READ_AS = str.maketrans("OIL", "011")
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())  # from RFC 4648's
_CODE_LENGTH = 8  # 40 bits
_TYPED_AS = str.maketrans(
    # Digits of other keyboards, letters that look the same, and what nobody sees.
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९АВЕКМНОРСТУХавекмнорстухΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "012345678901234567890123456789ABEKMHOPCTYXabekmhopctyxABEZHIKMNOPTYX",
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
)
_IS_TYPED_AS = re.compile(f"[{''.join(map(chr, _TYPED_AS))}]")
_LEAST_ID_LENGTH = 3

_FORM = "[0-9a-hj-np-tv-zilo]"
_DASHED = re.compile(
    rf"(?<![a-z0-9/=-])({_FORM}{{3,10}})\s?[-\u2010-\u2015\u2212_]\s?({_FORM}{{8}})(?![a-z0-9-])", re.IGNORECASE
)
_LOOSE = re.compile(rf"(?<![a-z0-9/=-])({_FORM}{{3,10}})\s?({_FORM}{{8}})(?![a-z0-9-])", re.IGNORECASE)
_MIXED = re.compile("[0-9](?:(?=[A-Za-z])|(?<=[A-Za-z][0-9]))")  # every code has such a place, ordinary text has none
_CLEAR_DIGITS = frozenset("23456789")
_CLEAR_LETTERS = frozenset("ABCDEFGHJKMNPQRSTVWXYZ")


def case_number(case_id: int, key: bytes) -> str:
    """Return the number of a case as people see it ("00A5-4Q2M9XRC"): its id and sign, then 40 keyed bits.

    The code comes from HMAC-SHA256(key, "case" NUL id), so nobody without the key can make one up; the last
    character before the dash is a sign that needs no key, by which a number is known in a text.
    """
    if case_id < 1 or not key:
        raise ValueError("a case number needs a stored case and a key")
    code = _code(case_id, key)
    text = _base32(case_id).rjust(_LEAST_ID_LENGTH - 1, "0")
    return f"{text}{_sign(text, code)}-{code}"


def case_id_of(number: str, keys: Sequence[bytes]) -> int | None:
    """Return the case that `number` names if one of `keys` made it, else None.

    Forgiving as to case, blanks, kind of dash, full-width letters, letters and digits of other alphabets that look
    the same, and O, I, L for 0, 1, 1. The one function that turns a number into a case.
    """
    plain = _as_typed(_plain(number)).upper()
    plain = "".join(c for c in plain if c.isalnum()).translate(_READ_AS)
    text, code = plain[:-_CODE_LENGTH], plain[-_CODE_LENGTH:]
    if not _LEAST_ID_LENGTH <= len(text) <= 10 or set(plain) - set(_ALPHABET):
        return None
    case_id = _number(text[:-1])
    known = False
    for key in keys:
        known |= case_id > 0 and hmac.compare_digest(case_number(case_id, key), f"{text}-{code}")
    return case_id if known else None


def find(text: str) -> tuple[str, ...]:
    """Return the case numbers that `text` claims, in canonical form and order of appearance, no doubles.

    Without a dash only a number whose sign is right is taken, so that ordinary words are none.
    """
    plain = _plain(text)
    # A word of another alphabet right before a number must not become a part of it: the text as it is comes first.
    typed = _as_typed(plain)
    numbers = _find(plain) if typed == plain else (*_find(plain), *_find(typed))
    return tuple(dict.fromkeys(numbers))


def _find(plain: str) -> tuple[str, ...]:
    if not _MIXED.search(plain):
        return ()
    found = {m.start(): _canonical(m[1], m[2]) for m in _DASHED.finditer(plain) if _is_code(m[2])}
    for m in _LOOSE.finditer(plain):
        if _is_code(m[2]) and _is_signed(_canonical(m[1], m[2])):
            found.setdefault(m.start(), _canonical(m[1], m[2]))
    return tuple(found[start] for start in sorted(found))


def without(text: str) -> str:
    """Return `text` with a blank for each case number that `find` finds in it."""
    plain = _plain(text)
    rest = _without(plain)
    if rest == plain and not plain.isascii():
        return _without(_as_typed(plain))
    return rest


def _without(plain: str) -> str:
    dashed = _DASHED.sub(lambda m: " " if _is_code(m[2]) else m[0], plain)
    return _LOOSE.sub(lambda m: " " if _is_code(m[2]) and _is_signed(_canonical(m[1], m[2])) else m[0], dashed)


def _plain(text: str) -> str:
    # "№" would become letters that stick to the number.
    return text if text.isascii() else unicodedata.normalize("NFKC", text.replace("№", " "))


def _as_typed(plain: str) -> str:
    # To look for such a letter takes a tenth of the time that the table takes for all of them.
    return plain.translate(_TYPED_AS) if not plain.isascii() and _IS_TYPED_AS.search(plain) else plain


def _canonical(text: str, code: str) -> str:
    return f"{text}-{code}".upper().translate(_READ_AS)


def _is_code(code: str) -> bool:
    """Tell whether eight characters as typed look like a check code and not like a word or a plain number."""
    typed = code.upper()
    digits, letters = map(_CLEAR_DIGITS.__contains__, typed), map(_CLEAR_LETTERS.__contains__, typed)
    return sum(digits) >= 2 and sum(letters) >= 2


def _is_signed(number: str) -> bool:
    text, code = number.split("-")
    return text[-1] == _sign(text[:-1], code)


def _sign(text: str, code: str) -> str:
    """Return the digit 2 to 9 that ends the first part; it needs no key."""
    return "23456789"[sha256(f"{text}-{code}".encode()).digest()[0] % 8]


def _code(case_id: int, key: bytes) -> str:
    """Return the first eight characters of the keyed hash, from any place on, that look like a code."""
    for again in count():  # about one hash in a million holds no such eight
        digest = hmac.digest(key, b"case\0" + str(case_id).encode() + b"\0" * again, "sha256")
        text = _base32(int.from_bytes(digest, "big"))
        for start in range(len(text) - _CODE_LENGTH):
            if _is_code(text[start : start + _CODE_LENGTH]):
                return text[start : start + _CODE_LENGTH]
    raise AssertionError("count() has no end")


def _base32(number: int) -> str:
    size = 5 * (number.bit_length() // 40 + 1)  # five bytes are eight digits
    return b32encode(number.to_bytes(size, "big")).translate(_CROCKFORD).decode().lstrip("0")


def _number(text: str) -> int:
    number = 0
    for char in text:
        number = number * 32 + _ALPHABET.index(char)
    return number
