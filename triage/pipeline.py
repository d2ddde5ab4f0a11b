"""THE WAY OF A MESSAGE. Read this first.

    connector ─ receive: guard ─ inbox ─ work: read → judge → match → place → acknowledge ─ store, outbox ─ sender

`receive` makes a batch durable, secrets replaced, together with the channel's cursor. `work` takes what waits
and settles it in one transaction. `take_in` does both at once with what was studied (`triage.studying`) elsewhere.
`explaining` does the same for one message and writes nothing.
All of it is plain, synchronous code; it runs in threads.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from triage import failpoints, hunted, log, pieces, returned
from triage.answering import Answering
from triage.classifier import Judge
from triage.connectors import Batch, read
from triage.desk import Desk
from triage.entering import thread_keys
from triage.errors import StoreDown, TriageError
from triage.message import Unreadable
from triage.sealing import PLAIN, Guarding, guarded, guarded_bytes
from triage.settling import Settling
from triage.store import Store, Tx, cases, inbox, outbox, outlook, people, quarantine, signs, spent
from triage.store.inbox import Received, Waiting
from triage.studying import Prepared, prepare

DAY = timedelta(days=1)

MOST_TRIES = 3
"""So often is a message tried before it goes to the quarantine."""

T = TypeVar("T")

Fence = Callable[[Tx], None]
"""Raises `LeaseLost` inside a transaction whose writer was replaced."""


def receive(
    store: Store, channel: str, batch: Batch, now: datetime, fence: Fence | None = None, how: Guarding = PLAIN
) -> Received:
    """Store a batch and the cursor that follows it in one transaction, secrets replaced before the first write.

    What is a secret, and whether what they were replaced in is kept, `how` says.
    Returns how many items were new and how many were known. Raises `StoreDown`; nothing is stored then.
    """
    read_ = read(batch.items)
    items = [guarded_bytes(item, how) if isinstance(item, Unreadable) else guarded(item, how) for item in read_]

    return _fenced(store, fence, lambda tx: inbox.receive(tx, channel, items, batch.cursor, now))


class Apart(Protocol):
    """Processes beside this one in which messages are read and judged: what ends one of them does not end us."""

    def prepare(self, desk: Desk, judge: Judge, waiting: Sequence[Waiting]) -> list[Prepared]:
        """Read and judge messages; raises when a process ended of it."""
        ...

    def survives(self, waiting: Waiting) -> bool:
        """Tell whether a process of its own can read and judge a message."""
        ...


def work(
    store: Store,
    desk: Desk,
    judge: Judge,
    now: datetime,
    *,
    limit: int = 64,
    fence: Fence | None = None,
    apart: Apart | None = None,
) -> int:
    """Settle up to `limit` waiting messages, each sender in her turn; return how many were taken from the inbox.

    Each attempt is counted before it begins. A message that fails is tried alone, and after `MOST_TRIES` it is
    kept in the quarantine with its reason; the next one goes on at once. One that was merely in hand when the process
    ended, be it `MOST_TRIES` times, goes on too, if reading it `apart` shows that it is innocent.
    """
    waiting = store.run(lambda tx: inbox.claim(tx, limit, now))
    deadly = [w for w in waiting if w.attempts > MOST_TRIES and not _is_innocent(w, apart)]
    fresh = [w for w in waiting if w not in deadly]
    for w in deadly:
        _give_up(store, w, f"the process ended {w.attempts - 1} times while it was handled", now, fence)
    if not fresh:
        return len(waiting)
    try:
        settle(store, desk, (apart.prepare if apart else prepare)(desk, judge, fresh), now, fence)
    except StoreDown:
        with suppress(StoreDown):
            store.run(lambda tx: inbox.give_back(tx, [w.id for w in fresh]))
        raise
    except TriageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile message makes our code raise
        log.warning("message.batch-failed", error=type(error).__name__, size=len(fresh))
        for w in fresh:
            _alone(store, desk, judge, w, now, fence, apart)
    return len(waiting)


def settle(store: Store, desk: Desk, prepared: Sequence[Prepared], now: datetime, fence: Fence | None = None) -> None:
    """Match, place and acknowledge a batch, and write all of it in one transaction.

    If the process dies at any point before the commit, nothing has happened and the inbox still holds the batch.
    """

    def write(tx: Tx) -> bool:
        joined = _settle(tx, desk, prepared, now)
        inbox.finish(tx, [p.waiting.id for p in prepared])
        return joined

    if _fenced(store, fence, write):
        store.forget_old_versions()


def take_in(
    store: Store,
    desk: Desk,
    channel: str,
    studied: Sequence[Prepared | Unreadable],
    now: datetime,
    fence: Fence | None = None,
    cursor: str | None = None,
) -> Received:
    """Store and settle a studied batch in one transaction, its cursor with it; for sources that keep it until then.

    Where messages wait in the inbox it is put behind them: they came first. Returns how many items were new and how
    many were known, as `receive`.
    """

    def write(tx: Tx) -> tuple[Received, bool]:
        items = [s if isinstance(s, Unreadable) else (s.waiting.message, s.waiting.redacted) for s in studied]
        if not inbox.is_empty(tx):
            return inbox.receive(tx, channel, items, cursor, now), False
        fresh, received = inbox.admit(tx, channel, items, now)
        new = {id(message) for message, _ in fresh}
        mine = [s for s in studied if isinstance(s, Prepared) and id(s.waiting.message) in new]
        joined = _settle(tx, desk, mine, now)
        if cursor is not None:
            inbox.advance(tx, channel, cursor, now)
        return received, joined

    received, joined = _fenced(store, fence, write)
    if joined:
        store.forget_old_versions()
    return received


def _settle(tx: Tx, desk: Desk, prepared: Sequence[Prepared], now: datetime) -> bool:
    """Settle a batch; tell whether the store holds pieces of a phrase as its rows were before."""
    prepared, joined = pieces.joined(tx, prepared)
    prepared = hunted.labelled(tx, desk, prepared, now)
    settling = _gather(tx, desk, prepared, now)
    for p in prepared:
        settling.settle(p)
    changes = settling.changes()
    cases.save(tx, changes, now)
    signs.add(tx, settling.signs)
    hunted.write_down(tx, desk, prepared, changes.entries)
    outbox.queue(tx, settling.answers.replies, withheld=desk.dry_run)
    for address_key, person_id in settling.links:
        people.link(tx, address_key, person_id, "triage", "quoted the case number", now)
    returned.take_back(tx, [p for p in prepared if p.reading.robot is not None], now)
    failpoints.reach("in-transaction")
    return joined


def _gather(tx: Tx, desk: Desk, prepared: Sequence[Prepared], now: datetime) -> Settling:
    """Return everything the decisions of a batch need from the store, fetched in a handful of queries."""
    human = [p for p in prepared if p.reading.robot is None]
    senders = {p.message.sender.key: p.message.sender for p in human}
    persons, before_now = people.meet(tx, list(senders.values()), now)
    known = cases.known(
        tx,
        before_now,
        {key for p in human for key in thread_keys(p.message)},
        {case_id for p in human for case_id in desk.case_ids(p.reading)},
        now - desk.window,
    )
    before = spent.lately(tx, senders.keys(), now - desk.longest_limit, now - DAY)
    ids = cases.reserve_ids(tx, len(human)) if human else range(0)
    may_command = (p for p in human if p.message.command or p.reading.references.case_numbers)
    commanding = {p.message.sender.key for p in may_command}
    asked = spent.asked(tx, commanding, now - DAY) if commanding else {}
    forecast = outlook.current(tx, now, desk.targets.zone) if human else None
    dead = returned.dead(tx, human, now)
    answers = Answering(desk=desk, now=now, lately=before, asked=asked, dead=dead, forecast=forecast)
    return Settling(desk=desk, answers=answers, new_ids=ids, persons=persons, known=known)


def _is_innocent(waiting: Waiting, apart: Apart | None) -> bool:
    return apart is not None and waiting.attempts <= 3 * MOST_TRIES and apart.survives(waiting)


def _alone(
    store: Store,
    desk: Desk,
    judge: Judge,
    waiting: Waiting,
    now: datetime,
    fence: Fence | None,
    apart: Apart | None,
) -> None:
    """Settle one message of a batch that failed; a poison one stays in the inbox until its tries are used up."""
    try:
        settle(store, desk, (apart.prepare if apart else prepare)(desk, judge, [waiting]), now, fence)
    except TriageError:
        raise
    except Exception as error:  # noqa: BLE001
        why = f"{type(error).__name__}: {error}"[:300]
        log.warning("message.failed", channel=waiting.message.channel, id=waiting.id, error=type(error).__name__)
        if waiting.attempts >= MOST_TRIES:
            _give_up(store, waiting, why, now, fence)


def _give_up(store: Store, waiting: Waiting, why: str, now: datetime, fence: Fence | None) -> None:
    _fenced(store, fence, lambda tx: quarantine.keep_waiting(tx, waiting, why, now))
    log.warning("message.quarantined", channel=waiting.message.channel, id=waiting.id)


def _fenced(store: Store, fence: Fence | None, work: Callable[[Tx], T]) -> T:
    """Return what `work` returns, done in one write transaction of a writer that was not replaced."""

    def fenced(tx: Tx) -> T:
        if fence is not None:
            fence(tx)
        return work(tx)

    return store.run(fenced)
