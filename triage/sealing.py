"""Guarding what came in, and keeping the original of what was replaced where only an offline key opens it.

The box is libsodium's sealed box (X25519, XSalsa20-Poly1305): who has the public key can close one and not open it.
No I/O.
"""

from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass, replace

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from pydantic import TypeAdapter

from triage.errors import TriageError
from triage.message import Message, Unreadable
from triage.rules import raw_bytes, secrets
from triage.rules.cleaning import cleaned
from triage.rules.own_patterns import OwnPattern

MARK = b"sealed:"
"""What a sealed original in the quarantine begins with; base64 follows."""

_MESSAGE = TypeAdapter(Message)


@dataclass(frozen=True, slots=True)
class Guarding:
    """What a desk has decided about secrets.

    Attributes:
        seal_to: The public key that originals with secrets are sealed to; empty: they are not kept.
        own: What the desk's own secrets look like.
    """

    seal_to: str = ""
    own: tuple[OwnPattern, ...] = ()


PLAIN = Guarding()


class NotOpened(TriageError):
    """The box was closed for another key, or is no box. Nothing was opened."""


def guarded(message: Message, how: Guarding = PLAIN) -> tuple[Message, tuple[str, ...]]:
    """Return `message` without secrets and their kinds, its original sealed if there is a key for that.

    Never raises: what cannot be scanned is withheld, what cannot be sealed is not kept.
    """
    with suppress(Exception):
        message = cleaned(message)
    safe, kinds = secrets.guard(message, how.own)
    if not how.seal_to or set(kinds) <= {secrets.NEAR}:
        return safe, kinds
    with suppress(Exception):
        return replace(safe, sealed=seal(_MESSAGE.dump_json(message, exclude_defaults=True), how.seal_to)), kinds
    return safe, kinds


def guarded_bytes(item: Unreadable, how: Guarding = PLAIN) -> Unreadable:
    """Return what could not be read without secrets, or wholly sealed if it holds any and there is a key for that."""
    safe = raw_bytes.guard(item, how.own)
    if how.seal_to and safe.original != item.original:
        with suppress(Exception):
            return replace(safe, original=MARK + seal(item.original, how.seal_to).encode())
    return safe


def new_keys() -> tuple[str, str]:
    """Return a new secret key and its public key, in base64."""
    key = PrivateKey.generate()
    return b64encode(bytes(key)).decode(), b64encode(bytes(key.public_key)).decode()


def is_public_key(text: str) -> bool:
    """Tell whether `text` is a public key in base64."""
    with suppress(ValueError):
        return len(b64decode(text, validate=True)) == PublicKey.SIZE
    return False


def seal(original: bytes, seal_to: str) -> str:
    """Return a box in base64 that only the secret key of `seal_to` opens."""
    return b64encode(SealedBox(PublicKey(b64decode(seal_to))).encrypt(original)).decode()


def unseal(box: str, secret_key: str) -> bytes:
    """Return what was sealed; raises `NotOpened`."""
    try:
        key = PrivateKey(b64decode(secret_key.strip(), validate=True))
        return bytes(SealedBox(key).decrypt(b64decode(box.strip().removeprefix(MARK.decode()), validate=True)))
    except (ValueError, TypeError, CryptoError) as error:
        raise NotOpened("this key does not open it, or it is no sealed original") from error
