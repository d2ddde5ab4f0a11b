"""The Message-IDs of our own mail, by which it is known again wherever it comes back."""

import re

_OWN = re.compile(r"<triage\.[0-9a-f]{32}@([^\s<>@]{1,255})>")


def made(digest: str, domain: str) -> str:
    """Return the id of a mail from 32 hex digits."""
    return f"<triage.{digest}@{domain}>"


def domain_of(message_id: str) -> str:
    """Return the domain of an id that has our form, "" for any other. Anybody can write one: the domain tells whose."""
    found = _OWN.fullmatch(message_id)
    return found[1] if found else ""


def found_in(text: str) -> list[str]:
    """Return the ids of our form in a text, in order."""
    return [found[0] for found in _OWN.finditer(text)]
