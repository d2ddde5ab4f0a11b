"""Which network addresses are the internet's, and which lead into somebody's own network."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""IPv6 addresses that carry an IPv4 address in their last 32 bits: NAT64 (RFC 6052), and an older form of the same."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the internet, and so is each address that it may stand for.

    `::ffff:10.0.0.1`, `64:ff9b::7f00:1` and `2002:7f00:1::` are ways to write 10.0.0.1 and 127.0.0.1.
    """
    try:
        given = ip_address(address)
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in _meant(given))


def _meant(given: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """Yield the addresses that packets to `given` may be delivered to."""
    if isinstance(given, IPv4Address):
        yield given
        return
    inside = [given.ipv4_mapped, given.sixtofour, *(given.teredo or ())]
    if any(given in network for network in _TRANSLATED):
        inside.append(IPv4Address(int(given) & 0xFFFFFFFF))
    found = [one for one in inside if one is not None]
    yield from found
    if given.ipv4_mapped is None:
        yield given
