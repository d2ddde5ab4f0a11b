"""Mail addresses as servers write them. Pure."""

import idna


def wire(address: str) -> str:
    """Return a mail address with its domain in ASCII, as servers write it; raises `ValueError` when that cannot be."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except (idna.IDNAError, UnicodeError):
        raise ValueError("the domain of its address is none") from None
