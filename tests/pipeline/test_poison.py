"""A message that breaks our code is tried three times, set aside, and never holds up the next one."""

from contextlib import suppress
from dataclasses import dataclass

import pytest
from builders import NOW

from triage.classifier import Judge
from triage.errors import LeaseLost, StoreDown
from triage.message import Unreadable
from triage.pipeline import MOST_TRIES, work
from triage.store import inbox, quarantine
from triage.studying import prepare


@dataclass
class Breakable:
    """A judge that breaks on one word, and else asks the real one."""

    real: Judge
    version: str = "breakable"
    categories: tuple[str, ...] = ()

    def judge(self, readings):
        if any("poison" in reading.text for reading in readings):
            raise RuntimeError("cannot judge this")
        return self.real.judge(readings)


@pytest.fixture
def frail(room):
    room.judge = Breakable(room.judge)
    return room


def test_a_poison_message_ends_in_the_quarantine_and_the_others_become_cases(frail):
    frail.hear(
        frail.mail("My deposit of 20 USDT is missing", sender="a@example.org"),
        frail.mail("poison", sender="b@example.org"),
        frail.mail("How do I change my password?", sender="c@example.org"),
    )
    totals = frail.totals()
    assert (totals["cases"], totals["quarantined"], totals["waiting"], totals["lost"]) == (2, 1, 0, 0)


def test_the_next_message_does_not_wait_for_the_poison_ones_tries(frail):
    frail.take(
        frail.mail("poison", sender="b@example.org"), frail.mail("My deposit is missing", sender="a@example.org")
    )
    work(frail.store, frail.desk, frail.judge, NOW)
    assert frail.totals()["cases"] == 1


def test_a_message_that_kills_the_process_takes_nobody_with_it(room):
    room.take(*[room.mail(f"My deposit {n * 7919} is missing", sender=f"p{n}@example.org") for n in range(5)])
    for _ in range(MOST_TRIES):
        room.store.run(lambda tx: inbox.claim(tx, 64, NOW))  # and the process dies
    room.work()
    totals = room.totals()
    assert totals["quarantined"] <= 1
    assert totals["cases"] >= 4
    assert totals["lost"] == 0


@dataclass
class Beside:
    """Processes beside this one, as the pipeline knows them: they tell who can be read at all."""

    lethal: str
    asked: int = 0

    def prepare(self, desk, judge, waiting):
        return prepare(desk, judge, waiting)

    def survives(self, waiting):
        self.asked += 1
        return self.lethal not in waiting.message.text


@pytest.mark.parametrize(("lethal", "cases", "quarantined"), [("nothing", 5, 0), ("7919", 4, 1)])
def test_a_message_merely_in_hand_when_the_process_ended_is_not_put_aside(room, lethal, cases, quarantined):
    room.take(*[room.mail(f"My deposit {n * 7919} is missing", sender=f"p{n}@example.org") for n in range(1, 6)])
    for _ in range(MOST_TRIES + 1):
        room.store.run(lambda tx: inbox.claim(tx, 64, NOW))  # and the process dies, whoever is to blame
    beside = Beside(lethal + " ")
    room.work(apart=beside)
    totals = room.totals()
    assert (totals["cases"], totals["quarantined"], totals["lost"]) == (cases, quarantined, 0)
    assert beside.asked == 1


def test_what_ends_the_process_again_and_again_is_put_aside_in_the_end_whatever_it_looks_like(room):
    room.take(room.mail("My deposit is missing"))
    for _ in range(3 * MOST_TRIES):
        room.store.run(lambda tx: inbox.claim(tx, 64, NOW))
    room.work(apart=Beside("nothing"))
    assert room.totals()["quarantined"] == 1


@pytest.mark.parametrize("died", [0, MOST_TRIES])
def test_a_process_that_was_replaced_puts_nothing_aside(frail, died):
    def replaced(_):
        raise LeaseLost("another process took over")

    frail.take(frail.mail("poison"))
    for _ in range(died):
        frail.store.run(lambda tx: inbox.claim(tx, 64, NOW))
    for _ in range(MOST_TRIES - 1):
        with suppress(LeaseLost):
            work(frail.store, frail.desk, frail.judge, NOW, fence=replaced)
    with pytest.raises(LeaseLost):
        work(frail.store, frail.desk, frail.judge, NOW, fence=replaced)
    totals = frail.totals()
    assert (totals["quarantined"], totals["waiting"]) == (0, 1)


def test_what_cannot_be_read_is_kept_with_its_bytes(room):
    broken = Unreadable(
        channel="support-mail", kind="email", external_id="INBOX/1/9", received_at=NOW, original=b"\xff", why="broken"
    )
    room.hear(broken, room.mail("My deposit is missing"))
    totals = room.totals()
    assert (totals["quarantined"], totals["cases"], totals["lost"]) == (1, 1, 0)


def test_a_store_that_is_down_is_no_fault_of_the_message(room):
    def gone(_):
        raise StoreDown("the disk is full")

    room.take(room.mail("My deposit is missing"))
    for _ in range(2 * MOST_TRIES):
        with pytest.raises(StoreDown):
            work(room.store, room.desk, room.judge, NOW, fence=gone)
    assert room.totals()["waiting"] == 1
    room.work()
    assert room.totals()["cases"] == 1


def test_a_secret_in_what_cannot_be_read_is_not_kept(room):
    words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    broken = Unreadable(
        channel="files",
        kind="folder",
        external_id="1",
        received_at=NOW,
        original=f'{{"text": "{words}"'.encode(),
        why="no JSON",
    )
    room.hear(broken)
    with room.store.read() as tx:
        [kept] = quarantine.listing(tx, 10)
        assert b"sausage" not in quarantine.get(tx, kept.id).original
