"""Who is looking at which case: so that two agents do not answer the same customer.

Each web process knows its own readers, in memory; what nobody repeats for a while is forgotten. It only warns: that an
answer is refused when the customer wrote again is the store's doing.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN = timedelta(seconds=25)
"""Pages say every ten seconds that they are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Somebody who looks at a case."""

    name: str
    writing: bool


class Presence:
    """Who looks at which case now."""

    def __init__(self) -> None:
        """Know of nobody yet."""
        self._seen: dict[int, dict[str, tuple[datetime, bool]]] = {}
        self._lock = threading.Lock()

    def look(self, case_id: int, name: str, *, writing: bool, now: datetime) -> list[Looking]:
        """Note that somebody looks at a case; return who else does, by name."""
        with self._lock:
            self._forget(now)
            here = self._seen.setdefault(case_id, {})
            here[name] = (now, writing)
            return [Looking(name=who, writing=here[who][1]) for who in sorted(here) if who != name]

    def _forget(self, now: datetime) -> None:
        for case_id, here in list(self._seen.items()):
            for name in [name for name, (at, _) in here.items() if now - at > FORGOTTEN]:
                del here[name]
            if not here:
                del self._seen[case_id]
