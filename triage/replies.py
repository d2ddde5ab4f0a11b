"""The canned texts: read once from a folder, complete in every language, rendered in a sandbox.

A text is a file `LANG/NAME.txt`. Its first line may be `Subject: …`. It gets facts of ours only; no word of
the customer ever enters it.
"""

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import jinja2
from babel.dates import format_timedelta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triage.errors import ConfigError

NAMES = ("acknowledgement", "secret", "still-in-line", "public", "start", "status", "status-unknown")
FALLBACK = "en"
_FACTS: dict[str, Any] = {"desk": "Desk", "number": "T1-00000000", "wait": "1 hour", "state": "open"}


class Replies:
    """The texts of one folder.

    Attributes:
        languages: The languages that have every text.
    """

    def __init__(self, texts: dict[tuple[str, str], tuple[str, jinja2.Template]]) -> None:
        """Take (language, name) to (subject source, template); use `load`."""
        self._texts = texts
        self.languages = tuple(sorted({language for language, _ in texts}))

    def language_for(self, language: str) -> str:
        """Return the language a reply is written in: the customer's if we have it, else English.

        The other Chinese script is nearer to a Chinese reader than English is.
        """
        other = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}.get(language, FALLBACK)
        return next((x for x in (language, other) if x in self.languages), FALLBACK)

    def render(self, name: str, language: str, **facts: str) -> tuple[str, str]:
        """Return (subject, text) of one reply; `language` must be one of `languages`."""
        subject, template = self._texts[language, name]
        for fact, value in facts.items():
            subject = subject.replace("{{ " + fact + " }}", value)
        return subject, template.render(facts).strip() + "\n"


def load(folder: Path, languages: tuple[str, ...] = ()) -> Replies:
    """Return the texts under `folder`.

    Raises `ConfigError` with one line that names the first text that is missing, broken, or uses an unknown
    fact: an incomplete set is found at the start, never when a customer waits.
    """
    environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
    found = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
    wanted = {*languages, FALLBACK} if languages else found | {FALLBACK}
    replies = Replies(
        {(lang, name): _text(environment, folder, lang, name) for lang in sorted(wanted) for name in NAMES}
    )
    for lang in replies.languages:
        for name in NAMES:
            try:
                replies.render(name, lang, **_FACTS)
            except jinja2.TemplateError as error:
                raise ConfigError(f"{folder / lang / name}.txt: {error}") from None
    return replies


def _text(environment: jinja2.Environment, folder: Path, language: str, name: str) -> tuple[str, jinja2.Template]:
    path = folder / language / f"{name}.txt"
    try:
        source = path.read_text(encoding="utf-8")
        first, _, rest = source.partition("\n")
        if first.startswith("Subject: "):
            return first.removeprefix("Subject: ").strip(), environment.from_string(rest)
        return "", environment.from_string(source)
    except OSError:
        raise ConfigError(f'{path} is missing: the language "{language}" needs the text "{name}"') from None
    except (jinja2.TemplateError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


@lru_cache(maxsize=1024)
def waiting_time(seconds: int, language: str) -> str:
    """Return a span of time in the customer's words ("24 hours", "24小时"), rounded up to whole units."""
    locale = language.replace("-", "_")
    if seconds < 2 * 3600:
        return _spoken(timedelta(minutes=-(-seconds // 60)), "minute", locale)
    if seconds <= 72 * 3600:
        return _spoken(timedelta(hours=-(-seconds // 3600)), "hour", locale)
    return _spoken(timedelta(days=-(-seconds // 86400)), "day", locale)


def _spoken(span: timedelta, unit: Literal["minute", "hour", "day"], locale: str) -> str:
    # The threshold keeps the unit: people who wait prefer "24 hours" to "1 day".
    return format_timedelta(span, granularity=unit, threshold=1e9, locale=locale)
