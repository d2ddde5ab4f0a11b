"""Whether our own mail server vouches for the sender of a mail (RFC 8601)."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triage.message import Message

_LONGEST = 4_000  # characters of one header that are read
_SINGLE = ("from", "sender", "subject", "date", "reply-to", "message-id")  # RFC 5322, section 3.6: at most one each
# Comments, signatures, local parts, and what is no property of RFC 8601: authres reads letter by letter.
_UNREAD = re.compile(r"(?<==)[^\s;()=@<>]+(?=@)|\([^()]*\)|\sheader\.[abs]=[^\s;()]+|\saction=\w+|;\s?compauth=[^;()]*")
_HEADER = "authentication-results"


def authentic(message: Message, trusted: Sequence[str]) -> bool | None:
    """Return whether the topmost Authentication-Results of a `trusted` server confirms the sender.

    True for DMARC pass, or SPF or DKIM pass for the domain in From; False for DMARC fail, SPF fail, or a header
    twice that may be there once (another reader may see another sender than we do); None when nobody can tell,
    as for every channel but mail. Any other server's word is ignored: the sender may have written it. Where no trusted
    server speaks, a DKIM signature that our connector checked confirms the sender.
    """
    if message.kind != "email":
        return None
    names = [name.lower() for name, _ in message.headers]
    if any(names.count(name) > 1 for name in _SINGLE):
        return False
    domain = message.sender.value.rpartition("@")[2].lower()
    servers = {server.lower() for server in trusted}
    for name, value in message.headers if servers and domain else ():
        if name.lower() == _HEADER and _server(value) in servers:
            return _judge(_results(value), domain)
    return True if any(_speaks_for(signer, domain) for signer in message.signed_by) else None


def _server(value: str) -> str:
    """Return the name of the server that speaks: the first word (RFC 8601, section 2.2)."""
    first = value.split(";", 1)[0].split()
    return first[0].lower() if first else ""


@dataclass(frozen=True, slots=True)
class _Result:
    """One method's result ("dkim", "pass") and the domains it speaks of."""

    method: str
    result: str
    domains: tuple[str, ...]


def _results(value: str) -> tuple[_Result, ...]:
    value = value[:_LONGEST]
    return _parsed(value if any(char in value for char in '"\\') else _UNREAD.sub("", value))


@lru_cache(maxsize=1024)
def _parsed(value: str) -> tuple[_Result, ...]:
    """Return authres' results, or none if the header is too strange for it. The same for all mail of one domain."""
    import authres  # only mail desks need it

    with suppress(Exception):  # RecursionError, UnsupportedVersionError, SyntaxError: then nobody vouches
        return tuple(_result(found) for found in authres.all_features().parse_value(value).results)
    return ()


def _result(found: Any) -> _Result:
    method = found.method.lower()
    wanted = {"dmarc": ("from",), "dkim": ("d", "i"), "spf": ("mailfrom",)}.get(method, ())
    named = (str(p.value).strip('"<>') for p in found.properties if p.name.lower() in wanted)
    domains = tuple(name.rpartition("@")[2].lower() for name in named)
    return _Result(method, (found.result or "").lower(), domains)


def _judge(results: Sequence[_Result], domain: str) -> bool | None:
    said = {(r.method, r.result) for r in results if _is_aligned(r, domain)}
    if ("dmarc", "pass") in said:
        return True
    if any((r.method, r.result) == ("dmarc", "fail") for r in results):
        return False  # whomever it names: DMARC is about From by definition
    if ("dkim", "pass") in said or ("spf", "pass") in said:
        return True
    return False if ("spf", "fail") in said else None


def _is_aligned(result: _Result, domain: str) -> bool:
    """Tell whether a result speaks of the domain in From, of one above it, or of one below it."""
    if result.method == "dmarc" and not result.domains:
        return True  # some servers leave out whom they speak of
    return any(_speaks_for(name, domain) or _above(domain, name) for name in result.domains)


def _speaks_for(name: str, domain: str) -> bool:
    """Tell whether a domain is the one in From, or above it."""
    return name == domain or _above(name, domain)


def _above(name: str, domain: str) -> bool:
    return "." in name and domain.endswith(f".{name}")
