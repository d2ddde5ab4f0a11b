"""Replies of unknown fate, of one channel: looked up at the far side, counted, never blindly repeated."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from triage import log
from triage.connectors import Connector
from triage.daemon.actions import Action, Backoff, action_for, of_channel
from triage.daemon.ground import Ground, Pulse
from triage.daemon.lease import sending
from triage.errors import ConfigError, SendUnknown, TriageError
from triage.message import Reply
from triage.store import Tx, outbox

LONGEST_LOOK = 120.0
"""Seconds: a look-up that takes longer is given up; the connectors' own deadlines are shorter."""

LOOK_UP = 30.0
"""Seconds after a send of unknown fate before it is looked up: the far side may need a moment to know."""

MOST_DOUBTS = 3
"""A reply whose fate was unknown so often is left as unknown, even if the far side does not have it."""

WORTH_ASKING = timedelta(days=4)
"""Older replies of unknown fate are not looked up again at each start: a far side that did not know will not."""

T = TypeVar("T")


class Doubts:
    """Settles what a crash or a lost connection left in doubt."""

    def __init__(self, ground: Ground, connector: Connector, pulse: Pulse) -> None:
        """Look up by `connector`, and let `pulse` beat meanwhile."""
        self._ground = ground
        self._connector = connector
        self._name = connector.name
        self._pulse = pulse
        self._patience = Backoff()
        self._undecidable: set[int] = set()
        # What a process before this one left half done comes before everything else.
        self._at = float("-inf")

    @property
    def due(self) -> bool:
        """Tell whether it is time to look something up."""
        return self._ground.clock.monotonic() >= self._at

    def new(self) -> None:
        """Plan a look-up: the fate of one more reply is unknown."""
        self._at = min(self._at, self._ground.clock.monotonic() + LOOK_UP)

    async def settle(self) -> bool:
        """Look up every reply in doubt; return whether the far side had one of them.

        What it cannot tell now is asked again later; meanwhile the other replies go out.
        """
        store, had = self._ground.store, False
        since = self._ground.clock.now() - WORTH_ASKING

        def in_doubt() -> list[Reply]:
            with store.read() as tx:
                return outbox.in_doubt(tx, self._name, since)

        for reply in await self._ground.persist(in_doubt, self._pulse):
            if reply.id not in self._undecidable and not self._ground.halt.is_set():
                try:
                    had |= await self._look_up(reply)
                except TriageError as error:
                    self._later(error)
                    return had
                self._pulse.beat()
        self._patience.reset()
        self._at = float("inf")
        return had

    def _later(self, error: TriageError) -> None:
        """Plan the next look-up after one that failed; raises what concerns more than this."""
        if action_for(error) not in (Action.RETRY, Action.RETRY_SLOWLY):
            raise error
        wait = self._patience.next(error)
        self._at = self._ground.clock.monotonic() + wait
        log.info("reply.not-yet", channel=self._name, why=str(error), wait=round(wait, 1))

    async def _look_up(self, reply: Reply) -> bool:
        now = self._ground.clock.now()
        try:
            async with asyncio.timeout(LONGEST_LOOK):
                found = await self._connector.find_sent(reply)
        except ConfigError as error:
            raise of_channel(self._name, error) from None
        except (SendUnknown, TimeoutError) as error:
            known_as = error.known_as if isinstance(error, SendUnknown) else ()
            await self._leave(reply, known_as, str(error) or f"no answer in {LONGEST_LOOK:.0f} s", now)
            return False
        if found is not None:
            await self._write(lambda tx: outbox.sent(tx, {reply.id: found.known_as}, now))
            log.info("reply.found", channel=self._name, reply=reply.id, case=reply.case_id)
        elif reply.attempts < MOST_DOUBTS:
            await self._write(lambda tx: outbox.retry(tx, reply.id, now, "the far side does not have it", now))
            log.info("reply.not-found", channel=self._name, reply=reply.id, case=reply.case_id)
        else:
            await self._leave(reply, (), f"not at the far side after {reply.attempts} tries", now)
        return found is not None

    async def _leave(self, reply: Reply, known_as: tuple[str, ...], why: str, now: datetime) -> None:
        self._undecidable.add(reply.id)
        await self._write(lambda tx: outbox.unknown(tx, reply.id, known_as, why, now))
        log.warning("reply.unknown", channel=self._name, reply=reply.id, case=reply.case_id, why=why)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await self._ground.write(work, self._pulse, sending(self._name))
