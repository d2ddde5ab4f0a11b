"""What we still need to know: by topic, minus what the message holds already.

A customer who is asked for what she wrote a minute ago thinks that nobody reads her; one who is asked for nothing
waits a day for the question.
"""

import re
from collections.abc import Callable, Iterable

from triage.case import Reading
from triage.message import Message

ASKED = (
    "transaction", "address", "coin", "network", "amount", "time", "order", "version", "screenshot", "email",
)  # fmt: skip
"""Everything we ever ask for, in the order in which it is asked; each has a phrase in every language."""

MOST = 4
"""Longer lists are not answered."""

_TRANSFER = ("transaction", "coin", "network", "amount", "time")
NEEDED: dict[str, tuple[str, ...]] = {
    # security: what moved and when; never anything that proves who owns a wallet
    "theft": ("transaction", "address", "time"),
    "unknown-approval": ("transaction", "address", "network"),
    "suspicious-login": ("time", "email"),
    "impostor": ("screenshot", "time"),
    "malware": ("time", "version"),
    "lost-device": ("email", "time"),
    # transaction
    "pending": _TRANSFER,
    "failed": (*_TRANSFER, "screenshot"),
    "not-arrived": _TRANSFER,
    "wrong-address": ("transaction", "address", "coin", "network"),
    "cannot-withdraw": ("coin", "amount", "version", "screenshot"),
    "balance-wrong": ("address", "coin", "amount", "screenshot"),
    "fees": ("transaction", "coin", "network"),
    "order-error": ("order", "time", "screenshot"),
    "app-fault": ("version", "screenshot", "time"),
    "refund": ("transaction", "order", "amount", "time"),
    # account
    "login": ("email", "version", "screenshot"),
    "password": ("email", "time"),
    "code-not-received": ("email", "time"),
    "locked": ("email", "time", "screenshot"),
    "verification": ("email", "screenshot"),
    "two-factor": ("email", "version"),
    "change-contact": ("email",),
    "restore": ("version", "screenshot"),
    "create": ("version", "screenshot"),
    "close": ("email",),
    # feedback
    "usability": ("version", "screenshot"),
}
"""Topic to what its handling needs, most useful first. Topics that are not here need nothing but the story."""

STOLEN = frozenset({"theft", "unknown-approval", "malware"})
"""Topics in which money may be leaving at this moment: what helps then is said at once."""

# A transaction id tells coin, network, amount and time to whoever looks it up; an order number likewise.
_TOLD_BY = {
    "transaction": {"coin", "network", "amount", "time", "address"},
    "order": {"amount", "time", "transaction"},
    "amount": {"coin"},
}
_READ = 4_000  # characters that are looked at for a time and a version
_DIGIT = re.compile(r"\d")
_VERSION = re.compile(
    r"\b(?:v|ver|version|versi[oó]n|vers[aã]o|versi|s[uü]r[uü]m|версия|версии|phiên bản)\W{0,3}\d+(?:\.\d+)*"
    r"|版本号?\W{0,3}\d|バージョン\W{0,3}\d|버전\W{0,3}\d|إصدار\W{0,3}\d|\b(?:android|ios|windows|macos)\s?\d",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{1,2}\s?[月월]\s?\d{1,2}|\d{1,2}\s?[点點時시]"
    r"|\b\d{1,2}(?:st|nd|rd|th|\.)?\s(?:de\s)?(?:jan|ene|feb|fev|fév|mar|mär|apr|abr|avr|ma[iyj]|jun|jui|jul|aug|ago"
    r"|ao[uû]|sep|set|o[ck]t|out|nov|de[czs]|dez|dic|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s\d{1,2}\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:yesterday|today|tonight|this (?:morning|afternoon|evening)|last night|(?:hours?|days?|minutes?|weeks?) ago"
    r"|ayer|anoche|hoy|hace \w+ (?:horas?|d[ií]as?|minutos?|semanas?)|ontem|hoje|há \w+ (?:horas?|dias?)"
    r"|hier|aujourd.hui|il y a \w+ (?:heures?|jours?)|gestern|heute|vor \w+ (?:stunden?|tagen?|minuten)"
    r"|вчера|сегодня|\w+ (?:час\w*|дн\w+|минут\w*) назад|dün|bugün|önce|kemarin|tadi|yang lalu|hôm qua|hôm nay"
    r"|أمس|اليوم)\b|昨天|昨日|昨晚|今天|今日|今早|前天|小时前|小時前|天前|分钟前|分鐘前|時間前|日前"
    r"|어제|오늘|시간 전|일 전",
    re.IGNORECASE,
)


def missing(topic: str, message: Message, reading: Reading) -> tuple[str, ...]:
    """Return what to ask for, of `ASKED` and at most `MOST`, most useful first; nothing for an unknown topic."""
    needed = NEEDED.get(topic, ())
    if not needed:
        return ()
    told = _told(message, reading)
    told |= {other for fact in told for other in _TOLD_BY.get(fact, ())}
    open_ = [fact for fact in needed if fact not in told]
    return tuple(fact for fact in open_ if fact not in _SAID or not _SAID[fact](reading.text[:_READ]))[:MOST]


def _told(message: Message, reading: Reading) -> set[str]:
    """Return which facts a message holds, but for those that its text must be searched for."""
    found = reading.references
    told = {
        "transaction": found.transactions,
        "address": found.addresses,
        "coin": found.coins or found.amounts,
        "network": found.networks,
        "amount": found.amounts,
        "order": found.orders,
        "screenshot": _pictures(a.content_type for a in message.attachments),
        # Who writes by mail most often does so from the address of the account; else an agent sees it at once.
        "email": found.emails or message.kind == "email",
    }
    return {fact for fact, value in told.items() if value}


def _says_when(text: str) -> bool:
    return bool((_DIGIT.search(text) and _CLOCK.search(text)) or _WHEN.search(text))


def _says_version(text: str) -> bool:
    return bool(_DIGIT.search(text) and _VERSION.search(text))


# What is told by nothing but words; to search for them takes longer than all the rest.
_SAID: dict[str, Callable[[str], bool]] = {"time": _says_when, "version": _says_version}


def _pictures(types: Iterable[str]) -> bool:
    return any(content_type.startswith(("image/", "video/")) for content_type in types)
