"""The word lists of BIP-39, as they are looked for in what people type: without case, accents and width.

They are read from the files of the `mnemonic` package; its own detection of the language takes 10 ms a call and
fails on whole languages.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files

WORDED = ("english", "spanish", "french", "italian", "portuguese", "czech", "turkish", "russian", "korean", "japanese")
CHINESE = ("chinese_simplified", "chinese_traditional")
SHORTENED = ("english", "spanish", "french", "italian", "portuguese", "czech")
"""Lists whose words differ within four letters: people write only these, as metal backups do."""

LENGTHS = (12, 15, 18, 21, 24)
"""Words in a phrase."""

# Not U+3099 and U+309A, which tell は from ば and ぱ; capitals of Turkish do not tell i from ı.
_ACCENTS = dict.fromkeys(range(0x300, 0x370)) | {ord("ı"): "i"}
_LOOK_ALIKES = str.maketrans("аеорсухікмтвнԁѕјһԛԝοανρτικυχηεß", "aeopcyxikmtbhdsjhqwoavptikuxneb")
_LATIN_LOOK_ALIKES = str.maketrans("aeopcyxkmtbh", "аеорсухкмтвн")

# The last consonants of a syllable as first ones, and two keys for what is typed by two: "ㅘ" as "ㅗㅏ".
_KOREAN_LAST = unicodedata.normalize(
    "NFKD", "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ"
)
_KOREAN_BOTH = unicodedata.normalize("NFKD", "ㅄ=ㅂㅅ ㅀ=ㄹㅎ ㅘ=ㅗㅏ ㅙ=ㅗㅐ ㅚ=ㅗㅣ ㅝ=ㅜㅓ ㅞ=ㅜㅔ ㅟ=ㅜㅣ ㅢ=ㅡㅣ")
_KOREAN_KEYS = {0x11A8 + i: keys for i, keys in enumerate(_KOREAN_LAST.split())}
_KOREAN_KEYS |= {ord(pair[0]): pair[2:] for pair in _KOREAN_BOTH.split()}


def fold(word: str) -> str:
    """Return a word as it is compared: compatible letters as one, small, without accents."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKD", word).casefold().translate(_ACCENTS)


@lru_cache(maxsize=30_000)
def spelling_of(word: str) -> str:
    """Return a word folded, with letters of another script that look like its own as its own."""
    if word.isascii():
        return word.lower()
    folded, listed = fold(word), languages_of_words()
    spellings = (folded, folded.translate(_LOOK_ALIKES), folded.translate(_LATIN_LOOK_ALIKES))
    found = next((spelling for spelling in spellings if spelling in listed), folded)
    return _korean_keys().get(found.translate(_KOREAN_KEYS), found) if "\u1100" <= found[:1] <= "\u11ff" else found


@cache
def _korean_keys() -> dict[str, str]:
    """Return each folded Korean word by its keys: so it stands there if no program put them together (ㄱㅏㄱㅕㄱ)."""
    return {word.translate(_KOREAN_KEYS): word for word in words_of("korean")}


@cache
def words_of(language: str) -> tuple[str, ...]:
    """Return the 2048 words of a list, folded, in their order."""
    text = (files("mnemonic") / "wordlist" / f"{language}.txt").read_text(encoding="utf-8")
    return tuple(fold(word) for word in text.split())


@cache
def places_of(language: str) -> dict[str, int]:
    """Return each folded word's place in its list; one that Latin letters can write (сахар, caxap) by both."""
    return {form: place for place, word in enumerate(words_of(language)) for form in _forms(word)}


@cache
def languages_of_words() -> dict[str, int]:
    """Return for each folded word the lists it is in, as bits in the order of `WORDED`."""
    found: dict[str, int] = {}
    for bit, language in enumerate(WORDED):
        for word in places_of(language):
            found[word] = found.get(word, 0) | 1 << bit
    return found


def _forms(word: str) -> set[str]:
    """Return a folded word, and what it is in Latin letters if all of its own look like some."""
    latin = word.translate(_LOOK_ALIKES)
    return {word, latin} if latin.isascii() else {word}


@cache
def languages_of_beginnings() -> dict[str, int]:
    """Return for the first four letters of each word the lists, as bits in the order of `SHORTENED`."""
    found: dict[str, int] = {}
    for bit, language in enumerate(SHORTENED):
        for word in words_of(language):
            found[word[:4]] = found.get(word[:4], 0) | 1 << bit
    return found


def checksum_holds(words: Sequence[str], language: str) -> bool:
    """Tell whether folded `words` of one list, 12 to 24 of them, carry a valid checksum (BIP-39)."""
    places = places_of(language)
    if len(words) not in LENGTHS or any(word not in places for word in words):
        return False
    number = 0
    for word in words:
        number = number << 11 | places[word]
    size = len(words) // 3  # bits of checksum
    entropy = (number >> size).to_bytes(size * 4, "big")
    return sha256(entropy).digest()[0] >> (8 - size) == number & ((1 << size) - 1)
