"""One courier per webhook: what happens is told in the order of the log, each event until its receiver took it.

An event that is refused is set aside and sent once more on its own schedule, so that it holds up no other. While the
receiver does not answer at all, everything waits. A process that dies between a request and its mark sends the same
event once more, with the same id.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage import log
from triage.daemon.ground import Ground, Lull
from triage.daemon.lease import telling
from triage.errors import StoreDown
from triage.failpoints import reach
from triage.posting import Answer, Poster
from triage.store import Tx, events, health, webhooks
from triage.store.events import Event, Place
from triage.store.webhooks import Hook, Telling
from triage.webhooks import Endpoint, payload

LIMIT = 240.0
"""Seconds: a courier without progress for longer is stuck."""

SCHEDULE = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between two requests for one event, as the specification advises: over three days in all."""

LONGEST_REST = 1800.0
"""Seconds that a receiver which does not answer is left alone at most, unless it asks for more."""

AT_ONCE = 8
"""Requests that are under way together."""

MOST_ASIDE = 100
"""Events that are set aside; while there are so many the others wait in the log."""

PATIENCE = timedelta(days=5)
"""A receiver that took nothing for so long is left alone for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent next: what was set aside and is due, then what is new, up to a place in the log."""

    hook: Hook
    tellings: Sequence[Telling]
    place: Place


class Courier:
    """Tells one webhook for as long as the process lives."""

    def __init__(self, ground: Ground, endpoint: Endpoint, chance: Callable[[], float] = random.random) -> None:
        """Tell `endpoint`; `chance` spreads the requests of many."""
        self._ground = ground
        self._endpoint = endpoint
        self._name = endpoint.name
        self._poster = Poster(endpoint)
        self._chance = chance
        self._lease = telling(endpoint.name)
        self._pulse = ground.pulse(f"webhook {endpoint.name}", LIMIT)
        self._lull = Lull(0.05, 2.0)

    async def run(self) -> None:
        """Tell until the process is to end; what is under way is finished first."""
        try:
            await self._ground.write(lambda tx: webhooks.begin(tx, self._name), self._pulse, self._lease)
            while not self._ground.halt.is_set():
                if await self._turn():
                    self._lull.over()
                else:
                    await self._ground.wait(self._lull.next())
                self._pulse.beat()
        except StoreDown:
            return
        finally:
            await self._poster.close()

    async def _turn(self) -> bool:
        """Send what is due; return whether there was anything."""
        load = await self._ground.persist(self._look, self._pulse)
        if not load.tellings and load.place == load.hook.place:
            return False
        now = self._ground.clock.now()
        answers = await asyncio.gather(*(self._send(one, now) for one in load.tellings))
        after = await self._ground.write(lambda tx: self._write_down(tx, load, answers), self._pulse, self._lease)
        self._say(load.hook, after)
        return True

    async def _send(self, one: Telling, now: datetime) -> Answer:
        reach("before-send")
        answer = await self._poster.post(one.msg_id, one.body, now)
        reach("after-send")
        return answer

    def _look(self) -> Load:
        """Return what is to be sent now; blocks."""
        now = self._ground.clock.now()
        with self._ground.store.read() as tx:
            hook = webhooks.get(tx, self._name)
            assert hook is not None  # this courier began it
            if hook.off or (hook.resume_at is not None and hook.resume_at > now):
                return Load(hook=hook, tellings=(), place=hook.place)
            # One that failed is asked with one event first.
            most = 1 if hook.failures else AT_ONCE
            tellings = webhooks.due(tx, self._name, now, most)
            fresh = events.since(tx, hook.place) if hook.waiting < MOST_ASIDE else []
        place = hook.place
        for event in fresh:
            wanted = self._endpoint.wants(type_of(event))
            if wanted and len(tellings) == most:
                break
            tellings += [telling_of(hook, event)] if wanted else []
            place = event.place
        return Load(hook=hook, tellings=tellings, place=place)

    def _write_down(self, tx: Tx, load: Load, answers: Sequence[Answer]) -> Hook:
        """Write down what became of each event and of the receiver; return how the webhook stands now."""
        now, name = self._ground.clock.now(), self._name
        taken = [one.msg_id for one, answer in zip(load.tellings, answers, strict=True) if answer.taken]
        given_up = []
        for one, answer in zip(load.tellings, answers, strict=True):
            if not answer.taken and one.attempts >= len(SCHEDULE):
                given_up.append(one.msg_id)
            elif not answer.taken:
                webhooks.again(tx, name, one, now + self._later(SCHEDULE[one.attempts], answer))
        webhooks.done(tx, name, taken, given_up)
        webhooks.move(tx, name, load.place)
        self._judge(tx, load.hook, answers, now)
        hook = webhooks.get(tx, name)
        assert hook is not None
        _report(tx, hook, now)
        return hook

    def _judge(self, tx: Tx, hook: Hook, answers: Sequence[Answer], now: datetime) -> None:
        """Write down how the receiver is."""
        failed = [answer for answer in answers if not answer.taken]
        busy = [answer for answer in failed if answer.busy]
        if any(answer.gone for answer in failed):
            webhooks.switch_off(tx, self._name, "its receiver is gone for good (410)")
        elif len(failed) < len(answers) and not busy:
            webhooks.well(tx, self._name)
        elif failed:
            since = hook.failing_since or now
            failures, rest = hook.failures, None
            if busy:
                rest = now + self._later(min(SCHEDULE[min(failures, len(SCHEDULE) - 1)], LONGEST_REST), *busy)
                failures += 1
            webhooks.failing(tx, self._name, failed[0].why, failures, since, rest)
            if now - since > PATIENCE:
                webhooks.switch_off(tx, self._name, f"it failed for {PATIENCE.days} days: {failed[0].why}")

    def _later(self, seconds: float, *answers: Answer) -> timedelta:
        """Return how long to wait: up to a fifth more than `seconds`, so that many do not come back together."""
        return timedelta(seconds=max(seconds * (1 + self._chance() / 5), *(answer.wait for answer in answers)))

    def _say(self, before: Hook, after: Hook) -> None:
        """Log what is news."""
        about = {"webhook": self._name}
        if after.given_up > before.given_up:
            log.error("webhook.gave-up", **about, count=after.given_up - before.given_up)
        if after.off:
            log.error("webhook.off", **about, why=after.why)
        elif after.failing_since and not before.failing_since:
            wait = 0.0 if after.resume_at is None else (after.resume_at - self._ground.clock.now()).total_seconds()
            log.warning("webhook.down", **about, why=after.why, wait=round(wait, 1))
        elif before.failing_since and not after.failing_since:
            log.info("webhook.up", **about)


def type_of(event: Event) -> str:
    """Return the type of an event as the specification writes it: "message.follow_up"."""
    return event.name.replace("-", "_")


def telling_of(hook: Hook, event: Event) -> Telling:
    """Return an event as it is told: what the stream of events tells, and no more."""
    what = f"message {event.place.message}" if event.channel else f"action {event.place.action}"
    data = {"number": event.number, "who": event.who, "channel": event.channel}
    return Telling(msg_id=webhooks.msg_id(hook.seed, what), body=payload(type_of(event), event.at, data))


def _report(tx: Tx, hook: Hook, now: datetime) -> None:
    """Show on the page of the channels how a webhook is."""
    shown = f"webhook:{hook.name}"
    if hook.off:
        health.report(tx, shown, "refused", f"switched off, {hook.why}; `triage webhook enable {hook.name}`", now)
    elif hook.failing_since:
        health.report(tx, shown, "down", hook.why, now)
    else:
        health.progress(tx, shown, now)
