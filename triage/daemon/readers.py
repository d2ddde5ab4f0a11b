"""One reader per channel: pulls a batch, stores it together with the cursor, and only then lets the channel go on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from triage import log
from triage.connectors import LONGEST_SILENCE, Batch, Connector
from triage.daemon.actions import Action, Backoff, action_for, of_channel
from triage.daemon.ground import Ground
from triage.daemon.intake import Intake
from triage.daemon.room import Room
from triage.errors import ChannelDown, ConfigError, TriageError
from triage.failpoints import reach
from triage.store import health, inbox

LONGEST_PULL = 2.5 * LONGEST_SILENCE
"""Seconds: a channel that is silent for longer has lost its connection without noticing."""

LIMIT = 4 * LONGEST_SILENCE
"""Seconds: a reader without progress for longer is stuck, and so is the process."""

MARKING = 3.0
"""Seconds a channel has, after a batch was stored, to mark it at the far side, even if the process is to end."""

CLOSING = 5.0
PROGRESS = 30.0
"""Seconds between two notes that a channel is still up."""


class Reader:
    """Reads one channel for as long as the process lives."""

    def __init__(self, ground: Ground, connector: Connector, intake: Intake, room: Room) -> None:
        """Read from `connector` and let `intake` take everything in, while there is `room`."""
        self._room = room
        self._ground = ground
        self._connector = connector
        self._intake = intake
        self._pulse = ground.pulse(f"reader {connector.name}", LIMIT)
        self._backoff = Backoff()
        self._state = ""
        self._noted = float("-inf")
        self._kept_at = float("-inf")

    async def run(self) -> None:
        """Pull and store until the process is to end; errors are treated by the table of actions."""
        while not self._ground.halt.is_set():
            try:
                await self._read()
                # A connector may end its stream to connect anew; one that always does must not spin.
                await self._ground.wait(1.0)
            except TriageError as error:
                if self._ground.halt.is_set():
                    return
                await self._rest(error)

    async def _read(self) -> None:
        name = self._connector.name
        store = self._ground.store

        def cursor_now() -> str | None:
            with store.read() as tx:
                return inbox.cursor_of(tx, name)

        cursor = await self._ground.persist(cursor_now, self._pulse)
        batches = self._connector.messages(cursor)
        try:
            while (batch := await self._next_with_room(batches)) is not None:
                await self._keep(batch)
        finally:
            await _close(batches)

    async def _next_with_room(self, batches: AsyncIterator[Batch]) -> Batch | None:
        self._room.check(self._connector.name)
        return await self._next(batches)

    async def _next(self, batches: AsyncIterator[Batch]) -> Batch | None:
        """Return the next batch; None when the stream ended, or when the process is to end."""
        halt = self._ground.halt
        pulling = asyncio.ensure_future(anext(batches, None))
        halting = asyncio.ensure_future(halt.wait())
        try:
            await asyncio.wait({pulling, halting}, timeout=LONGEST_PULL, return_when=asyncio.FIRST_COMPLETED)
            if halt.is_set() and not pulling.done() and (left := self._kept_at + MARKING - self._moment()) > 0:
                await asyncio.wait({pulling}, timeout=left)
            if halt.is_set():
                # What was pulled meanwhile is not stored, so it is not marked, and comes again.
                return None
            if not pulling.done():
                raise ChannelDown(self._connector.name, f"nothing was heard for {LONGEST_PULL:.0f} s")
            return pulling.result()
        except ConfigError as error:
            raise of_channel(self._connector.name, error) from None
        finally:
            halting.cancel()
            await _end(pulling)

    async def _keep(self, batch: Batch) -> None:
        """Store a batch; it is safe when this returns."""
        name, ground = self._connector.name, self._ground
        if batch.items or batch.cursor is not None:
            reach("fetched")
            received = await self._intake.take(name, batch, self._pulse)
            reach("committed")
            if batch.items:
                log.info(
                    "message.received",
                    channel=name,
                    new=received.new,
                    known=received.known,
                    unreadable=received.unreadable,
                )
        if batch.items:
            self._kept_at = self._moment()
        self._pulse.beat()
        self._backoff.reset()
        await self._note(now=ground.clock.now())

    async def _note(self, now: datetime) -> None:
        """Write down that the channel is up: at once after a change, else now and then."""
        moment = self._moment()
        if self._state != "up":
            log.info("channel.up", channel=self._connector.name, since=now.isoformat(timespec="seconds"))
        elif moment - self._noted < PROGRESS:
            return
        self._state, self._noted = "up", moment
        await self._ground.tell(self._connector.name, "up")

    def _moment(self) -> float:
        return self._ground.clock.monotonic()

    async def _rest(self, error: TriageError) -> None:
        action = action_for(error)
        if action not in (Action.RETRY, Action.RETRY_SLOWLY):
            raise error
        wait = self._backoff.next(error)
        state: health.State = "refused" if action is Action.RETRY_SLOWLY else "down"
        if state == "refused":
            log.error("channel.refused", channel=self._connector.name, why=str(error), wait=round(wait, 1))
        else:
            log.warning("channel.down", channel=self._connector.name, why=str(error), wait=round(wait, 1))
        self._state = state
        self._pulse.rest(wait)
        await self._ground.tell(self._connector.name, state, str(error))
        await self._ground.wait(wait)


async def _end(pulling: "asyncio.Future[Batch | None]") -> None:
    """Cancel what still pulls, and take its outcome, which nobody needs any more."""
    if not pulling.done():
        pulling.cancel()
        await asyncio.wait({pulling}, timeout=CLOSING)
    if pulling.done() and not pulling.cancelled():
        pulling.exception()


async def _close(batches: AsyncIterator[Batch]) -> None:
    close = getattr(batches, "aclose", None)
    if close is None:
        return
    try:
        async with asyncio.timeout(CLOSING):
            await close()
    except (TimeoutError, TriageError):
        # The connection is lost either way; whoever reads next opens a new one.
        return
