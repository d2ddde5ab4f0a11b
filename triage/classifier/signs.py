"""Signs: small things a text speaks of ("money went out", "not by me", "a recovery phrase"), found by look-up.

`signs/LANG.toml` holds the words of each sign, one file a language; a sign means the same in all of them. Alone it
says little; which of them make a message urgent when they stand near each other is learned, from all languages at once.
A sign counts once however often it is repeated, and each stretch of a long text is looked at by itself.
"""

import functools
import itertools
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from triage.classifier.finder import Finder
from triage.classifier.folding import LONGEST_TEXT, fold_text
from triage.classifier.phrases import SPACELESS, literal
from triage.classifier.tongues import own_tongue

FOLDER = Path(__file__).parent / "signs"
# Two signs belong together if they stand at most so many words apart, or twice as many ideographs.
REACH = 14
MEANINGS: Mapping[str, str] = {
    "out": "money going out",
    "notme": "not having done it",
    "alibi": "having been asleep or away",
    "gone": "something being gone",
    "theft": "theft",
    "money": "money",
    "who": "somebody unknown",
    "secret": "a recovery phrase or key",
    "code": "a code or password",
    "gave": "handing over or showing",
    "where": "a site or a person",
    "scam": "fraud",
    "paid": "having paid",
    "lure": "a promise or a fee",
    "remote": "malware or remote control",
    "device": "a device or card",
    "lost": "losing something",
    "locked": "being locked out",
    "forgot": "having lost or forgotten",
    "stuck": "money that does not move",
    "long": "days of waiting",
    "stake": "all one has",
    "soon": "a deadline",
    "threat": "lawyers, regulators or the press",
    "wrong": "a wrong address or network",
    "now": "something happening now",
    "login": "a sign-in or a changed account",
    "approval": "an approval or signature",
    "ask": "a question",
    "spared": "nothing having happened",
    "maybe": "a possibility",
    "over": "something being over",
    "tale": "somebody else's story",
    "wish": "a wish or praise",
}
ALONE = 0.3  # what a sign alone may say of what two near each other say
# A text longer than this is looked at in stretches too: half of each is the beginning of the next.
STRETCH = 28
_SHIFTS = (1, 2, 4, 7)  # widened by each of them in turn, a step reaches all that are up to REACH away
# Where a phrase may stand within a word, and where it may begin within one.
_ANYWHERE = SPACELESS | {"ko"}
_FREE = _ANYWHERE | {"ar"}
# Arabic writes "and", "with", "the" together with the word that follows.
_PROCLITICS = ("وال", "بال", "فال", "لل", "ال", "و", "ب", "ف", "ل", "ك")

Places = Mapping[str, int]
"""For each sign that was found, the steps at which it begins, as bits; a word is one step, an ideograph half."""


@functools.cache
def languages() -> frozenset[str]:
    """Return the languages that have signs."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml"))


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all signs."""
    return tuple(MEANINGS)


@functools.cache
def columns() -> tuple[str, ...]:
    """Return what each column of a matrix stands for: a sign ("out"), or two near each other ("out+notme")."""
    return (*names(), *(f"{one}+{other}" for one, other in itertools.combinations(names(), 2)))


def find_signs(folded: str, tongue: str) -> Places:
    """Return where each sign stands in a folded text, read as `tongue`, one of `languages()`."""
    found: dict[str, int] = {}
    spaceless, free = tongue in SPACELESS, tongue in _FREE
    for start, end, (whole, sign) in _finder(tongue).find(folded if free else f" {folded}"):
        # The space that was put in front stands where the phrase begins without it.
        if whole and folded[end if free else end - 1 :][:1].isalnum():
            continue
        if tongue == "ar" and not _after_proclitic(folded, start):
            continue
        step = start // 2 if spaceless else folded.count(" ", 0, start)
        found[sign] = found.get(sign, 0) | 1 << step
    return found


def together(places: Places) -> list[int]:
    """Return the columns of what was found, ascending: each sign, and each two that stand near each other."""
    return _columns_of(places, _near(places))


def _near(places: Places) -> list[tuple[str, str]]:
    """Return each two signs of `places` that stand near each other somewhere, in the order of the columns."""
    signs = sorted(places, key=_columns().__getitem__)
    wide = {sign: _widened(places[sign]) for sign in signs}
    return [(one, other) for one, other in itertools.combinations(signs, 2) if wide[one] & places[other]]


def _columns_of(places: Places, near: Iterable[tuple[str, str]]) -> list[int]:
    """Return the columns of the signs and of those that are `near` each other, ascending."""
    place, pairs = _columns(), _pairs()
    return sorted([*(place[sign] for sign in places), *(pairs[two] for two in near)])


def _widened(steps: int) -> int:
    """Return the steps that are at most `REACH` away from one of `steps`."""
    for shift in _SHIFTS:
        steps |= steps << shift | steps >> shift
    return steps


def within(places: Places, start: int, steps: int) -> Places:
    """Return what begins in the `steps` steps from `start`, counted from there."""
    inside = (1 << steps) - 1
    return {sign: here for sign, found in places.items() if (here := found >> start & inside)}


def matrix(found: Sequence[Places]) -> tuple[sparse.csr_matrix, list[int]]:
    """Return one row for each text by its signs, then one for each stretch of the long ones; and whose row each is."""
    owner = list(range(len(found)))
    near = [_near(places) for places in found]
    rows = [_columns_of(places, pairs) for places, pairs in zip(found, near, strict=True)]
    for text, (places, pairs) in enumerate(zip(found, near, strict=True)):
        for stretch in _stretches(places, pairs):
            owner.append(text)
            rows.append(stretch)
    bounds = np.cumsum([0, *map(len, rows)])
    index = np.fromiter(itertools.chain.from_iterable(rows), np.int64, bounds[-1])
    values = np.ones(len(index))
    return sparse.csr_matrix((values, index, bounds), shape=(len(rows), len(columns()))), owner


def signs_of(texts: Sequence[str], languages: Sequence[str] = (), folded: Sequence[str] = ()) -> list[Places]:
    """Return the signs of each text; `folded` saves folding them again."""
    folded = folded or [fold_text(text[:LONGEST_TEXT]) for text in texts]
    spoken = languages or ["und"] * len(texts)
    return [find_signs(text, tongue_of(text, tag)) for text, tag in zip(folded, spoken, strict=True)]


def tongue_of(folded: str, language: str) -> str:
    """Return the language whose signs are looked for: the text's own, or what its letters suggest."""
    own = own_tongue(language)
    if own in languages():
        return own
    highest = max(folded, default="")
    return next((tongue for first, tongue in _SCRIPTS if highest >= first), "en")


_SCRIPTS = (("\uac00", "ko"), ("\u3400", "zh"), ("\u3041", "ja"), ("\u0600", "ar"), ("\u0400", "ru"))


def _stretches(places: Places, near: Sequence[tuple[str, str]]) -> Iterator[list[int]]:
    """Yield the columns of what stands in each stretch of a long text; nothing for a short one.

    Only what is `near` in the whole text can be so in a stretch.
    """
    last = max((steps.bit_length() for steps in places.values()), default=1) - 1
    for start in range(0, last - STRETCH // 2, STRETCH // 2) if last >= STRETCH else ():
        inside = within(places, start, STRETCH)
        if inside:
            wide = {sign: _widened(steps) for sign, steps in inside.items()}
            yield _columns_of(inside, [(a, b) for a, b in near if a in wide and b in wide and wide[a] & inside[b]])


def _after_proclitic(folded: str, start: int) -> bool:
    """Return whether an Arabic word begins at `start`, or goes on there after what is written together with it."""
    begins = folded.rfind(" ", 0, start) + 1
    before = folded[begins:start]
    return not before or before in _PROCLITICS


def _words(tongue: str) -> dict[str, str]:
    """Return each sign's words in one language, parted by "|"; one that ends in "*" goes on."""
    return tomllib.loads((FOLDER / f"{tongue}.toml").read_text("utf-8"))


@functools.cache
def _columns() -> Mapping[str, int]:
    return dict(zip(columns(), range(len(columns())), strict=True))


@functools.cache
def _pairs() -> Mapping[tuple[str, str], int]:
    """Return the column of each two signs that stand near each other."""
    return {two: len(names()) + n for n, two in enumerate(itertools.combinations(names(), 2))}


@functools.cache
def _finder(tongue: str) -> Finder[tuple[bool, str]]:
    """Return what finds a language's phrases, each with whether its last word must end with it, and its sign."""
    phrases = []
    for sign, words in _words(tongue).items():
        for raw in dict.fromkeys(word.strip() for word in words.split("|")):
            whole = not raw.endswith("*") and tongue not in _ANYWHERE
            phrase = literal(raw)
            phrases.append((phrase if tongue in _FREE else f" {phrase}", (whole, sign)))
    return Finder(phrases)
