"""The x channel: mentions and direct messages, walked so that nothing is skipped, within a budget."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from triage.connectors import Batch
from triage.connectors.x.budget import Budget, seconds_to_midnight
from triage.connectors.x.client import Client, Refused, Unanswered, now_utc
from triage.connectors.x.errors import Limited, reading_error
from triage.connectors.x.feed import Feed, things_of
from triage.connectors.x.posts import number_of
from triage.connectors.x.sender import Sender
from triage.connectors.x.settings import Settings
from triage.connectors.x.timelines import feeds
from triage.connectors.x.walk import Walk, dump, id_at, load
from triage.errors import ChannelDown, ChannelError, ChannelRefused
from triage.message import Reply, Sent

DEADLINE = 20.0
"""Seconds for one request, whole."""

BREATH = 20.0
"""Seconds: while nothing is due we show at least this often that we live."""


class X:
    """One account."""

    kind = "x"

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        deadline: float = DEADLINE,
        now: Callable[[], datetime] = now_utc,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Connect to nothing yet; deadline, time and sleep are parameters for tests."""
        self.name = name
        self.answers_through = name if settings.answers_through is None else settings.answers_through
        self._settings = settings
        self._deadline = deadline
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._client: Client | None = None
        self._budget = Budget(limit=settings.budget_per_day)
        self._paid: set[int] = set()
        self._me: dict[str, str] = {}

    @property
    def status(self) -> str:
        """Return one line for the status: what the day has cost, and how fast we look."""
        budget = self._budget.on(self._now())
        return f"{budget}, looking every {self._settings.mentions_every * budget.slower(self._now()):.0f} s"

    async def messages(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what came after `cursor`; see `Connector.messages`, and `Feed` for the order."""
        walks = self._load(cursor)
        self._until_due([])
        me = (await self._identify())["id"]
        timelines = self._feeds(walks, me)
        while True:
            await self._sleep(self._until_due(timelines))
            yield Batch()  # the sign of life comes before the questions
            for feed in [feed for feed in timelines if feed.due_at <= self._monotonic()]:
                while await self._gather(feed):
                    yield Batch()
                items = feed.items(me, self.name, self._now())
                yield Batch(items=items, cursor=self._cursor(timelines))
                feed.stored(self._monotonic() + feed.every * self._today().slower(self._now()))
            if all(feed.limited for feed in timelines):
                raise Limited(self.name, "X's own limits are reached", self._until_due(timelines, longest=900))

    async def send(self, reply: Reply) -> Sent:
        """Send one reply, in public or as a direct message; see `Connector.send`."""
        return await self._sender().send(reply)

    async def find_sent(self, reply: Reply) -> Sent | None:
        """Look the reply up in our own timeline or in the conversation; see `Connector.find_sent`."""
        return await self._sender().find(reply)

    async def check(self) -> str:
        """Return who we are and what the day has cost; raises as `messages`."""
        me = await self._identify(again=True)
        return f"@{me['username']}, {self.status}"

    async def close(self) -> None:
        """Let go of every connection; never raises."""
        if self._client:
            await self._client.close()

    def _api(self) -> Client:
        self._client = self._client or Client(self._settings, deadline=self._deadline, now=self._now)
        return self._client

    def _sender(self) -> Sender:
        return Sender(
            self.name,
            self._settings,
            self._api(),
            identify=self._identify,
            today=self._today,
            pay=self._pay,
            now=self._now,
        )

    def _today(self) -> Budget:
        today = self._budget.on(self._now())
        if today.day != self._budget.day:
            self._paid.clear()
        self._budget = today
        return today

    def _pay(self, cost: float) -> None:
        self._budget = self._today().plus(cost)

    async def _identify(self, *, again: bool = False) -> dict[str, str]:
        """Return our own id and name; asked for once."""
        if not self._me or again:
            answer = await self._question(lambda: self._api().get_me(user_auth=self._api().signed))
            self._pay(self._settings.prices.user if not self._me else 0)
            data = answer.get("data")
            if not (isinstance(data, dict) and isinstance(data.get("id"), str)):
                raise ChannelDown(self.name, "X does not say who we are")
            self._me = {"id": data["id"], "username": str(data.get("username", ""))}
        return self._me

    async def _question(self, ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        try:
            return await ask()
        except (Refused, Unanswered) as error:
            raise reading_error(self.name, error, self._now().timestamp()) from None

    def _load(self, cursor: str | None) -> dict[str, Walk]:
        """Return the walks of a cursor, and take over what the day had cost before the restart."""
        try:
            walks, day, spent = load(cursor) if cursor else ({}, "", 0.0)
        except ValueError as error:
            raise ChannelRefused(self.name, str(error)) from None
        today = self._today()
        if day == today.day and spent > today.spent:
            self._budget = replace(today, spent=spent)
        return walks

    def _cursor(self, timelines: list[Feed]) -> str:
        return dump({feed.name: feed.walk for feed in timelines}, self._today().day, self._today().spent)

    def _feeds(self, walks: dict[str, Walk], me: str) -> list[Feed]:
        """Return the timelines to read, each at its place."""
        before = id_at(self._now()) - 1 if self._settings.start == "now" else 0
        return feeds(self._settings, self._api(), me, walks, Walk(floor=before, since=before), self._monotonic())

    def _until_due(self, timelines: list[Feed], longest: float = BREATH) -> float:
        """Return the seconds until a timeline is due; raises `ChannelDown` till midnight when the money is gone."""
        if not self._today().may_read:
            why = f"the day's budget for reading is used up ({self._budget}); reading goes on at 00:00 UTC"
            raise ChannelDown(self.name, why, seconds_to_midnight(self._now()))
        due = min((feed.due_at for feed in timelines), default=0.0)
        return min(max(0.0, due - self._monotonic()), longest)

    async def _gather(self, feed: Feed) -> bool:
        """Ask for one more page; return whether another is needed before anything is handed over."""
        try:
            page = await feed.ask(feed.walk)
        except Refused as refused:
            if refused.status == 400 and feed.restart():
                return True
            return self._stop(feed, reading_error(self.name, refused, self._now().timestamp()))
        except Unanswered as error:
            return self._stop(feed, reading_error(self.name, error, self._now().timestamp()))
        new = {number_of(thing) for thing in things_of(page)} - self._paid
        self._paid |= new
        self._pay(feed.price * len(new))
        return not feed.take(page)

    def _stop(self, feed: Feed, error: ChannelError) -> bool:
        """Hand over what was gathered before the error; raise it only when there is nothing."""
        if isinstance(error, Limited):
            feed.limited, feed.due_at = True, self._monotonic() + (error.retry_after or 0)
        elif not feed.gathered:
            raise error
        return False
