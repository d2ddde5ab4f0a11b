"""What an agent should know of a sender before she believes him."""

import re
from contextlib import suppress

import idna

_ADDRESS = re.compile(r"[^\s<>()@\"',;:]{1,64}@[^\s<>()@\"',;:]{1,253}\.[^\s<>()@\"',;:]{2,63}")


def doubts(sender: str, name: str) -> tuple[str, ...]:
    """Return one clause for each doubt about a sender, given as `Address.key` and the name he gives himself."""
    kind, _, value = sender.partition(":")
    if kind != "email":
        return ()
    domain = value.rpartition("@")[2]
    found = []
    if "xn--" in domain or not domain.isascii():
        found.append(
            f"the domain {domain} is written with other letters ({_as_read(domain)}): it may imitate another one"
        )
    claimed = _ADDRESS.search(name.lower())
    if claimed and claimed[0] != value.lower():
        found.append(f"calls itself {claimed[0]} and writes from {value or 'no address'}")
    if not value:
        found.append("there is no usable sender address")
    return tuple(found)


def _as_read(domain: str) -> str:
    with suppress(idna.IDNAError, UnicodeError):
        return idna.decode(domain)
    return domain
