"""One desk at work for tests, on both databases, with the shipped texts and the shipped model.

A test folder's `conftest.py` says `from rooms import *  # noqa: F403` and has the fixture `room`.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from asking import next_to_send
from builders import NOW, a_message, an_address
from stores import postgres_server, postgres_store, sqlite_store, sqlite_template, store

from triage import pipeline, replies
from triage.case import Case, Entry
from triage.classifier import Judge
from triage.classifier.predict import current
from triage.connectors import Batch
from triage.desk import Desk
from triage.message import Message, Reply, Unreadable
from triage.rules.automatic import Own
from triage.store import Store, cases, lists, outbox

__all__ = [  # with the fixtures of `stores`, which these need
    "Room", "desk", "judge", "postgres_server", "postgres_store", "room", "sqlite_store", "sqlite_template", "store",
]  # fmt: skip

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def judge() -> Judge:
    return current(ROOT / "models")


def a_desk() -> Desk:
    own = Own(addresses=frozenset({"support@wallet.example"}), domains_of_message_ids=frozenset({"wallet.example"}))
    through = {"support-mail": "support-mail", "bot": "bot", "x": "x"}
    return Desk(
        name="Acme Wallet",
        keys=(b"a key for tests",),
        replies=replies.load(ROOT / "config/replies"),
        own=own,
        answers_through=through,
    )


@pytest.fixture(scope="session")
def desk() -> Desk:
    return a_desk()


@dataclass
class Room:
    """One desk at work: messages go in, what became of them is looked at."""

    store: Store
    desk: Desk
    judge: Judge
    now: datetime = NOW
    numbers: Any = field(default_factory=lambda: count(1))

    def mail(self, text: str, **other: Any) -> Message:
        n = next(self.numbers)
        values = {"external_id": f"INBOX/1/{n}", "known_as": (f"<{n}@example.org>",), "received_at": self.now}
        return a_message(text, **(values | other))

    def chat(self, text: str, user: str = "42", **other: Any) -> Message:
        n = next(self.numbers)
        values = {
            "kind": "telegram", "channel": "bot", "external_id": str(n), "sender": an_address(user, "telegram"),
            "known_as": (f"tg:{user}:{n}",), "conversation": f"tg:{user}", "reply_to": {"chat": int(user)},
        }  # fmt: skip
        return self.mail(text, **(values | other))

    def post(self, text: str, user: str = "7", **other: Any) -> Message:
        n = next(self.numbers)
        values = {
            "kind": "x", "channel": "x", "external_id": str(n), "sender": an_address(user, "x"), "public": True,
            "known_as": (f"x:{n}",), "conversation": f"x:{n}",
        }  # fmt: skip
        return self.mail(text, **(values | other))

    def take(self, *items: Message | Unreadable, cursor: str | None = None) -> pipeline.Received:
        by_channel: dict[str, list[Message | Unreadable]] = {}
        for item in items:
            by_channel.setdefault(item.channel, []).append(item)
        for channel, some in by_channel.items():
            received = pipeline.receive(
                self.store, channel, Batch(items=tuple(some), cursor=cursor), self.now, how=self.desk.guarding
            )
        return received

    def work(self, **other: Any) -> int:
        total = 0
        while n := pipeline.work(self.store, other.get("desk", self.desk), self.judge, self.now, **other):
            total += n
        return total

    def hear(self, *items: Message | Unreadable) -> None:
        self.take(*items)
        self.work()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def cases(self) -> list[Case]:
        with self.store.read() as tx:
            return lists.top(tx, lists.Filters())

    def entries(self, case: Case) -> list[Entry]:
        with self.store.read() as tx:
            return cases.conversation(tx, case.id)

    def totals(self) -> dict[str, int]:
        with self.store.read() as tx:
            return lists.totals(tx)

    def queued(self, channel: str = "support-mail") -> list[Reply]:
        """Send everything that waits on a channel, and return it."""
        sent = []
        most = self.desk.limits.per_minute_total
        while reply := self.store.run(lambda tx: next_to_send(tx, channel, self.now, most)):
            self.store.run(lambda tx, r=reply: outbox.sent(tx, {r.id: (f"<sent-{r.id}@wallet.example>",)}, self.now))
            sent.append(reply)
        return sent

    def with_limits(self, **limits: int) -> "Room":
        desk = replace(self.desk, limits=replace(self.desk.limits, **limits))
        return Room(store=self.store, desk=desk, judge=self.judge, now=self.now, numbers=self.numbers)


@pytest.fixture
def room(store: Store, desk: Desk, judge: Judge) -> Room:
    return Room(store=store, desk=desk, judge=judge)
