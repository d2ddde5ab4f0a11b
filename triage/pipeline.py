"""THE WAY OF A MESSAGE. Read this first.

    connector ─ receive: guard ─ inbox ─ work: read → judge → match → place → acknowledge ─ store, outbox ─ sender

`receive` makes a batch durable, secrets replaced, together with the channel's cursor. `work` takes what waits
and settles it in one transaction. `explain` does the same for one message and writes nothing.
All of it is plain, synchronous code; it runs in threads.
"""

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage import failpoints, log
from triage.answering import Answering
from triage.case import Reading, Verdict
from triage.classifier import Judge
from triage.connectors import Batch
from triage.desk import Desk
from triage.errors import StoreDown, TriageError
from triage.message import Message, Unreadable
from triage.replies import waiting_time
from triage.rules import lifecycle, reading, secrets
from triage.rules.priority import HOUR
from triage.settling import Settling, thread_keys
from triage.store import Store, Tx, cases, inbox, outbox, people, quarantine
from triage.store.inbox import Received, Waiting

DAY = timedelta(days=1)

MOST_TRIES = 3
"""So often is a message tried before it goes to the quarantine."""

Fence = Callable[[Tx], None]
"""Raises `LeaseLost` inside a transaction whose writer was replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A message that was read and judged; what is left needs the store."""

    waiting: Waiting
    reading: Reading
    verdict: Verdict


def receive(store: Store, channel: str, batch: Batch, now: datetime, fence: Fence | None = None) -> Received:
    """Store a batch and the cursor that follows it in one transaction, secrets replaced before the first write.

    Returns how many items were new and how many were known. Raises `StoreDown`; nothing is stored then.
    """
    items = [secrets.guard_bytes(item) if isinstance(item, Unreadable) else secrets.guard(item) for item in batch.items]

    def write(tx: Tx) -> Received:
        if fence is not None:
            fence(tx)
        return inbox.receive(tx, channel, items, batch.cursor, now)

    return store.run(write)


def work(store: Store, desk: Desk, judge: Judge, now: datetime, *, limit: int = 64, fence: Fence | None = None) -> int:
    """Settle up to `limit` waiting messages, oldest first; return how many were taken from the inbox.

    Each attempt is counted before it begins. A message that fails is tried alone, and after `MOST_TRIES` it is
    kept in the quarantine with its reason; the next one goes on at once.
    """
    waiting = store.run(lambda tx: inbox.claim(tx, limit, now))
    fresh = [w for w in waiting if w.attempts <= MOST_TRIES]
    for w in waiting:
        if w.attempts > MOST_TRIES:
            _give_up(store, w, f"the process ended {MOST_TRIES} times while it was handled", now)
    if not fresh:
        return len(waiting)
    try:
        settle(store, desk, prepare(desk, judge, fresh), now, fence)
    except StoreDown:
        with suppress(StoreDown):
            store.run(lambda tx: inbox.give_back(tx, [w.id for w in fresh]))
        raise
    except TriageError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile message makes our code raise
        log.warning("message.batch-failed", error=type(error).__name__, size=len(fresh))
        for w in fresh:
            _alone(store, desk, judge, w, now, fence)
    return len(waiting)


def prepare(desk: Desk, judge: Judge, waiting: Sequence[Waiting]) -> list[Prepared]:
    """Read and judge: the part that needs no store and costs the time. Returns one value for each, in order."""
    readings = [desk.read(w.message) for w in waiting]
    verdicts = judge.judge(readings)
    return [
        Prepared(waiting=w, reading=r, verdict=lifecycle.with_secret(v) if lifecycle.exposed(w.redacted) else v)
        for w, r, v in zip(waiting, readings, verdicts, strict=True)
    ]


def settle(store: Store, desk: Desk, prepared: Sequence[Prepared], now: datetime, fence: Fence | None = None) -> None:
    """Match, place and acknowledge a batch, and write all of it in one transaction.

    If the process dies at any point before the commit, nothing has happened and the inbox still holds the batch.
    """

    def write(tx: Tx) -> None:
        if fence is not None:
            fence(tx)
        _settle(tx, desk, prepared, now)
        inbox.finish(tx, [p.waiting.id for p in prepared])

    store.run(write)


def study(desk: Desk, judge: Judge, items: Sequence[Message | Unreadable]) -> list[Prepared | Unreadable]:
    """Guard, read and judge a batch that is not stored yet; needs no store, so other processes can do it."""
    guarded = [secrets.guard(item) for item in items if isinstance(item, Message)]
    waiting = [Waiting(id=0, message=message, redacted=redacted, attempts=1) for message, redacted in guarded]
    prepared = iter(prepare(desk, judge, waiting))
    return [next(prepared) if isinstance(item, Message) else secrets.guard_bytes(item) for item in items]


def take_in(
    store: Store,
    desk: Desk,
    channel: str,
    studied: Sequence[Prepared | Unreadable],
    now: datetime,
    fence: Fence | None = None,
) -> Received:
    """Store and settle a studied batch in one transaction; for sources that keep it until it is taken (files).

    Returns how many items were new and how many were known, as `receive`.
    """

    def write(tx: Tx) -> Received:
        if fence is not None:
            fence(tx)
        items = [s if isinstance(s, Unreadable) else (s.waiting.message, s.waiting.redacted) for s in studied]
        fresh, received = inbox.admit(tx, channel, items, now)
        new = {id(message) for message, _ in fresh}
        _settle(tx, desk, [s for s in studied if isinstance(s, Prepared) and id(s.waiting.message) in new], now)
        return received

    return store.run(write)


def _settle(tx: Tx, desk: Desk, prepared: Sequence[Prepared], now: datetime) -> None:
    settling = _gather(tx, desk, prepared, now)
    for p in prepared:
        settling.settle(p.waiting, p.reading, p.verdict)
    cases.save(tx, settling.changes(), now)
    outbox.queue(tx, settling.answers.replies)
    for address_key, person_id in settling.links:
        people.link(tx, address_key, person_id, "triage", "quoted the case number", now)
    failpoints.reach("in-transaction")


def warm_up(desk: Desk, judge: Judge) -> None:
    """Load what the first message would have to wait for: word lists, phrases, the names of hours and days."""
    reading.warm_up()
    for language in desk.languages:
        judge.judge([Reading(text="This is the first letter, and nobody waits for it.", language=language)])
    for language in desk.replies.languages:
        waiting_time(HOUR, language)
    gc.freeze()  # all of this stays: looking through it for garbage takes 0.1 s, in the midst of some message


def explain(message: Message, desk: Desk, judge: Judge) -> dict[str, object]:
    """Return what would become of one message, as values for JSON; nothing is stored or sent."""
    guarded, redacted = secrets.guard(message)
    waiting = Waiting(id=0, message=guarded, redacted=redacted, attempts=1)
    [p] = prepare(desk, judge, [waiting])
    settling = Settling(desk=desk, answers=Answering(desk=desk, now=message.received_at), new_ids=range(1, 2))
    entry = settling.settle(waiting, p.reading, p.verdict)
    reply = next(iter(settling.answers.replies), None)
    return {
        "id": message.external_id,
        "unreadable": False,
        "language": p.reading.language,
        "text": p.reading.text,
        "robot": p.reading.robot is not None,
        "robot_why": p.reading.robot.text if p.reading.robot else None,
        "authentic": p.reading.authentic,
        "nature": p.verdict.nature,
        "category": p.verdict.category,
        "topic": p.verdict.topic,
        "urgency": p.verdict.urgency.label,
        "confidence": round(p.verdict.confidence, 3),
        "reasons": [r.text for r in p.verdict.reasons],
        "references": desk.references_of(p.reading),
        "redacted": list(redacted),
        "disposition": entry.disposition.value,
        "acknowledge": reply.text if reply else None,
        "why": entry.acknowledged,
    }


def explain_unreadable(item: Unreadable) -> dict[str, object]:
    """Return the same keys as `explain` for what no message could be made of: it would go to the quarantine."""
    nothing = {"robot_why": None, "authentic": None, "nature": "empty", "category": "unsorted", "topic": ""}
    return {
        "id": item.external_id,
        "unreadable": True,
        "language": "und",
        "text": "",
        "robot": False,
        **nothing,
        "urgency": "normal",
        "confidence": 0.0,
        "reasons": [],
        "references": {},
        "redacted": [],
        "disposition": "quarantine",
        "acknowledge": None,
        "why": item.why,
    }


def _gather(tx: Tx, desk: Desk, prepared: Sequence[Prepared], now: datetime) -> Settling:
    """Return everything the decisions of a batch need from the store, fetched in a handful of queries."""
    human = [p for p in prepared if p.reading.robot is None]
    senders = {p.waiting.message.sender.key: p.waiting.message.sender for p in human}
    persons = people.resolve(tx, list(senders.values()), now)
    known = cases.known(
        tx,
        set(persons.values()),
        {key for p in human for key in thread_keys(p.waiting.message)},
        {case_id for p in human for case_id in desk.case_ids(p.reading)},
        now - desk.window,
    )
    spent = outbox.recent(tx, [*senders, ""], now - desk.longest_limit)
    ids = cases.reserve_ids(tx, len(human)) if human else range(0)
    commanding = {p.waiting.message.sender.key for p in human if p.waiting.message.command}
    asked = outbox.asked(tx, commanding, now - DAY) if commanding else {}
    answers = Answering(desk=desk, now=now, spent=spent, asked=asked)
    return Settling(desk=desk, answers=answers, new_ids=ids, persons=persons, known=known)


def _alone(store: Store, desk: Desk, judge: Judge, waiting: Waiting, now: datetime, fence: Fence | None) -> None:
    """Settle one message of a batch that failed; a poison one stays in the inbox until its tries are used up."""
    try:
        settle(store, desk, prepare(desk, judge, [waiting]), now, fence)
    except TriageError:
        raise
    except Exception as error:  # noqa: BLE001
        why = f"{type(error).__name__}: {error}"[:300]
        log.warning("message.failed", channel=waiting.message.channel, id=waiting.id, error=type(error).__name__)
        if waiting.attempts >= MOST_TRIES:
            _give_up(store, waiting, why, now)


def _give_up(store: Store, waiting: Waiting, why: str, now: datetime) -> None:
    log.warning("message.quarantined", channel=waiting.message.channel, id=waiting.id)
    store.run(lambda tx: quarantine.keep_waiting(tx, waiting, why, now))
