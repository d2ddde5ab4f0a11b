"""One sender per channel: what the outbox holds goes out at most once, and whatever is uncertain is looked up first.

As many replies as a channel sends at once are under way together, in two groups where they are many: while one goes
out, one transaction writes down what became of the other and marks the next. A process that dies leaves no more in
doubt than were under way.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta

from triage import log
from triage.connectors import Connector
from triage.daemon.actions import Action, Backoff, action_for, of_channel
from triage.daemon.doubts import Doubts
from triage.daemon.ground import Ground, Lull
from triage.daemon.lease import sending
from triage.daemon.outcomes import Outcome, record, trouble
from triage.errors import SendLater, SendRefused, SendUnknown, StoreDown, TriageError
from triage.failpoints import reach
from triage.message import Reply
from triage.store import Tx, outbox

LIMIT = 240.0
"""Seconds: a sender without progress for longer is stuck."""

LONGEST_SEND = 120.0
"""Seconds: a send that takes longer is given up as unknown; the connectors' own deadlines are shorter."""

WORTH_TWO = 4
"""So many replies at once are sent as two groups that take turns."""

TOO_OLD = timedelta(days=3)
"""A reply that could not be sent for so long would say what is no longer true."""

MOMENT = 1.0
"""Seconds before the next reply after one was not taken: should it be all of them, a server is not hammered."""


class Sender:
    """Sends through one channel for as long as the process lives."""

    def __init__(self, ground: Ground, connector: Connector, wake: asyncio.Event, per_minute: int) -> None:
        """Send through `connector` whenever `wake` is set, and now and then anyway.

        Of what we say by ourselves no more than `per_minute` goes out, all senders together.
        """
        self._per_minute = per_minute
        self._ground = ground
        self._connector = connector
        self._name = connector.name
        at_once: int = getattr(connector, "sends_at_once", 1)
        self._groups = 2 if at_once >= WORTH_TWO else 1
        self._group = at_once // self._groups
        self._wake = wake
        self._lease = sending(connector.name)
        self._pulse = ground.pulse(f"sender {connector.name}", LIMIT)
        self._backoff = Backoff()
        self._doubts = Doubts(ground, connector, self._pulse)
        self._lull = Lull()
        self._well = True

    async def run(self) -> None:
        """Send until the process is to end; a send that is under way is finished first."""
        while not self._ground.halt.is_set():
            try:
                if self._doubts.due and await self._doubts.settle():
                    await self._up()
                busy = await self._send_due()
            except StoreDown:
                return
            except TriageError as error:
                await self._rest(error)
                continue
            self._pulse.beat()
            if busy:
                self._lull.over()
            else:
                await self._ground.wait(self._lull.next(), self._wake)

    async def _send_due(self) -> bool:
        """Send what is due, group by group, until nothing is left; return whether there was anything."""
        under_way: deque[asyncio.Task[list[Outcome]]] = deque()
        replies = await self._turn([])
        busy = bool(replies)
        try:
            while replies or under_way:
                if replies:
                    under_way.append(asyncio.create_task(self._send(replies)))
                # A group that is not full was all there is: nothing waits for another one.
                another = len(replies) == self._group and len(under_way) < self._groups
                outcomes = [] if another else await under_way.popleft()
                # Some outcomes mean that there is something else to do first.
                postponed = any(isinstance(outcome.error, SendLater) for outcome in outcomes)
                other = postponed or self._ground.halt.is_set() or self._doubts.due or any(trouble(outcomes))
                replies = await self._turn(outcomes, mark=not other)
                if postponed:
                    await self._ground.wait(MOMENT)
        except BaseException:
            await self._finish(under_way)
            raise
        return busy

    async def _finish(self, under_way: Iterable["asyncio.Task[list[Outcome]]"]) -> None:
        """Let what is under way end and write down what became of it; each group that is cancelled does so itself."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            for group in under_way:
                group.cancel()
        for ended in await asyncio.gather(*under_way, return_exceptions=True):
            if not isinstance(ended, BaseException):
                await self._write_down(ended, mark=False)

    async def _turn(self, outcomes: list[Outcome], *, mark: bool = True) -> list[Reply]:
        """Do as `_write_down`, then raise what concerns the whole channel."""
        replies = await self._write_down(outcomes, mark=mark)
        for error in trouble(outcomes):
            raise error
        return replies

    async def _write_down(self, outcomes: list[Outcome], *, mark: bool) -> list[Reply]:
        """Write down what became of some replies and `mark` the next ones, durably, in one transaction.

        Returns the marked ones: a group at most.
        """
        now = self._ground.clock.now()
        if any(isinstance(outcome.error, SendUnknown) for outcome in outcomes):
            self._doubts.new()

        def work(tx: Tx) -> list[Reply]:
            record(tx, outcomes, now)
            return outbox.claim(tx, self._name, self._group, now, self._per_minute) if mark else []

        replies = await self._ground.write(work, self._pulse, self._lease)
        self._pulse.beat()
        for outcome in outcomes:
            await self._recorded(outcome)
        return replies

    async def _send(self, replies: Sequence[Reply]) -> list[Outcome]:
        """Send some replies at once and return what became of them."""
        outcomes: list[Outcome] = []

        async def one(reply: Reply) -> None:
            outcomes.append(await self._attempt(reply))

        try:
            ends = await asyncio.gather(*(one(reply) for reply in replies), return_exceptions=True)
        except asyncio.CancelledError:
            await asyncio.shield(self._write_down(outcomes, mark=False))
            raise
        for end in ends:
            if end is not None:
                await self._write_down(outcomes, mark=False)
                raise end
        return outcomes

    async def _attempt(self, reply: Reply) -> Outcome:
        """Send one reply; what could not be foreseen is raised, and leaves it in doubt."""
        if self._ground.clock.now() - reply.due_at > TOO_OLD:
            return Outcome(reply, error=SendRefused(self._name, "it could not be sent for three days"))
        reach("before-send")
        try:
            async with asyncio.timeout(LONGEST_SEND):
                sent = await self._connector.send(reply)
        except TimeoutError:
            return Outcome(reply, error=SendUnknown(self._name, f"no answer in {LONGEST_SEND:.0f} s"))
        except asyncio.CancelledError:
            return Outcome(reply, error=SendUnknown(self._name, "the process ended while it was sent"))
        except TriageError as error:
            return Outcome(reply, error=of_channel(self._name, error))
        reach("after-send")
        return Outcome(reply, sent=sent)

    async def _recorded(self, outcome: Outcome) -> None:
        """Say what became of a reply once it is written down."""
        reply, error = outcome.reply, outcome.error
        about = {"channel": self._name, "reply": reply.id, "case": reply.case_id}
        if error is None:
            log.info("reply.sent", **about, kind=reply.kind)
            await self._up()
        elif isinstance(error, SendUnknown):
            log.warning("reply.unknown", **about, why=str(error))
        elif action_for(error) is Action.CLOSE_REPLY:
            log.warning("reply.refused", **about, why=str(error))
            await self._up()

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
