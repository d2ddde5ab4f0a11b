"""Does every message find its case, and how fast: `make bench-matching`.

A month is generated with its truth (`month.py`), goes through the real pipeline with the shipped model, and every message's
case is compared with the truth. Nobody answers meanwhile, so every case stays open and a candidate. Before the last
messages the store is filled to its full size with copies of the month, and then each is settled alone and timed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import fill
from month import CHANNEL, ELSEWHERE, Month, Sent
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import select

from triage import pipeline, replies, settling, studying
from triage.classifier.predict import current
from triage.desk import Desk
from triage.message import Address, Message
from triage.rules.acknowledge import Limits
from triage.rules.automatic import Own
from triage.store import Store, cases, people, upgrade
from triage.store.tables import messages as stored
from triage.store.waiting import Waiting

ROOT = Path(__file__).parents[1]
BATCH = 64
TIMED = 2_000
SHOWN = 15
console = Console()


def desk() -> Desk:
    """Return a desk that answers on every channel."""
    return Desk(
        name="Acme Wallet",
        keys=(b"a key for the measurement",),
        replies=replies.load(ROOT / "config/replies"),
        own=Own(addresses=frozenset({"support@wallet.example"}), domains_of_message_ids=frozenset({"wallet.example"})),
        answers_through={name: name for name in CHANNEL.values()},
        limits=Limits(per_minute_total=1_000_000),
    )


@dataclass
class Run:
    """A month on its way through a store.

    Attributes:
        case_of: Each message's case, by its place in the month; 0 for none.
        first: Each matter's case: that of its first message.
        why: Why each message is where it is.
        seconds: How long each batch took, its commit included.
        used: How much of the processor this thread used for each.
        committed: How long each commit waited, mostly for the disk.
        matched: How long it took to find each message's case: who writes, what is known of her, the rule.
    """

    store: Store
    desk: Desk
    judge: object
    sent: Sequence[Sent]
    case_of: list[int] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    committed: list[float] = field(default_factory=list)
    matched: list[float] = field(default_factory=list)
    _last: int = 0

    def settle(self, some: Sequence[Sent]) -> None:
        """Let these messages in, all at once, and see where they went."""
        messages = [self._message(len(self.case_of) + n, one) for n, one in enumerate(some)]
        waiting = [Waiting(id=0, message=m, redacted=(), attempts=1) for m in messages]
        prepared = studying.prepare(self.desk, self.judge, waiting)
        self.matched.append(0.0)
        began, used = time.perf_counter(), time.thread_time()
        pipeline.take_in(self.store, self.desk, "month", prepared, some[-1].at)
        self.seconds.append(time.perf_counter() - began)
        self.used.append(time.thread_time() - used)
        self._look(some)

    def _look(self, some: Sequence[Sent]) -> None:
        query = (
            select(stored.c.id, stored.c.case_id, stored.c.why).where(stored.c.id > self._last).order_by(stored.c.id)
        )
        with self.store.read() as tx:
            rows = tx.execute(query).all()
        assert len(rows) == len(some)
        self._last = rows[-1].id
        for one, row in zip(some, rows, strict=True):
            self.case_of.append(row.case_id or 0)
            self.why.append(json.loads(row.why)["code"])
            if one.first:
                self.first[one.matter] = row.case_id or 0

    def _message(self, n: int, one: Sent) -> Message:
        text, refers_to = one.text, ()
        if case := self.first.get(one.quotes, 0):
            text = f"{text}\n{self.desk.number(case)}"
        if one.answers >= 0:
            refers_to = (f"<{one.answers}@example.org>",)
        known = (f"<{one.matter}@example.org>" if one.first else f"<{n}.again@example.org>",)
        return Message(
            channel=CHANNEL[one.kind], kind=one.kind, external_id=str(n), text=text, subject=one.subject,
            sender=Address(kind=one.kind, value=one.value), received_at=one.at, known_as=known, refers_to=refers_to,
            conversation="" if one.kind == "email" else f"{one.kind}:{one.value}",
            headers=(("Authentication-Results", "mx.wallet.example; dmarc=pass"),) if one.kind == "email" else (),
        )  # fmt: skip

    def forget_filled(self) -> None:
        """Look only at what comes after the copies."""
        with self.store.read() as tx:
            self._last = tx.execute(select(stored.c.id).order_by(stored.c.id.desc()).limit(1)).scalar_one()


def time_commits(store: Store, into: list[float]) -> None:
    """Note how long each commit takes."""
    dialect = store.engine.dialect
    commit = dialect.do_commit

    def timed(connection: Any) -> None:
        began = time.perf_counter()
        commit(connection)
        into.append(time.perf_counter() - began)

    dialect.do_commit = timed  # type: ignore[method-assign]


def time_matching(run: Run) -> None:
    """Add up, for each batch, what finding its cases takes: the two questions and the rule."""

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*args: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*args)
            finally:
                run.matched[-1] += time.perf_counter() - began

        return inner

    for module, name in ((people, "meet"), (cases, "known"), (settling, "find_follow_up")):
        setattr(module, name, timed(getattr(module, name)))


def month(run: Run, until: int) -> None:
    """Settle the first messages in batches. A matter's first message and one that quotes it are never in one batch."""
    some: list[Sent] = []
    opened: set[int] = set()
    for one in track(run.sent[:until], description="the month", console=console, transient=True):
        if len(some) == BATCH or one.quotes in opened:
            run.settle(some)
            some, opened = [], set()
        some.append(one)
        opened |= {one.matter} if one.first else set()
    if some:
        run.settle(some)


def compare(run: Run, shown: int) -> dict[str, float]:
    """Print what went right and wrong; return the shares."""
    owner = {run.first[one.matter]: one.matter for one in reversed(run.sent) if one.first and run.first[one.matter]}
    total, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for n, one in enumerate(run.sent):
        way = one.way or "an ordinary first message"
        total[way] += 1
        case = run.case_of[n]
        wrong[way] += bool(case) and owner.get(case, one.matter) != one.matter
        missed[way] += not one.first and case != run.first[one.matter]
    table = Table("", "messages", "in a wrong case", "not in their case", title="the month")
    for way in total:
        lost = (
            ""
            if way not in {o.way for o in run.sent if not o.first}
            else f"{missed[way]} ({missed[way] / total[way]:.1%})"
        )
        table.add_row(way, f"{total[way]:,}", str(wrong[way]), lost)
    console.print(table)
    bad = [(o, c, w) for o, c, w in zip(run.sent, run.case_of, run.why, strict=True)]
    errors = [x for x in bad if x[1] and owner.get(x[1], x[0].matter) != x[0].matter]
    misses = [x for x in bad if not x[0].first and x[0].way != ELSEWHERE and x[1] != run.first[x[0].matter]]
    console.print(Counter(w for _, _, w in errors), Counter(w for _, _, w in misses))
    text_of = {o.matter: o.text for o in run.sent if o.first}
    for title, some in (("wrong", errors), ("missed", misses)):
        for o, c, w in some[:shown]:
            console.print(f"{title} {w} {o.way}: {text_of.get(owner.get(c, o.matter))!r} <- {o.text!r}", markup=False)
    known = sum(not o.first and o.way != ELSEWHERE for o in run.sent)
    held = sum(o.first and not run.first[o.matter] for o in run.sent)
    console.print(f"first messages that opened nothing: {held}")
    return {"wrong": wrong.total() / len(run.sent), "missed": len(misses) / known}


def times(seconds: Sequence[float], title: str) -> None:
    """Print quantiles of times in milliseconds."""
    some = sorted(seconds)
    marks = {q: some[min(len(some) - 1, int(q * len(some)))] * 1000 for q in (0.5, 0.9, 0.99, 0.999)}
    console.print(f"{title}: " + ", ".join(f"p{100 * q:g} {ms:.2f} ms" for q, ms in marks.items()))


def main() -> None:
    """Generate, settle, compare, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=100_000)
    options.add_argument("--stored", type=int, default=1_000_000, help="messages in the store when the times are taken")
    options.add_argument("--url", default="", help="the store; a SQLite file of its own if none is named")
    options.add_argument("--show", type=int, default=0, help="so many of the errors are printed")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(asked.url or f"sqlite:///{folder}/month.db")
        upgrade.upgrade(store)
        run = Run(store=store, desk=desk(), judge=current(ROOT / "models"), sent=Month(asked.messages).sent)
        studying.warm_up(run.desk, run.judge)
        began = time.perf_counter()
        timed = min(TIMED, len(run.sent) // 10)
        month(run, len(run.sent) - timed)
        console.print(f"{len(run.sent) - timed:,} messages in {time.perf_counter() - began:.0f} s")
        if asked.stored > len(run.sent):
            began = time.perf_counter()
            fill.fill(store, asked.stored)
            run.forget_filled()
            console.print(f"filled to {asked.stored:,} in {time.perf_counter() - began:.0f} s")
        run.seconds.clear()
        run.used.clear()
        run.matched.clear()
        time_commits(store, run.committed)
        time_matching(run)
        for one in run.sent[-timed:]:
            run.settle([one])
        times(run.seconds, f"one message, matched to committed, {asked.stored:,} stored")
        times(run.used, "of it the processor's time, the database's own included on SQLite")
        times(run.matched, "of it finding its case: who writes, what is known of her, the rule")
        times(run.committed, "of it the commit, which waits for the disk")
        found = compare(run, asked.show)
        console.print(
            f"wrong merges {found['wrong']:.3%} (goal 0.1 %), missed repeats {found['missed']:.2%} (goal 5 %)"
        )
        store.close()


if __name__ == "__main__":
    main()
