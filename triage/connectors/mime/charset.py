"""Bytes to text when the declared charset is wrong, missing or hostile. Pure; never raises."""

import codecs
import re
from functools import lru_cache

# What mailers write, and what they mean: each was seen to save text of real mail. The right side is a superset.
ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "default": "utf-8",
    "default_charset": "utf-8",
    "unknown-8bit": "utf-8",
    "x-unknown": "utf-8",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb2312_chars": "gb18030",
    "gb_2312-80": "gb18030",
    "chinesebig5": "big5hkscs",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
}
# Codecs that turn mail bytes into text and do nothing else: no "unicode_escape", "utf-7", "idna", "hex".
_ALLOWED = re.compile(
    r"utf-8(-sig)?$|utf-(16|32)(-[bl]e)?$|iso8859-\d+$|iso2022_\w+$|cp\d{3,4}$|gb\w+$|hz$|big5\w*$|euc_\w+$|"
    r"shift_jis\w*$|koi8-\w$|mac-\w+$|tis-620$|johab$|ptcp154$"
)
# Encodings whose bytes may all be ASCII though the text is not.
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEVEN_BIT = re.compile(r"iso2022_|hz$|utf-(16|32)")
_LATIN = frozenset({"cp1252", "utf-8"})
_SAMPLE = 4096


@lru_cache(maxsize=256)  # an unknown name is looked for in the file system each time
def codec_of(charset: str) -> str:
    """Return the name of the codec that a declared charset stands for, or "" when there is none we would use."""
    name = charset.strip("\"' \t").lower()
    known = ALIASES.get(name)
    if known is not None:
        return known
    try:
        name = codecs.lookup(name[:40]).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    return name if _ALLOWED.match(name) else ""


def decode(data: bytes, charset: str = "") -> str:
    """Return `data` as text, by its declared charset if that can be true, else by what the bytes look like.

    The text never holds a surrogate; NUL comes back as its visible sign, for no store takes it.
    """
    codec = codec_of(charset) if charset else ""
    plain = data.isascii() and not (codec and _SEVEN_BIT.match(codec))
    text = data.decode("ascii") if plain else _decode(data, codec)
    return text.replace("\0", "\u2400") if "\0" in text else text


def _decode(data: bytes, codec: str) -> str:
    # Bytes that are valid UTF-8 are UTF-8, whatever a Latin label says.
    for attempt in ("utf-8", codec) if codec in _LATIN or not codec else (codec, "utf-8"):
        if not attempt or (attempt == "cp1252" and _hardly_latin(data)):
            continue
        text = _strict(data, attempt)
        if text is not None:
            return text
    if codec:
        # A label that is right but for a few broken bytes beats a guess.
        text = _storable(data.decode(codec, "replace"))
        if text.count("\ufffd") * 50 <= len(text) and not (codec == "cp1252" and _hardly_latin(data)):
            return text
    return _strict(data, _guess(data)) or _storable(data.decode("cp1252", "replace"))


def _strict(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None
    return _storable(text)


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    return _SURROGATE.search(text) is not None


def _hardly_latin(data: bytes) -> bool:
    """Tell whether so many bytes are above ASCII that no European language was written."""
    sample = data[:_SAMPLE]
    return sum(b > 0x7F for b in sample) * 4 > len(sample)


def _guess(data: bytes) -> str:
    import chardet  # a third of a second to import: only mail with a false label needs it

    found = chardet.detect(data[:_SAMPLE])["encoding"] or "cp1252"
    return codec_of(found) or "cp1252"
