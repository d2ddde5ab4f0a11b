"""One log line: a name that never changes, then keys. Never the text of a message, never an address, never a secret.

Lines go to standard error: coloured on a terminal, else one JSON object each, as journald and others read them.
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
import stat
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any, Final, TextIO

import structlog

from triage.errors import TriageError

EVENTS: Final[dict[str, str]] = {
    "channel.down": "A channel does not answer; it is tried again after `wait` seconds.",
    "channel.refused": "A channel refuses us (password, token); a person must act. It is tried again slowly.",
    "channel.up": "A channel works, for the first time or again.",
    "crash": "Something that must not happen did; the process ends and the service manager starts it again.",
    "daemon.ready": "Every task runs.",
    "daemon.reload-refused": "The configuration was read again and is not usable; the old one stays in force.",
    "daemon.reloaded": "The configuration was read again and is in force.",
    "daemon.stopped": "Every task has ended.",
    "daemon.stopping": "The process was asked to end; what is under way is finished first.",
    "daemon.stuck": "A task made no progress within its limit; the watchdog is not fed.",
    "daemon.unclean": "The leases could not be given back; another machine can take them half a minute later.",
    "disk.low": "The disk of the store is nearly full, `free_mb` are left: pulling pauses, nothing is lost.",
    "disk.ok": "There is room on the store's disk again; pulling goes on.",
    "incident.proposed": "Many more cases than usual have something in common; `triage incident list` shows it.",
    "incident.told": "Customers of incidents were told the last news; `count` cases were looked at.",
    "library": "A library warns; `said` is its own text, addresses and tokens masked.",
    "message.batch-failed": "A batch of messages could not be handled as a whole; each is tried alone.",
    "message.failed": "A message could not be handled; it is tried again, at most three times.",
    "message.quarantined": "A message was put aside with its reason; `triage quarantine list` shows it.",
    "message.received": "Items were stored: `new` for the first time, `known` again, `unreadable` in the quarantine.",
    "message.worked": "Messages were judged, matched and placed.",
    "model.loaded": "A model judges from now on.",
    "model.unusable": "A model's files cannot be used; the last good one stays, or the rules alone judge.",
    "promise.broken": "A customer waits for longer than she was told: her case rose; `told`: she was told so.",
    "reply.found": "A reply of unknown fate was found at the far side: it had gone out.",
    "reply.not-found": "The far side does not have a reply of unknown fate; it is sent once more.",
    "reply.not-yet": "The far side cannot tell yet whether a reply went out; it is asked again after `wait` seconds.",
    "reply.refused": "The far side refuses a reply for good.",
    "reply.sent": "A reply went out.",
    "reply.unknown": "A reply may or may not have gone out; it is counted and not repeated.",
    "store.down": "The store does not answer or its disk is full; the task waits `wait` seconds and tries again.",
    "store.up": "The store works again.",
    "study.broken": "A process that reads and judges died or was stuck; a new one takes its place, nothing is lost.",
    "study.unavailable": "No process beside the daemon's own can be begun; it reads and judges by itself.",
    "web.code-refused": "Somebody knew a password and gave a wrong code of the second factor.",
    "webhook.down": "A webhook's receiver takes nothing; it is tried again after `wait` seconds, nothing is lost.",
    "webhook.gave-up": "A webhook's receiver refused one event for three days; it is not told of it.",
    "webhook.off": "A webhook was switched off: its receiver is gone or failed for days. `triage webhook enable NAME`.",
    "webhook.up": "A webhook's receiver takes events again.",
    "web.csp-violation": "A browser was kept from running or loading what is not ours, on `page`, by the rule `rule`.",
    "web.single-sign-on-refused": "Somebody was not let in by single sign-on; `why` says what was wrong.",
    "web.sign-in-refused": "Somebody tried to sign in to the desk with a wrong name or password.",
}
"""Every event there is, and what it tells; other names are a mistake that a test finds."""

PERSONAL: Final = frozenset({"address", "sender"})
FORBIDDEN: Final = frozenset({"text", "html", "subject", "body", "new_text", "password", "token", "secret"})
CHATTY: Final = (
    "httpx",
    "httpx2",
    "httpcore2",
    "httpcore",
    "tweepy",
    "telegram",
    "oauthlib",
    "requests_oauthlib",
    "aiosmtplib",
    "aioimaplib",
    "asyncio",
    "alembic",
    "sqlalchemy",
)
"""Below WARNING these write tokens, addresses or whole requests."""

_MASKS: Final = (
    (re.compile(r"bot\d{3,}:[\w-]{10,}"), "bot[token]"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer [token]"),
    (re.compile(r"[^\s<>@,;:]{1,64}@[\w.-]{1,255}"), "[address]"),
    (re.compile(r"://[^\s/@]{1,200}@"), "://[login]@"),
)
_LONGEST_SAID = 300
_salt = secrets.token_bytes(16)

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("triage")


def info(event: str, **keys: Any) -> None:
    """Write a line about something that went as it should."""
    _logger.info(event, **keys)


def warning(event: str, **keys: Any) -> None:
    """Write a line about something that an operator may want to look at."""
    _logger.warning(event, **keys)


def error(event: str, **keys: Any) -> None:
    """Write a line about something that a person must look at."""
    _logger.error(event, **keys)


def exception(event: str, **keys: Any) -> None:
    """Write a line with the frames of the exception that is being handled."""
    _logger.exception(event, **keys)  # noqa: LOG004 - the caller is the handler


def crashed(task: str, cause: BaseException) -> None:
    """Write down that a task died, with the frames of what it died of."""
    _logger.error("crash", task=task, exc_info=cause)


def configure(
    *, stream: TextIO | None = None, pretty: bool | None = None, level: str = "INFO", salt: bytes | None = None
) -> None:
    """Set logging up for the whole process.

    Args:
        stream: Where lines go; default: standard error.
        pretty: Coloured lines for people; default: if `stream` is a terminal.
        level: The least important level that is written.
        salt: Keys the hashes that stand for addresses, so that they stay the same from start to start.
    """
    global _salt  # noqa: PLW0603 - logging is the one thing a process has one of
    _salt = salt or _salt
    stream = stream or sys.stderr
    pretty = stream.isatty() if pretty is None else pretty
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *_shared()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(pretty)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    _never_wait_for(stream)
    # A closed standard error must not end the daemon, and a handler's complaint about it has nowhere to go.
    logging.raiseExceptions = False


def protect(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return the line with addresses hashed and without what must never be logged."""
    for key in event:
        if key in PERSONAL:
            event[key] = _pseudonym(str(event[key]))
        elif key in FORBIDDEN:
            event[key] = "[not logged]"
    return event


def mask(said: str) -> str:
    """Return a library's own words in one line, without addresses, logins and tokens."""
    said = " ".join(said.split())
    for pattern, stand_in in _MASKS:
        said = pattern.sub(stand_in, said)
    return said[:_LONGEST_SAID]


def _never_wait_for(stream: TextIO) -> None:
    """Let a line be lost rather than stop the daemon when nobody reads the pipe it is written to."""
    try:
        number = stream.fileno()
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            os.set_blocking(number, False)
    except (OSError, ValueError):
        return


def _pseudonym(value: str) -> str:
    return hmac.new(_salt, value.encode(errors="replace"), hashlib.sha256).hexdigest()[:12]


def _foreign(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event.get("_record")
    event["said"] = mask(str(event.get("event", "")))
    event["library"] = record.name if isinstance(record, logging.LogRecord) else ""
    event["event"] = "library"
    return event


def _shared() -> list[Any]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        protect,
    ]


def _rendering(pretty: bool) -> list[Any]:
    if pretty:
        return [_frames, structlog.dev.ConsoleRenderer()]
    return [_frames, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]


def _frames(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by where it arose.

    Its own words are left out unless they are ours or the system's: a `UnicodeDecodeError` or a `KeyError` quotes
    what somebody wrote, and so would the values of local variables.
    """
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else sys.exc_info()[1] if found is True else found
    if isinstance(error, BaseException):
        event["exception"] = "".join(_lines(error))
    return event


def _lines(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "then\n"
    yield from traceback.format_tb(error.__traceback__)
    said = f": {mask(str(error))}" if isinstance(error, (TriageError, OSError, ImportError)) else ""
    yield f"{type(error).__name__}{said}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _lines(one)
