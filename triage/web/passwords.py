"""Passwords: hashed by argon2id (RFC 9106), tried a few at a time, and guessed at slowly."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's minimum for argon2id
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 19 MB and a core: a flood of sign-ins must not take all of them."""

_NOBODYS = _HASHER.hash("a password that nobody has")


def hashed(password: str) -> str:
    """Return what the store keeps of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password: str, kept: str) -> bool:
    """Tell whether a password is the one; as slow for a user without one, or no user at all (`kept` is "")."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _NOBODYS, password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


class Attempts:
    """How often somebody tried to sign in: `limit` times in `seconds`, then no more until they are over.

    Names and hosts are counted apart, so that one host cannot lock others' names out faster than it locks itself out.
    """

    _MOST = 10_000

    def __init__(self, limit: int, seconds: float, monotonic: Callable[[], float]) -> None:
        """Count with this clock."""
        self._limit, self._seconds, self._now = limit, seconds, monotonic
        self._seen: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allowed(self, *keys: str) -> bool:
        """Count one attempt under each key; False when one of them had too many, and then nothing is counted."""
        with self._lock:
            since = self._now() - self._seconds
            recent = {key: [at for at in self._seen.get(key, ()) if at > since] for key in keys}
            if any(len(times) >= self._limit for times in recent.values()):
                return False
            for key, times in recent.items():
                self._seen[key] = [*times, self._now()]
                self._seen.move_to_end(key)
            while len(self._seen) > self._MOST:
                self._seen.popitem(last=False)
            return True

    def forgive(self, key: str) -> None:
        """Take back the newest attempt that was counted under a key."""
        with self._lock:
            if times := self._seen.get(key):
                times.pop()
