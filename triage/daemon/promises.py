"""The one who keeps an eye on waiting times that were told: what is not kept is announced in the minute it breaks."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from triage import promises
from triage.daemon.ground import Ground
from triage.daemon.lease import TRIAGE
from triage.desk import Desk
from triage.errors import StoreDown
from triage.store import Tx
from triage.store.promises import next_end

LIMIT = 240.0
"""Seconds without progress after which this task is stuck."""

LONGEST = 60.0
"""Seconds between two looks, even if no promise is near its end: the next may be made at any time, for ten minutes."""


class Watch:
    """Announces broken promises for as long as the process lives."""

    def __init__(self, ground: Ground, desk: Desk, senders: Iterable[asyncio.Event]) -> None:
        """Look at the next one that ends, and wake the `senders` when there may be something to say."""
        self._ground = ground
        self._desk = desk
        self._senders = tuple(senders)
        self._pulse = ground.pulse("promises", LIMIT)

    async def run(self) -> None:
        """Announce what breaks until the process is to end."""
        ground = self._ground
        while not ground.halt.is_set():
            try:
                count, end = await ground.persist(self._look, self._pulse)
            except StoreDown:
                return
            self._pulse.beat()
            if count:
                for sender in self._senders:
                    sender.set()
                continue
            left = LONGEST if end is None else (end - ground.clock.now()).total_seconds()
            await ground.wait(min(max(left, 1.0), LONGEST))

    def _look(self) -> tuple[int, datetime | None]:
        """Announce some of what has run out; return how many, and when the next one ends."""
        ground, fence = self._ground, self._ground.leases.fence(TRIAGE)
        now = ground.clock.now()
        with ground.store.read() as tx:
            end = next_end(tx)
        if end is None or end > now:
            return 0, end

        def write(tx: Tx) -> int:
            fence(tx)
            return promises.announce(tx, self._desk, now)

        return ground.store.run(write), end
