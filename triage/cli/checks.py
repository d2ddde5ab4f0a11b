"""`triage check`: every part of a configuration tried, each with one line that says what was found or what to do."""

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass

from triage.connectors import Connector
from triage.errors import ConfigError, ModelUnusable, TriageError
from triage.settings import Settings

LONGEST_TRY, LONGEST_LEAVE = 30.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one try.

    Attributes:
        what: What was tried: "store", "channel support-mail".
        found: One line: what was found, or what is wrong and what to do.
        is_config: The configuration is what is wrong.
    """

    what: str
    ok: bool
    found: str
    is_config: bool = False


async def check_all(settings: Settings) -> list[Finding]:
    """Return one finding for each part, accounts last; all accounts are tried at the same time."""
    parts: list[tuple[str, Callable[[Settings], str]]] = [
        ("key", _key),
        ("replies", _replies),
        ("model", _model),
        ("store", _store),
    ]
    findings = [await asyncio.to_thread(_try, what, part, settings) for what, part in parts]
    findings += await asyncio.gather(*(_account(name, settings) for name in settings.channels))
    if not settings.channels:
        findings.append(Finding(what="channels", ok=True, found="none is configured yet: nothing will come in"))
    return findings


def _try(what: str, part: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what=what, ok=True, found=part(settings))
    except TriageError as error:
        return Finding(what=what, ok=False, found=_line(error), is_config=isinstance(error, ConfigError))


async def _account(name: str, settings: Settings) -> Finding:
    what = f"channel {name}"
    connector: Connector | None = None
    try:
        connector = settings.connector(name)
        async with asyncio.timeout(LONGEST_TRY):
            found = await connector.check()
    except TimeoutError:
        return Finding(what=what, ok=False, found=f"no answer in {LONGEST_TRY:.0f} s: is the address right?")
    except TriageError as error:
        return Finding(what=what, ok=False, found=_line(error), is_config=isinstance(error, ConfigError))
    else:
        return Finding(what=what, ok=True, found=found)
    finally:
        if connector is not None:
            await _leave(connector)


async def _leave(connector: Connector) -> None:
    """Close it, but do not wait for a far side that keeps silent: what was found is said in any case."""
    with suppress(TimeoutError, TriageError):
        async with asyncio.timeout(LONGEST_LEAVE):
            await connector.close()


def _line(error: TriageError) -> str:
    return " ".join(str(error).split())


def _key(settings: Settings) -> str:
    if len(settings.desk.key.read()) < 16:
        raise ConfigError("[desk] key: it is too short to be secret; `triage init` makes a good one")
    return "the key of the case numbers can be read"


def _replies(settings: Settings) -> str:
    from triage import replies

    found = replies.load(settings.replies.folder, settings.desk.languages)
    return f"every text in {', '.join(found.languages)}"


def _model(settings: Settings) -> str:
    from triage.classifier import predict

    try:
        judge, why_not = predict.best(settings.models.folder, settings.classifier.profile)
    except ModelUnusable as error:
        raise ModelUnusable(f"{error}; until it is repaired the rules alone judge") from None
    if why_not:
        raise ModelUnusable(why_not)
    return f"{judge.version} in {settings.models.folder}, {settings.classifier.profile} profile"


def _store(settings: Settings) -> str:
    from triage.store import cases

    with closing(settings.open_store()) as store, store.read() as tx:
        totals = cases.totals(tx)
    return f"{store.dialect}, {totals.get('messages', 0)} messages, {totals.get('open', 0)} cases open"
