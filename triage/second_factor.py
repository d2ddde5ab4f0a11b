"""A second factor beside the password: codes from the user's phone, and ten recovery codes for the day it is lost.

Both are of no use to a thief of the database: the phone's secret lies there in a box, recovery codes as keyed hashes,
and the key of either comes from `[desk] key`, which is a file. Each function works in the caller's transaction.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import pyotp
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from triage.case import User
from triage.errors import TriageError
from triage.rules import totp
from triage.store import Tx, audit, second_factors

RECOVERY_CODES = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's alphabet: without i, l, o and u, which are read as something else."""

Keys = Sequence[bytes]
"""Of the desk: the first closes, all open."""


class FactorExists(TriageError):
    """A second factor is on already: take it off first, with a code. Nothing was changed."""


def begin(tx: Tx, keys: Keys, user: User, now: datetime) -> str:
    """Return a new secret for the user's phone; it counts for nothing until `confirm`. Raises `FactorExists`."""
    secret = pyotp.random_base32()
    if not second_factors.propose(tx, user.id, _close(keys, user.id, secret)):
        raise FactorExists("you have a second factor already")
    audit.record(tx, user.name, "user.second-factor-begun", 0, {"user": user.name}, now)
    return secret


def proposed(tx: Tx, keys: Keys, user: User) -> str:
    """Return the secret that waits for its first code, "" when none does."""
    kept = second_factors.of_user(tx, user.id)
    return _open(keys, user.id, kept.box) if kept and kept.since is None else ""


def confirm(tx: Tx, keys: Keys, user: User, code: str, session: str, now: datetime) -> tuple[str, ...]:
    """Switch the second factor on by its first code, and return the recovery codes; her other sessions end.

    The codes are empty when the code was wrong.
    """
    secret = proposed(tx, keys, user)
    step = totp.step_of(code, secret, now) if secret else None
    if step is None or not second_factors.switch_on(tx, user.id, step, now, session):
        return ()
    audit.record(tx, user.name, "user.second-factor-on", 0, {"user": user.name}, now)
    return _recovery_codes(tx, keys, user)


def proves(tx: Tx, keys: Keys, user: User, code: str, now: datetime) -> bool:
    """Tell whether this is a code of the user's phone that was never taken before, or an unused recovery code.

    It is taken by this; a wrong one is written to the audit, for somebody knew the password.
    """
    kept = second_factors.of_user(tx, user.id)
    secret = _open(keys, user.id, kept.box) if kept and kept.since is not None else ""
    step = totp.step_of(code, secret, now) if secret else None
    if step is not None and second_factors.take_step(tx, user.id, step):
        return True
    plain = totp.recovery_of(code)
    if kept and kept.since is not None and plain and second_factors.take_code(tx, user.id, _hashes(keys, plain)):
        left = second_factors.codes_left(tx, user.id)
        audit.record(tx, user.name, "user.recovery-code-used", 0, {"user": user.name, "left": left}, now)
        return True
    audit.record(tx, user.name, "user.code-refused", 0, {"user": user.name}, now)
    return False


def renew(tx: Tx, keys: Keys, user: User, now: datetime) -> tuple[str, ...]:
    """Return new recovery codes; the old ones end."""
    audit.record(tx, user.name, "user.recovery-codes-renewed", 0, {"user": user.name}, now)
    return _recovery_codes(tx, keys, user)


def remove(tx: Tx, user: User, who: str, now: datetime) -> bool:
    """Take a second factor off, and end every session of its user; False when there was none."""
    if not second_factors.remove(tx, user.id):
        return False
    audit.record(tx, who, "user.second-factor-off", 0, {"user": user.name}, now)
    return True


def _recovery_codes(tx: Tx, keys: Keys, user: User) -> tuple[str, ...]:
    made = ["".join(secrets.choice(_LETTERS) for _ in range(totp.RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    second_factors.set_codes(tx, user.id, [_hashes(keys[:1], code)[0] for code in made])
    return tuple(f"{code[:5]}-{code[5:]}" for code in made)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(key, digest_size=SecretBox.KEY_SIZE, person=purpose).digest()


def _close(keys: Keys, user_id: int, secret: str) -> str:
    # With whose it is inside, a box that is put into another user's row opens to nothing.
    box = SecretBox(_derived(keys[0], b"triage totp"))
    return b64encode(bytes(box.encrypt(f"{user_id}:{secret}".encode()))).decode()


def _open(keys: Keys, user_id: int, box: str) -> str:
    """Return the secret in a box, "" when no key of the desk opens it: then only a recovery code or an admin helps."""
    for key in keys:
        with suppress(CryptoError, ValueError):
            opened = SecretBox(_derived(key, b"triage totp")).decrypt(b64decode(box)).decode()
            whose, _, secret = opened.partition(":")
            return secret if whose == str(user_id) else ""
    return ""


def _hashes(keys: Keys, code: str) -> list[bytes]:
    return [hmac.new(_derived(key, b"triage recovery"), code.encode(), "sha256").digest() for key in keys]
