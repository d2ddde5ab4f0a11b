"""Whose DKIM signature a mail carries (RFC 6376), checked by ourselves, for accounts whose server writes no verdict.

SPF cannot be checked here: the address that connected stands only in a Received line of that same server. Keys are
asked for under one deadline; whose name server does not answer is not vouched for, and is left alone a while.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from email.utils import parseaddr

DEADLINE = 5.0
"""Seconds for all the keys of one group of mails."""

REST = 60.0
"""Seconds that a name which was not answered is left alone."""

HURRY = 1.0
"""Seconds for all the keys in the time after that: a zone that never answers must not slow everybody's mail."""

KEPT = 3600.0
"""Seconds that a key is remembered, or that there is none."""

_MOST_KEYS = 2000
_MOST_SIGNATURES = 5  # of one mail; big senders set two
_HEADERS = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LONGEST = 65_536  # bytes of headers that are read
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,200}[a-z0-9])?")

LookUp = Callable[[str], Awaitable[bytes | None]]
"""Returns the TXT record under a name, or None where there is none; raises `TimeoutError` or `OSError`."""


class Signatures:
    """Checks the signatures of one account's mail."""

    def __init__(self, look_up: LookUp | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Ask the system's name server, or `look_up`."""
        self._look_up = look_up or _from_dns
        self._monotonic = monotonic
        self._keys: dict[str, tuple[float, bytes | None]] = {}
        self._hurry_until = float("-inf")

    async def signers(self, mails: Mapping[int, bytes]) -> dict[int, tuple[str, ...]]:
        """Return, of each mail, the domains in From that signed the whole of it; of most mails none. Never raises."""
        wanted = {uid: found for uid, raw in mails.items() if (found := _signed_for_sender(raw))}
        await self._fetch({name for found in wanted.values() for name, _, _ in found})
        keys = {name: record for name, (_, record) in self._keys.items() if record is not None}
        return await asyncio.to_thread(_verified, mails, wanted, keys) if keys else {}

    async def _fetch(self, names: Iterable[str]) -> None:
        now = self._monotonic()
        missing = [name for name in names if name not in self._keys or now - self._keys[name][0] > KEPT]
        if not missing:
            return
        if len(self._keys) > _MOST_KEYS:
            self._keys.clear()
        asked = {name: asyncio.ensure_future(self._look_up(name)) for name in missing}
        try:
            await asyncio.wait(asked.values(), timeout=HURRY if now < self._hurry_until else DEADLINE)
        finally:
            for one in asked.values():
                one.cancel()
        for name, one in asked.items():
            if one.done() and not one.cancelled() and one.exception() is None:
                self._keys[name] = now, one.result()
            else:
                self._keys[name] = now - KEPT + REST, None
                self._hurry_until = now + REST


def _signed_for_sender(raw: bytes) -> list[tuple[str, int, str]]:
    """Return (name of the key, which signature, domain) of those signatures that speak for the domain in From."""
    block = _FOLD.sub(b" ", _HEADERS.split(raw[:_LONGEST], maxsplit=1)[0]).decode("latin-1")
    lines = [line.partition(":") for line in block.splitlines()]
    froms = [value for name, _, value in lines if name.strip().lower() == "from"]
    sender = parseaddr(froms[0])[1].rpartition("@")[2].lower() if len(froms) == 1 else ""
    found = []
    signatures = (value for name, _, value in lines if name.strip().lower() == "dkim-signature")
    for at, value in enumerate(list(signatures)[:_MOST_SIGNATURES]):
        tags = {k.strip(): v.strip() for k, _, v in (tag.partition("=") for tag in value.split(";"))}
        domain, selector = tags.get("d", "").lower(), tags.get("s", "").lower()
        aligned = sender and (domain == sender or ("." in domain and sender.endswith(f".{domain}")))
        # "l=" leaves the end of a body open for anybody's words.
        if aligned and "l" not in tags and _NAME.fullmatch(domain) and _NAME.fullmatch(selector):
            found.append((f"{selector}._domainkey.{domain}.", at, domain))
    return found


def _verified(
    mails: Mapping[int, bytes], wanted: Mapping[int, list[tuple[str, int, str]]], keys: Mapping[str, bytes]
) -> dict[int, tuple[str, ...]]:
    import dkim  # only accounts that check need it

    def known(name: bytes, timeout: int = 0) -> bytes | None:  # noqa: ARG001 - as the library asks
        return keys.get(name.decode("latin-1").lower())

    found = {}
    for uid, signatures in wanted.items():
        true = []
        for name, at, domain in signatures:
            with suppress(Exception):  # whatever a hostile signature makes the library raise: nobody vouches then
                if name in keys and dkim.DKIM(mails[uid]).verify(idx=at, dnsfunc=known):
                    true.append(domain)
        if true:
            found[uid] = tuple(dict.fromkeys(true))
    return found


async def _from_dns(name: str) -> bytes | None:
    import dns.asyncresolver
    import dns.exception
    import dns.resolver

    try:
        answer = await dns.asyncresolver.resolve(name, "TXT", lifetime=DEADLINE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except dns.exception.DNSException as error:
        raise TimeoutError(str(error)) from None
    return b"".join(next(iter(answer)).strings)
