"""A year of a support desk in minutes, by injected time, through the real pipeline: `make simulate-year`.

Customers write by day and by night, more when the market moves, again when nobody answers, and back after an answer.
Agents work shifts, get ill, and keep holidays; at night one is on call for what is critical. Every message goes through
`pipeline.take_in` with the shipped model, every case through `take_next` and `answer`, every promise that breaks
through `promises.announce`. Printed: how many of the waiting times that were told were kept, beside what the
configured targets would have been ("before": what acknowledgements said until they looked at the queue), whether each
broken one was announced, and who waited longest.
"""

import argparse
import heapq
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from triage import agents, log, pipeline, promises, replies
from triage.agents import Answer
from triage.case import Urgency
from triage.classifier.predict import current
from triage.desk import Desk
from triage.message import Address, Message
from triage.rules.automatic import Own
from triage.rules.calendar import Calendar
from triage.rules.targets import Targets
from triage.store import Store, Tx, cases, lists, upgrade
from triage.store.promises import next_end
from triage.store.rows import case_of
from triage.store.tables import cases as cases_table
from triage.store.tables import outbox as outbox_table
from triage.studying import study

ROOT = Path(__file__).parents[1]
MADRID = ZoneInfo("Europe/Madrid")
SPAIN = holidays.country_holidays("ES", subdiv="MD")
CHANNELS = (("support-mail", "email", 0.7), ("bot", "telegram", 0.3))
TAKES = timedelta(minutes=15)  # a case, by median; a theft takes twice as long
LEAST_KEPT = 0.85
console = Console(width=150)

STORIES = (
    (0.02, ("My wallet was hacked and all my {coin} was stolen just now, please freeze it! Account {n}",
            "¡Me están robando! Alguien está vaciando mi cartera de {coin} ahora mismo. Cuenta {n}",
            "我的钱包被盗了，{coin} 正在被转走，请马上帮我冻结！账户 {n}")),
    (0.20, ("My withdrawal of {sum} {coin} is stuck since yesterday, it is still pending and the money does not arrive. Order {n}",
            "Mi retiro de {sum} {coin} sigue pendiente y el dinero no llega. Pedido {n}",
            "我的 {sum} {coin} 提现一直显示处理中，钱没有到账。订单 {n}",
            "Meine Auszahlung von {sum} {coin} ist seit gestern nicht angekommen. Auftrag {n}")),
    (0.60, ("I cannot log in to my account any more, the SMS code never comes. My user is {n}",
            "How do I change the email address of my account {n}? The page shows an error.",
            "No recibo el código SMS para entrar en mi cuenta {n}, ¿me ayudan?",
            "我收不到短信验证码，无法登录账户 {n}，请帮忙。",
            "Quelle est la commission pour envoyer {coin} ? Mon compte est {n}",
            "I sent you my documents for the verification of account {n} and nobody looked at them.")),
    (0.18, ("It would be nice to have a dark mode and a chart for {coin}. Idea {n}",
            "Me gustaría ver un modo oscuro en la aplicación. Sugerencia {n}",
            "建议增加深色模式和 {coin} 行情提醒。{n}",
            "Your support was very slow last time and I am not satisfied with the service. {n}")),
)  # fmt: skip
AGAIN = (
    "Hello? Is anybody there? I still have no answer.",
    "Any news? I am still waiting.",
    "I also tried it on another phone, version {v}, the same.",
)


@dataclass
class Year:
    store: Store
    desk: Desk
    judge: Any
    start: datetime
    days: int
    chance: random.Random
    load: float
    events: list[tuple[datetime, int, str, Any]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    free: dict[str, datetime] = field(default_factory=dict)
    writers: dict[int, Message] = field(default_factory=dict)
    messages: int = 0
    answers: int = 0
    watch: datetime | None = None
    busy: set[str] = field(default_factory=set)
    idle: set[str] = field(default_factory=set)

    def at(self, when: datetime, what: str, payload: Any = None) -> None:
        if when < self.start + timedelta(days=self.days):
            heapq.heappush(self.events, (when, next(self.order), what, payload))

    def run(self) -> None:
        for some in batched((self.first_message(when) for when in sorted(self.arrivals())), 64):
            for studied in study(self.desk, self.judge, some):
                self.at(studied.waiting.message.received_at, "customer", studied)
        for day in range(self.days):
            for name, begins, ends, kind in self.shifts(self.start + timedelta(days=day)):
                self.at(begins, "agent", (name, ends, kind))
        begun, shown = time.monotonic(), self.start
        while self.events:
            now, _, what, payload = heapq.heappop(self.events)
            getattr(self, what)(now, payload)
            if now - shown > timedelta(days=30):
                shown = now
                console.print(
                    f"{now:%d %B}: {self.messages} messages, {self.answers} answers, {time.monotonic() - begun:.0f} s",
                    style="dim",
                )

    # -- who writes -----------------------------------------------------------------------------------

    def arrivals(self) -> Iterator[datetime]:
        surges = self.surges()
        hour, end = self.start, self.start + timedelta(days=self.days)
        while hour < end:
            local = hour.astimezone(MADRID)
            daily = 0.35 + 0.65 * (8 <= local.hour < 23) + 0.4 * (local.hour in (10, 11, 16, 17, 18))
            weekly = 0.7 if local.weekday() >= 5 else 1.0
            grown = 1 + 0.15 * ((hour - self.start) / timedelta(days=365))
            surge = max([1.0, *(k for begins, ends, k in surges if begins <= hour < ends)])
            rate = self.load / 24 * daily * weekly * grown * surge
            for _ in range(self.poisson(rate)):
                yield hour + timedelta(seconds=self.chance.randrange(3600))
            hour += timedelta(hours=1)

    def surges(self) -> list[tuple[datetime, datetime, float]]:
        found = []
        for _ in range(round(20 * self.days / 365)):
            begins = self.start + timedelta(days=self.chance.uniform(20, max(self.days, 21)))
            found.append((begins, begins + timedelta(hours=self.chance.uniform(4, 30)), self.chance.uniform(2, 6)))
        return found

    def poisson(self, mean: float) -> int:
        n, left = 0, self.chance.expovariate(1)
        while left < mean:
            n, left = n + 1, left + self.chance.expovariate(1)
        return n

    def first_message(self, now: datetime) -> Message:
        n = next(self.numbers)
        texts = self.chance.choices([t for _, t in STORIES], [w for w, _ in STORIES])[0]
        text = self.chance.choice(texts).format(
            coin=self.chance.choice(["BTC", "ETH", "USDT", "SOL"]), n=100_000 + n, sum=self.sum()
        )
        channel, kind, _ = self.chance.choices(CHANNELS, [w for *_, w in CHANNELS])[0]
        value = f"p{n}@example.org" if kind == "email" else str(n)
        return Message(
            channel=channel, kind=kind, external_id=f"m{n}", sender=Address(kind=kind, value=value), received_at=now,
            text=text, known_as=(f"<m{n}@example.org>",), conversation="" if kind == "email" else f"tg:{n}",
        )  # fmt: skip

    def sum(self) -> str:
        """Return a sum of any magnitude, as people name them."""
        return f"{10 ** self.chance.uniform(-2, 4):.2f}"

    def customer(self, now: datetime, studied: Any) -> None:
        message = studied.waiting.message
        self.enter(now, message.channel, [studied])
        if self.chance.random() < 0.25:
            self.at(now + timedelta(hours=self.chance.expovariate(1 / 14)), "again", (message, 1))

    def again(self, now: datetime, payload: Any) -> None:
        first, times = payload
        m = next(self.numbers)
        self.write(now, replace(
            first, external_id=f"m{m}", received_at=now, text=self.chance.choice(AGAIN).format(v=m),
            known_as=(f"<m{m}@example.org>",), refers_to=first.known_as,
        ))  # fmt: skip
        if times < 4 and self.chance.random() < 0.4:
            self.at(now + timedelta(hours=self.chance.expovariate(1 / 20)), "again", (first, times + 1))

    def write(self, now: datetime, message: Message) -> None:
        self.enter(now, message.channel, study(self.desk, self.judge, [message]))

    def enter(self, now: datetime, channel: str, studied: list[Any]) -> None:
        self.messages += 1
        pipeline.take_in(self.store, self.desk, channel, studied, now)
        self.look(now)
        for name in sorted(self.idle):
            self.idle.discard(name)
            self.at(now, "next", name)

    # -- who answers ----------------------------------------------------------------------------------

    def shifts(self, day: datetime) -> Iterator[tuple[str, datetime, datetime, str]]:
        local = day.astimezone(MADRID).date()

        def clock(hour: int) -> datetime:
            return datetime(local.year, local.month, local.day, tzinfo=MADRID).astimezone(UTC) + timedelta(hours=hour)

        works = local.weekday() < 5 and local not in SPAIN
        team = max(1, round(self.load / 18))
        plan = [("day", team, 9, 18), ("late", 1, 16, 22)] if works else [("weekend", 1, 10, 19)]
        for shift, people, begins, ends in plan:
            for n in range(people):
                if self.chance.random() > 0.05:  # ill
                    yield f"{shift}-{n}", clock(begins), clock(ends), "all"
        yield "on-call", clock(0), clock(24), "critical"

    def agent(self, now: datetime, payload: Any) -> None:
        name, ends, _ = payload
        self.free[name] = ends
        self.idle.discard(name)
        if name not in self.busy:
            self.at(now, "next", name)

    def next(self, now: datetime, name: str) -> None:
        if now >= self.free[name] or name in self.busy:
            return
        urgency = Urgency.CRITICAL if name == "on-call" else None
        found = self.store.run(lambda tx: cases.take_next(tx, name, lists.Filters(urgency=urgency), now))
        if found is None:
            self.idle.add(name)
            return
        self.busy.add(name)
        takes = TAKES * self.chance.lognormvariate(0, 0.7) * (2 if found.verdict.urgency is Urgency.CRITICAL else 1)
        self.at(now + takes, "answered", (name, found.id))

    def answered(self, now: datetime, payload: Any) -> None:
        name, case_id = payload
        self.busy.discard(name)
        answer = Answer(
            text="We looked into it and put it right.", key=str(next(self.numbers)), resolve=self.chance.random() < 0.6
        )

        def write(tx: Tx) -> None:
            agents.answer(tx, self.desk, case_id, name, answer, now)
            found = lists.last_message(tx, case_id)
            assert found is not None
            self.writers[case_id] = found[0]
            # Whoever is free takes it if it comes back.
            cases.change(tx, case_id, {"assignee": ""}, name, "case.given-back", now)

        self.store.run(write)
        self.answers += 1
        if self.chance.random() < 0.15:
            self.at(now + timedelta(hours=self.chance.expovariate(1 / 8)), "back", case_id)
        self.next(now, name)

    def back(self, now: datetime, case_id: int) -> None:
        before, m = self.writers[case_id], next(self.numbers)
        self.write(now, Message(
            channel=before.channel, kind=before.kind, external_id=f"m{m}", sender=before.sender, received_at=now,
            text=f"Thank you, but it is not solved: it shows error {m} now.", known_as=(f"<m{m}@example.org>",),
            refers_to=before.known_as,
        ))  # fmt: skip

    # -- who watches ----------------------------------------------------------------------------------

    def look(self, now: datetime) -> None:
        """Plan the next look at the promises, as the daemon does."""
        with self.store.read() as tx:
            end = next_end(tx)
        if end is not None and (self.watch is None or end < self.watch):
            self.watch = end
            self.at(end, "announce")

    def announce(self, now: datetime, _: Any) -> None:
        if now != self.watch:
            return
        while self.store.run(lambda tx: promises.announce(tx, self.desk, now)):
            pass
        self.watch = None
        self.look(now)


def batched(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while some := list(islice(items, size)):
        yield some


def report(year: Year) -> bool:
    """Print the tables; return whether what was promised of the promises holds."""
    end = year.start + timedelta(days=year.days)
    with year.store.read() as tx:
        found = [case_of(row) for row in tx.execute(select(cases_table))]
        late = {row.case_id for row in tx.execute(select(outbox_table.c.case_id).where(outbox_table.c.kind == "late"))}
        kinds = Counter(tx.execute(select(outbox_table.c.kind)).scalars())
    groups = defaultdict(list)
    for case in found:
        groups[case.verdict.urgency.label].append(case)
        groups["all"].append(case)
    table = Table(
        title=f"{year.days} days: {year.messages} messages, {len(found)} cases, {year.answers} answers, {kinds['late']} told that it takes longer"
    )
    for name in (
        "urgency",
        "told",
        "kept",
        "before: kept",
        "before: told (median)",
        "told (median)",
        "wait (median)",
        "wait (9 of 10)",
        "longest wait",
        "broken",
        "announced",
        "open at the end",
    ):
        table.add_column(name, justify="right")
    good = True
    for label in ("critical", "high", "normal", "low", "all"):
        group = groups[label]
        told = [c for c in group if c.promise is not None and (c.first_answered_at or c.promise.by < end)]
        if not told:
            continue
        kept = [c for c in told if (c.first_answered_at or end) <= c.promise.by]
        before = [c for c in told if (c.first_answered_at or end) <= targeted(year, c)]
        broken = [c for c in told if (c.first_answered_at or end) > c.promise.by]
        announced = [c for c in broken if c.id in late]
        waits = [((c.first_answered_at or end) - c.opened_at) / timedelta(hours=1) for c in group]
        spans = [(c.promise.by - c.promise.made_at) / timedelta(hours=1) for c in told]
        targets = [(targeted(year, c) - c.promise.made_at) / timedelta(hours=1) for c in told]
        table.add_row(
            label, str(len(told)), f"{len(kept) / len(told):.1%}", f"{len(before) / len(told):.1%}", hours(median(targets)), hours(median(spans)),
            hours(median(waits)), hours(quantiles(waits, n=10)[-1]), hours(max(waits)), str(len(broken)), str(len(announced)),
            str(sum(c.first_answered_at is None for c in group)),
        )  # fmt: skip
        if label == "all":
            good = len(kept) / len(told) >= LEAST_KEPT and len(announced) == len(broken)
    console.print(table)
    months(year, [c for c in groups["all"] if c.promise is not None and c.first_answered_at])
    return good


def months(year: Year, told: list[Any]) -> None:
    table = Table(title="by month")
    by = defaultdict(list)
    for case in told:
        by[f"{case.promise.made_at:%Y-%m}"].append(case.first_answered_at <= case.promise.by)
    for name in sorted(by):
        table.add_column(name, justify="right")
    table.add_row(*(f"{sum(by[name]) / len(by[name]):.1%}" for name in sorted(by)))
    table.add_row(*(str(len(by[name])) for name in sorted(by)))
    console.print(table)


def targeted(year: Year, case: Any) -> datetime:
    """Return until when an answer would have been told before: the hours of the target, by the clock, whatever the queue."""
    seconds = Targets(complaint=None).hours[case.verdict.urgency] * 3600
    return case.promise.made_at + timedelta(seconds=year.desk.replies.longest(seconds))


def hours(span: float) -> str:
    return f"{span * 60:.0f} min" if span < 2 else f"{span:.1f} h" if span < 72 else f"{span / 24:.1f} d"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--load", type=float, default=36.0, help="messages of new customers on an ordinary day")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-calendar", action="store_true", help="configure no calendar: the queue alone tells")
    parser.add_argument("--store", default="", help="another database than a new SQLite file")
    asked = parser.parse_args()
    log.configure(level="ERROR")
    office = Calendar(zone=MADRID, hours=dict.fromkeys(range(5), ((540, 1080),)), holidays=SPAIN)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        store = Store(asked.store or f"sqlite:///{folder}/year.db")
        upgrade.upgrade(store)
        desk = Desk(
            name="Acme Wallet", keys=(b"a key of this simulation",), replies=replies.load(ROOT / "config/replies"),
            own=Own(addresses=frozenset({"support@wallet.example"}), domains_of_message_ids=frozenset({"wallet.example"})),
            answers_through={name: name for name, *_ in CHANNELS},
            targets=Targets(calendar=None if asked.no_calendar else office),
        )  # fmt: skip
        year = Year(
            store=store, desk=desk, judge=current(ROOT / "models"), start=datetime(2026, 1, 1, tzinfo=UTC), days=asked.days,
            chance=random.Random(asked.seed), load=asked.load,
        )  # fmt: skip
        year.run()
        good = report(year)
        store.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
