"""The pages: templates, and the words on them in the reader's language."""

import gettext
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel import Locale, negotiate_locale
from babel.core import UnknownLocaleError
from babel.dates import format_datetime, format_timedelta
from babel.messages import Catalog, mofile, pofile
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from triage.errors import TriageError, Word
from triage.rules.doubts import doubts
from triage.store import Tx
from triage.web.access import Caller, caller_of
from triage.web.front import front_of
from triage.web.sayings import sayings_of

WEB = Path(__file__).parent.parent
CATALOGUES = WEB / "locale"
"""One file for each language beside English: `zh_Hans.po`; a new one is found by itself."""


@cache
def languages() -> tuple[str, ...]:
    """Return the languages of the page as Babel writes them, English first."""
    return ("en", *sorted(path.stem for path in CATALOGUES.glob("*.po")))


def render(request: Request, name: str, status: int = 200, caller: Caller | None = None, **values: Any) -> HTMLResponse:
    """Return a page, or a part of one, in the reader's language."""
    caller = caller or caller_of(request, front_of(request))
    language = _language(request, caller)
    text = (
        _environment(language)
        .get_template(name)
        .render(
            request=request,
            caller=caller,
            language=language.replace("_", "-"),
            now=front_of(request).clock(),
            single_sign_on=front_of(request).issuer is not None,
            path=lambda route, **of: _path(request, route, of),
            **values,
        )
    )
    return HTMLResponse(text, status)


def tell(request: Request, caller: Caller | None, error: TriageError) -> str:
    """Return what an error says, in the reader's language; English where no catalogue has it."""
    words = _translations(_language(request, caller))
    if not error.text:
        return str(error)
    values = {key: words.gettext(one) if isinstance(one, Word) else one for key, one in error.values.items()}
    text = words.gettext(error.text)
    return text % values if values else text


def refusal(request: Request, caller: Caller, work: Callable[[Tx], object]) -> str:
    """Do some work in a transaction; return why it cannot be done, in the reader's language, or "" once it is done."""
    try:
        front_of(request).store.run(work)
    except TriageError as refused:
        return tell(request, caller, refused)
    return ""


def _path(request: Request, route: str, of: dict[str, Any]) -> str:
    """Return the path of a route; looked up once for each route, for a list has hundreds."""
    known: dict[tuple[object, ...], str] = request.app.state.paths
    key = (request.scope.get("root_path", ""), route, *of)
    if key not in known:
        known[key] = request.url_for(route, **{name: f"--{name}--" for name in of}).path
    path = known[key]
    for name, value in of.items():
        path = path.replace(f"--{name}--", quote(str(value), safe=""))
    return path


def _language(request: Request, caller: Caller | None) -> str:
    """Return what the reader chose, else what her browser asks for, else English."""
    chosen = caller.user.language if caller else ""
    asked = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    wanted = [_known(tag) for tag in (chosen, *asked[:10])]
    return negotiate_locale([tag for tag in wanted if tag], languages()) or "en"


def _known(tag: str) -> str:
    """Return a language tag as our catalogues are named: "zh-CN" is written in the simplified script."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return ""
    name = f"{locale.language}_{locale.script}" if locale.script else locale.language
    return name if name in languages() else {"zh": "zh_Hans"}.get(locale.language, locale.language)


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters["doubts"] = doubts
    say = sayings_of(_catalogue(language)).say
    made.filters["told"] = say
    # The words that decided are the customer's own.
    made.filters["because"] = lambda reason: reason.text if reason.code == "word" else say(reason.text)
    made.filters["moment"] = lambda at: _moment(at, language)
    made.filters["span"] = lambda span: _span(_minutes(span), 1.2, language)
    made.filters["stamp"] = lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()
    made.filters["since"] = lambda seconds: _since(seconds, language)
    made.filters["signed"] = lambda span: ("+" if span > 0 else "−") + _span(_minutes(abs(span)), 2, language)
    return made


def _minutes(span: float | timedelta) -> int:
    """Return a span in seconds, cut to whole minutes: no shorter ones are shown."""
    return int(span.total_seconds() if isinstance(span, timedelta) else span) // 60 * 60


# Babel takes a tenth of a millisecond for each, and a list is nearly the same from one second to the next.
@lru_cache(maxsize=20_000)
def _span(seconds: int, threshold: float, language: str) -> str:
    if seconds >= 30 * 86400:  # its narrow "12m" would be months here and minutes elsewhere
        return format_timedelta(seconds, granularity="day", threshold=seconds, format="narrow", locale=language)
    return format_timedelta(seconds, granularity="minute", threshold=threshold, format="narrow", locale=language)


@lru_cache(maxsize=20_000)
def _since(seconds: int, language: str) -> str:
    return _moment(datetime.fromtimestamp(seconds, UTC), language)


def _moment(at: datetime, language: str) -> str:
    """Return a time with its zone: the server does not know its reader's, the script of the page does."""
    return f"{format_datetime(at.astimezone(UTC), 'short', locale=language)} UTC"


@cache
def _translations(language: str) -> gettext.NullTranslations:
    """Return the words of a language; the catalogue is read as it is written, there is no compiled one."""
    compiled = BytesIO()
    mofile.write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _catalogue(language: str) -> Catalog:
    """Return a language's catalogue; an empty one for English."""
    path = CATALOGUES / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language)
