"""OAuth 2 tokens on disk. X gives each refresh token once: the next one is stored before anything is done with it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.credentials import keep

EARLY = 120
"""Seconds before its end at which an access token is renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What X gave us last.

    Attributes:
        seed: SHA-256 of the refresh token in the configuration that this line of tokens began with.
        refresh_token: Good for one renewal.
        access_token: Good until `expires_at`; empty at the very start.
        expires_at: Seconds since 1970.
    """

    seed: str
    refresh_token: str
    access_token: str = ""
    expires_at: float = 0.0

    def good_at(self, now: datetime) -> bool:
        """Return whether the access token can be used."""
        return bool(self.access_token) and now.timestamp() < self.expires_at - EARLY

    def renewed(self, answer: dict[str, Any], now: datetime) -> "Tokens":
        """Return the tokens of X's answer; raises `ValueError` when there are none in it."""
        access, refresh = answer.get("access_token"), answer.get("refresh_token", self.refresh_token)
        seconds = answer.get("expires_in", 7200)
        if not (isinstance(access, str) and access and isinstance(refresh, str) and isinstance(seconds, int | float)):
            raise ValueError("the answer holds no tokens")
        return Tokens(
            seed=self.seed, refresh_token=refresh, access_token=access, expires_at=now.timestamp() + float(seconds)
        )


def load(path: Path, first: str) -> Tokens:
    """Return the stored tokens, or the line that begins with the refresh token `first`.

    A new `first` in the configuration means that a person authorised us again: what is stored is void.
    Raises `OSError` when the file is there and cannot be read.
    """
    seed = hashlib.sha256(first.encode()).hexdigest()
    try:
        stored = Tokens(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return Tokens(seed=seed, refresh_token=first)
    return stored if stored.seed == seed else Tokens(seed=seed, refresh_token=first)


def store(path: Path, tokens: Tokens) -> None:
    """Put the tokens on the disk; raises `OSError`."""
    keep(path, json.dumps(asdict(tokens)))
