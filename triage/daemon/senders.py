"""One sender per channel: what the outbox holds goes out at most once, and whatever is uncertain is looked up first."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from triage import log
from triage.connectors import Connector
from triage.daemon.actions import Action, Backoff, action_for
from triage.daemon.ground import Ground
from triage.daemon.lease import sending
from triage.errors import SendUnknown, StoreDown, TriageError
from triage.failpoints import reach
from triage.message import Reply, Sent
from triage.store import Tx, outbox

LIMIT = 240.0
"""Seconds: a sender without progress for longer is stuck."""

LONGEST_SEND = 120.0
"""Seconds: a send that takes longer is given up as unknown; the connectors' own deadlines are shorter."""

POLL = 1.0
"""Seconds between two looks into the outbox when nobody says that something is there."""

LOOK_UP = 30.0
"""Seconds after a send of unknown fate before it is looked up: the far side may need a moment to know."""

MOST_DOUBTS = 3
"""A reply whose fate was unknown so often is left as unknown, even if the far side does not have it."""

TOO_OLD = timedelta(days=3)
"""A reply that could not be sent for so long would say what is no longer true."""

FIRST_AGAIN = 5.0
LONGEST_AGAIN = 1800.0
"""Seconds until a reply that did not go out is due again: doubles with its attempts, up to the longest."""

T = TypeVar("T")


class Sender:
    """Sends through one channel for as long as the process lives."""

    def __init__(self, ground: Ground, connector: Connector, wake: asyncio.Event) -> None:
        """Send through `connector` whenever `wake` is set, and now and then anyway."""
        self._ground = ground
        self._connector = connector
        self._name = connector.name
        self._wake = wake
        self._lease = sending(connector.name)
        self._pulse = ground.pulse(f"sender {connector.name}", LIMIT)
        self._backoff = Backoff()
        self._patience = Backoff()
        self._well = True
        self._undecidable: set[int] = set()
        # What a process before this one left half done comes before everything else.
        self._look_up_at = float("-inf")

    async def run(self) -> None:
        """Send until the process is to end; a send that is under way is finished first."""
        while not self._ground.halt.is_set():
            try:
                if self._ground.clock.monotonic() >= self._look_up_at:
                    await self._settle_doubts()
                busy = await self._send_next()
            except StoreDown:
                return
            except TriageError as error:
                await self._rest(error)
                continue
            self._pulse.beat()
            if not busy:
                await self._ground.wait(POLL, self._wake)

    async def _send_next(self) -> bool:
        """Send the oldest reply that is due; return whether there was one."""
        now = self._ground.clock.now()
        reply = await self._write(lambda tx: outbox.next_to_send(tx, self._name, now))
        if reply is None:
            return False
        if now - reply.created_at > TOO_OLD:
            await self._write(lambda tx: outbox.refused(tx, reply.id, "could not be sent for three days", now))
            log.warning("reply.refused", channel=self._name, reply=reply.id, case=reply.case_id, why="too old")
            return True
        reach("before-send")
        try:
            async with asyncio.timeout(LONGEST_SEND):
                sent = await self._connector.send(reply)
        except TimeoutError:
            await self._doubt(reply, SendUnknown(self._name, f"no answer in {LONGEST_SEND:.0f} s"))
        except asyncio.CancelledError:
            await asyncio.shield(self._doubt(reply, SendUnknown(self._name, "the process ended while it was sent")))
            raise
        except TriageError as error:
            await self._failed(reply, error)
        else:
            reach("after-send")
            await self._sent(reply, sent, "reply.sent")
        return True

    async def _sent(self, reply: Reply, sent: Sent, event: str) -> None:
        now = self._ground.clock.now()
        await self._write(lambda tx: outbox.sent(tx, reply.id, sent.known_as, now))
        if event == "reply.sent":
            log.info("reply.sent", channel=self._name, reply=reply.id, case=reply.case_id, kind=reply.kind)
        else:
            log.info("reply.found", channel=self._name, reply=reply.id, case=reply.case_id)
        await self._up()

    async def _failed(self, reply: Reply, error: TriageError) -> None:
        """Treat a failed send by the table of actions; raise what concerns the whole channel."""
        action, now = action_for(error), self._ground.clock.now()
        if action is Action.CLOSE_REPLY:
            await self._write(lambda tx: outbox.refused(tx, reply.id, str(error), now))
            log.warning("reply.refused", channel=self._name, reply=reply.id, case=reply.case_id, why=str(error))
            await self._up()
        elif action is Action.DOUBT_REPLY and isinstance(error, SendUnknown):
            await self._doubt(reply, error)
        else:
            if action in (Action.RETRY, Action.RETRY_SLOWLY):
                due = now + _later(reply, error)
                await self._write(lambda tx: outbox.retry(tx, reply.id, due, str(error), now))
            raise error

    async def _doubt(self, reply: Reply, error: SendUnknown) -> None:
        now = self._ground.clock.now()
        self._look_up_at = self._ground.clock.monotonic() + LOOK_UP
        await self._write(lambda tx: outbox.unknown(tx, reply.id, error.known_as, str(error), now))
        log.warning("reply.unknown", channel=self._name, reply=reply.id, case=reply.case_id, why=str(error))

    async def _settle_doubts(self) -> None:
        """Look up every reply that a crash or a lost connection left in doubt.

        What the far side cannot tell now is asked again later; meanwhile the other replies go out.
        """
        store = self._ground.store

        def in_doubt() -> list[Reply]:
            with store.read() as tx:
                return outbox.in_doubt(tx, self._name)

        for reply in await self._ground.persist(in_doubt, self._pulse):
            if reply.id not in self._undecidable and not self._ground.halt.is_set():
                try:
                    await self._look_up(reply)
                except TriageError as error:
                    self._look_up_later(error)
                    return
                self._pulse.beat()
        self._patience.reset()
        self._look_up_at = float("inf")

    def _look_up_later(self, error: TriageError) -> None:
        """Plan the next look-up after one that failed; raises what concerns more than this."""
        if action_for(error) not in (Action.RETRY, Action.RETRY_SLOWLY):
            raise error
        wait = self._patience.next(error)
        self._look_up_at = self._ground.clock.monotonic() + wait
        log.info("reply.not-yet", channel=self._name, why=str(error), wait=round(wait, 1))

    async def _look_up(self, reply: Reply) -> None:
        now = self._ground.clock.now()
        try:
            async with asyncio.timeout(LONGEST_SEND):
                found = await self._connector.find_sent(reply)
        except (SendUnknown, TimeoutError) as error:
            known_as = error.known_as if isinstance(error, SendUnknown) else ()
            why = str(error) or f"no answer in {LONGEST_SEND:.0f} s"
            await self._leave(reply, known_as, why, now)
            return
        if found is not None:
            await self._sent(reply, found, "reply.found")
        elif reply.attempts < MOST_DOUBTS:
            await self._write(lambda tx: outbox.retry(tx, reply.id, now, "the far side does not have it", now))
            log.info("reply.not-found", channel=self._name, reply=reply.id, case=reply.case_id)
        else:
            await self._leave(reply, (), f"not at the far side after {reply.attempts} tries", now)

    async def _leave(self, reply: Reply, known_as: tuple[str, ...], why: str, now: datetime) -> None:
        self._undecidable.add(reply.id)
        await self._write(lambda tx: outbox.unknown(tx, reply.id, known_as, why, now))
        log.warning("reply.unknown", channel=self._name, reply=reply.id, case=reply.case_id, why=why)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await self._ground.write(work, self._pulse, self._lease)

    async def _rest(self, error: TriageError) -> None:
        action = action_for(error)
        if action not in (Action.RETRY, Action.RETRY_SLOWLY):
            raise error
        wait = self._backoff.next(error)
        self._pulse.rest(wait)
        self._well = False
        if action is Action.RETRY_SLOWLY:
            log.error("channel.refused", channel=self._name, sending=True, why=str(error), wait=round(wait, 1))
            await self._ground.tell(f"{self._name}/send", "refused", str(error))
        else:
            log.warning("channel.down", channel=self._name, sending=True, why=str(error), wait=round(wait, 1))
            await self._ground.tell(f"{self._name}/send", "down", str(error))
        await self._ground.wait(wait)

    async def _up(self) -> None:
        self._backoff.reset()
        if not self._well:
            self._well = True
            log.info("channel.up", channel=self._name, sending=True)
            await self._ground.tell(f"{self._name}/send", "up")


def _later(reply: Reply, error: TriageError) -> timedelta:
    """Return after what time a reply is due again: one that never goes through must not hold up the others."""
    own = min(FIRST_AGAIN * 2.0 ** min(reply.attempts - 1, 30), LONGEST_AGAIN)
    asked = getattr(error, "retry_after", None) or 0.0
    return timedelta(seconds=max(own, asked))
