"""Who wants to hear what happens, and what is told, by the Standard Webhooks specification, 1.0.0.

What it tells is what `GET /api/v1/events` tells: no word of a customer. https://www.standardwebhooks.com
"""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from triage.errors import ConfigError

_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Somebody who wants to hear what happens.

    Attributes:
        secrets: What requests are signed with; each gives one signature, the newest first.
        wanted: Types of events, `*` for any part of one ("case.*").
        private: It may be in our own network.
        ca_file: Who vouches for it; None: those whom the system believes.
    """

    name: str
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    wanted: tuple[str, ...] = ("*",)
    private: bool = False
    ca_file: Path | None = None

    def wants(self, type_: str) -> bool:
        """Return whether events of this type are sent to it."""
        return any(fnmatchcase(type_, pattern) for pattern in self.wanted)


def check_secret(secret: str) -> str:
    """Return a secret that can sign; raises `ConfigError` without the secret in it."""
    found = _SECRET.fullmatch(secret)
    try:
        size = len(b64decode(found[1], validate=True)) if found else 0
    except ValueError:
        size = 0
    if not 24 <= size <= 64:
        raise ConfigError('a secret is "whsec_" and 24 to 64 bytes in base64: `triage webhook secret` makes one')
    return secret


def new_secret(random: bytes) -> str:
    """Return 32 random bytes as a secret."""
    return f"whsec_{b64encode(random).decode()}"


def payload(type_: str, at: datetime, data: dict[str, str]) -> str:
    """Return the body of a request."""
    return json.dumps({"type": type_, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))


def check_url(url: str, *, private: bool) -> str:
    """Return an address that may be sent to; raises `ValueError` in words for a person."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise ValueError('must begin with "https://" ("http://" only with private_network = true)')
    if not parts.hostname or parts.username is not None or parts.fragment or len(url.split()) != 1:
        raise ValueError("must be an address without a login and without #")
    return url
