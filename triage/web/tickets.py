"""What a browser carries for us between two steps of signing in, closed with the desk's key, for some minutes.

Nothing is stored for somebody who is nobody yet, and nobody can make, read or change one.
"""

import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

LIFETIME = timedelta(minutes=5)
LONGEST = 4_000


def give(keys: Sequence[bytes], purpose: str, values: Mapping[str, str], now: datetime) -> str:
    """Return a ticket that `take` opens for the same purpose until `LIFETIME` is over."""
    said = json.dumps({"until": (now + LIFETIME).timestamp(), "values": dict(values)}).encode()
    return urlsafe_b64encode(bytes(_box(keys[0], purpose).encrypt(said))).decode()


def take(keys: Sequence[bytes], purpose: str, ticket: str, now: datetime) -> dict[str, str] | None:
    """Return what a ticket carries, None for one that is over, for another purpose, or not ours."""
    for key in keys:
        with suppress(CryptoError, ValueError):
            closed = b64decode(ticket[: LONGEST + 1], altchars=b"-_", validate=True)
            said = json.loads(_box(key, purpose).decrypt(closed))
            return dict(said["values"]) if said["until"] > now.timestamp() else None
    return None


def _box(key: bytes, purpose: str) -> SecretBox:
    return SecretBox(hashlib.blake2b(key, digest_size=SecretBox.KEY_SIZE, person=purpose.encode()).digest())
