"""The one who watches for incidents: proposes them, lets later cases join, and tells their customers the news."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from triage import incident_news, incidents, log
from triage.daemon.ground import Ground
from triage.daemon.lease import TRIAGE
from triage.desk import Desk
from triage.errors import StoreDown
from triage.hunted import DAY
from triage.store import Tx, bounces, impostors, signs

LIMIT = 240.0
"""Seconds: a watch without progress for longer is stuck."""

INTERVAL = 10.0
"""Seconds between two looks."""

FORGET = timedelta(hours=6)
"""Time between two times that what nothing is compared with any more is thrown away."""


class IncidentWatch:
    """Watches for as long as the process lives."""

    def __init__(self, ground: Ground, desk: Desk, senders: Iterable[asyncio.Event]) -> None:
        """Watch the cases of `desk`; wake the `senders` when there is something to send."""
        self._ground = ground
        self._desk = desk
        self._senders = tuple(senders)
        self._pulse = ground.pulse("incidents", LIMIT)
        self._forget_at = ground.clock.now() + FORGET

    async def run(self) -> None:
        """Look and tell until the process is to end."""
        while not self._ground.halt.is_set():
            await self._ground.wait(INTERVAL)
            if self._ground.halt.is_set():
                return
            try:
                await self._look()
                while await self._tell() and not self._ground.halt.is_set():
                    self._pulse.beat()
            except StoreDown:
                return
            self._pulse.beat()

    async def _look(self) -> None:
        now, desk = self._ground.clock.now(), self._desk
        proposed = await self._ground.write(lambda tx: incidents.watch(tx, desk, now), self._pulse, TRIAGE)
        for one in proposed:
            log.warning("incident.proposed", incident=one.id, about=one.title, cases=one.cases, usual=one.expected)
        if now >= self._forget_at:
            self._forget_at = now + FORGET
            await self._ground.write(lambda tx: _forget(tx, now), self._pulse, TRIAGE)

    async def _tell(self) -> int:
        now, desk = self._ground.clock.now(), self._desk
        count = await self._ground.write(lambda tx: incident_news.tell(tx, desk, now), self._pulse, TRIAGE)
        if count:
            log.info("incident.told", count=count)
            for sender in self._senders:
                sender.set()
        return count


def _forget(tx: Tx, now: datetime) -> None:
    """Throw away what nothing is compared with any more; each of these would grow for ever."""
    signs.forget(tx, now)
    impostors.forget(tx, now - DAY)
    bounces.forget(tx, now)
