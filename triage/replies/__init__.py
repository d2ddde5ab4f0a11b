"""The canned texts: read once from a folder, complete in every language, rendered in a sandbox.

A text is a file `LANG/NAME.txt`. Its first line may be `Subject: …`. It gets facts of ours only; no word of
the customer ever enters it. `LANG/phrases.txt` holds pieces that stand in several texts, one a line: `NAME: TEXT`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2

from triage.errors import ConfigError
from triage.replies import checking, spans
from triage.replies.checking import FACTS, Fact, Filled, template, variants
from triage.rules.language import nearest
from triage.rules.missing import ASKED

__all__ = ["FALLBACK", "NAMES", "PHRASES", "Fact", "Replies", "load", "sources"]

NAMES = (
    "acknowledgement", "secret", "still-in-line", "public", "start", "status", "status-unknown", "late", "rating",
    "rated", "incident", "incident-over",
)  # fmt: skip
PHRASES = ("at-most", "never", *ASKED)
FALLBACK = "en"

_SUBJECT = "Subject: "
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    texts: Mapping[str, tuple[Filled, Filled]]
    phrases: Mapping[str, Filled]


class Replies:
    """The texts of one folder.

    Attributes:
        languages: The languages that have every text.
    """

    def __init__(self, languages: Mapping[str, _Language]) -> None:
        """Take each language's texts; use `load`."""
        self._texts = dict(languages)
        self.languages = tuple(sorted(languages))

    def language_for(self, language: str) -> str:
        """Return the language a reply is written in: the nearest to the customer's that we have, else English."""
        return nearest(language, self.languages)

    def render(self, name: str, language: str, **facts: Fact) -> tuple[str, str]:
        """Return (subject, text) of one reply; `language` must be one of `languages`.

        `missing` are names of `ASKED`; they become words here. A fact that is not given is empty.
        """
        subject, text = self._texts[language].texts[name]
        phrases = self._texts[language].phrases
        known = {fact: type(value)() for fact, value in FACTS.items()} | facts
        known["missing"] = tuple(phrases[asked](known) for asked in known["missing"])
        known["never"] = phrases["never"](known)
        said = _BLANK_LINES.sub("\n\n", text(known)).strip()
        return " ".join(subject(known).split()), said + "\n"

    def waiting(self, language: str, low: float, high: float) -> str:
        """Return how long it takes, `low` to `high` seconds, in the customer's words ("2-6 hours", "up to 1 hour")."""
        said, is_range = spans.span(low, high, language)
        return said if is_range else self._texts[language].phrases["at-most"]({"wait": said})

    def longest(self, high: float) -> int:
        """Return the upper end of a waiting time as `waiting` tells it, in seconds; it is a promise."""
        return spans.rounded_up(high)

    def moment(self, language: str, at: datetime) -> str:
        """Return a point in time in the customer's words, in the zone that `at` has ("November 26, 6:05 PM UTC+8")."""
        return spans.moment(at, language)


def load(folder: Path, languages: tuple[str, ...] = ()) -> Replies:
    """Return the texts under `folder`.

    Raises `ConfigError` with one line that names file and line of the first text that is missing, broken, or uses
    an unknown fact: an incomplete set is found at the start, never when a customer waits.
    """
    found = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    wanted = {*languages, FALLBACK} if languages else found | {FALLBACK}
    replies = Replies({language: _language(folder / language, language) for language in sorted(wanted)})
    for language in replies.languages:
        for name in NAMES:
            _try(replies, name, language, folder / language / f"{name}.txt")
    return replies


def sources(folder: Path, languages: tuple[str, ...]) -> list[str]:
    """Return the texts of these languages as they stand in their files; raises `ConfigError` as `load`."""
    return [_read(folder / tag / f"{name}.txt", tag) for tag in languages for name in (*NAMES, "phrases")]


def _language(folder: Path, language: str) -> _Language:
    texts = {name: _text(folder / f"{name}.txt", language) for name in NAMES}
    return _Language(texts=texts, phrases=_phrases(folder / "phrases.txt", language))


def _text(path: Path, language: str) -> tuple[Filled, Filled]:
    source = _read(path, language)
    known = {*FACTS, "never"}
    first, _, rest = source.partition("\n")
    if not first.startswith(_SUBJECT):
        return template(path, "", known), template(path, source, known)
    # The line break keeps the lines' numbers what they are in the file.
    return template(path, first.removeprefix(_SUBJECT), known), template(path, "\n" + rest, known)


def _phrases(path: Path, language: str) -> dict[str, Filled]:
    found: dict[str, Filled] = {}
    for number, line in enumerate(_read(path, language).splitlines(), 1):
        name, _, phrase = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if name not in PHRASES or name in found or not phrase.strip():
            known = f"is there twice, or one of {', '.join(PHRASES)} was meant, with a text behind the colon"
            raise ConfigError(f'{path}, line {number}: "{name[:40]}" {known}')
        found[name] = template(path, phrase.strip(), set(FACTS), number)
    for name in PHRASES:
        if name not in found:
            raise ConfigError(f'{path}: the language "{language}" needs a line "{name}: …"')
    return found


def _read(path: Path, language: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise ConfigError(f'{path} is missing: the language "{language}" needs the text "{path.stem}"') from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start})") from None


def _try(replies: Replies, name: str, language: str, path: Path) -> None:
    """Render a text in every way it can be asked for; raises `ConfigError` where one of them fails."""
    try:
        for facts in variants():
            _, text = replies.render(name, language, **facts)
            if not text.strip():
                raise ConfigError(f"{path}: nothing is left of the text when {checking.told(facts)}")
    except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
        raise ConfigError(f"{path}, line {checking.line_of(error)}: {error}") from None
