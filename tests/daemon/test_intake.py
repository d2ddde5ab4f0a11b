"""What comes in is studied in another process and settled at once; where that fails, the inbox takes it."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process

import pytest
from builders import a_message, an_address

from triage import bounds, pipeline, students
from triage.classifier.urgency import RulesOnly
from triage.connectors import Batch, Unread
from triage.daemon import intake, study
from triage.daemon.worker import Models
from triage.message import Message, Unreadable
from triage.store import inbox, lists, quarantine
from triage.store.waiting import Waiting

ELSEWHERE = {"models": {"folder": "no-models", "processes": 1}}


@dataclass(frozen=True)
class Fateful(Unread):
    """A message that does something to the process beside the daemon's that reads it."""

    message: Message
    fate: str

    def read(self) -> tuple[Message]:
        if parent_process() is not None:
            if self.fate == "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.fate == "hangs":
                threading.Event().wait()
            if self.fate == "raises":
                raise RuntimeError("poison")
        return (self.message,)


@dataclass(frozen=True)
class Bomb(Fateful):
    """A mail that costs the process that reads it too much; its bytes can be kept."""

    def read(self) -> tuple[Message]:
        if self.fate == "grows":
            bytearray(64 * 1024**3)
        if self.fate == "spins":
            while True:
                pass
        return super().read()

    def unreadable(self, why: str) -> Unreadable:
        m = self.message
        about = {"channel": m.channel, "kind": m.kind, "external_id": m.external_id, "received_at": m.received_at}
        return Unreadable(original=b"the bomb", why=why, **about)


def messages(*numbers: int) -> tuple[Message, ...]:
    return tuple(
        a_message(
            external_id=str(n), channel="phone", text=f"Withdrawal {n} is stuck", sender=an_address(f"{n}@x.example")
        )
        for n in numbers
    )


def totals(store) -> dict[str, int]:
    with store.read() as tx:
        return lists.totals(tx)


def cursor(store) -> str | None:
    with store.read() as tx:
        return inbox.cursor_of(tx, "phone")


async def test_a_batch_is_settled_at_once_chunk_by_chunk_and_waits_in_no_inbox(desk, store, far, running, monkeypatch):
    left = []
    monkeypatch.setattr(pipeline, "receive", lambda *_: left.append(1))
    many = messages(*range(intake.CHUNK + 1))
    far["phone"].pulls.append(Batch(items=many, cursor="after them"))
    every = {"per_minute_total": len(many)}  # or the last ones would be answered in the next minute
    async with running(desk(**ELSEWHERE, limits=every)) as house:
        await house.until(lambda: far["phone"].marked, 60)
        assert (totals(store)["cases"], cursor(store), left) == (len(many), "after them", [])
        await house.until(lambda: len(far["phone"].sent) == len(many))


@pytest.mark.parametrize("fate", ["dies", "hangs", "raises"])
async def test_whatever_becomes_of_the_process_nothing_is_lost_and_the_next_batch_is_studied_again(
    desk, store, far, running, monkeypatch, fate
):
    monkeypatch.setattr(study, "LONGEST_STUDY", 3.0)
    monkeypatch.setattr(intake, "LONGEST_ALONE", 3.0)
    one, two, three = messages(1, 2, 3)
    far["phone"].pulls.append(Batch(items=(one, Fateful(two, fate)), cursor="c2"))
    async with running(desk(**ELSEWHERE)) as house:
        await house.until(lambda: far["phone"].marked and totals(store)["cases"] == 2, 60)
        assert cursor(store) == "c2"
        monkeypatch.setattr(study, "LONGEST_STUDY", 60.0)
        monkeypatch.setattr(pipeline, "receive", None)  # what is studied needs none
        far["phone"].pulls.append(Batch(items=(three,)))
        await house.until(lambda: totals(store)["cases"] == 3, 60)
    assert totals(store)["lost"] == 0


async def test_a_student_that_dies_while_it_has_nothing_to_do_ends_nobody_else(desk, store, far, running, monkeypatch):
    made, begin = [], students.Students.__init__

    def begun(self, *given):
        begin(self, *given)
        made.append(self)

    monkeypatch.setattr(students.Students, "__init__", begun)
    far["phone"].pulls.append(Batch(items=messages(1)))
    async with running(desk(**ELSEWHERE)) as house:
        await house.until(lambda: totals(store)["cases"] == 1, 60)
        [process] = made[0]._pool._processes.values()
        os.kill(process.pid, signal.SIGKILL)
        await house.until(lambda: made[0]._pool._broken)
        far["phone"].pulls.append(Batch(items=messages(2, 3), cursor="c3"))
        await house.until(lambda: totals(store)["cases"] == 3, 60)
    assert (totals(store)["lost"], cursor(store)) == (0, "c3")


@pytest.mark.slow
async def test_a_chunk_that_hangs_ends_neither_the_process_nor_the_chunks_behind_it(
    desk, store, far, running, monkeypatch
):
    monkeypatch.setattr(study, "LONGEST_STUDY", 3.0)
    monkeypatch.setattr(intake, "LONGEST_ALONE", 3.0)
    monkeypatch.setattr(intake, "CHUNK", 1)
    monkeypatch.setattr(pipeline, "MOST_TRIES", 2)
    one, *others = messages(*range(4))
    far["phone"].pulls.append(Batch(items=(Fateful(one, "hangs"), *others), cursor="c4"))
    async with running(desk(**ELSEWHERE)) as house:
        await house.until(lambda: far["phone"].marked and totals(store)["cases"] == 4, 120)
    assert (totals(store)["lost"], cursor(store)) == (0, "c4")


@pytest.mark.slow
@pytest.mark.parametrize("fate", ["dies", "hangs", "grows", "spins"])
async def test_a_bomb_is_kept_with_its_bytes_and_the_next_message_becomes_a_case(
    desk, store, far, running, monkeypatch, fate
):
    monkeypatch.setattr(study, "LONGEST_STUDY", 5.0)
    monkeypatch.setattr(intake, "LONGEST_ALONE", 3.0)
    one, two, three = messages(1, 2, 3)
    far["phone"].pulls.append(Batch(items=(one, Bomb(two, fate), three), cursor="c3"))
    async with running(desk(**ELSEWHERE)) as house:
        await house.until(lambda: far["phone"].marked, 60)
    with store.read() as tx:
        [kept] = quarantine.listing(tx)
        assert quarantine.get(tx, kept.id).original == b"the bomb"
    assert (totals(store)["cases"], totals(store)["lost"], cursor(store)) == (2, 0, "c3")


@pytest.mark.slow
def test_an_innocent_message_survives_in_a_process_of_its_own(desk):
    settings = desk(**ELSEWHERE)
    alone = study.Study(settings, Models(settings.models.folder), 0)
    safe = Waiting(id=1, message=messages(1)[0], redacted=(), attempts=4)
    assert alone.survives(safe)


ALONE = {"models": {"folder": "no-models", "processes": 0}}


async def test_a_long_batch_is_no_stuck_reader_while_its_chunks_are_settled(desk, store, far, running, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK", 1)
    settle = pipeline.take_in

    def slowly(*given):
        house.ahead += 100
        return settle(*given)

    monkeypatch.setattr(pipeline, "take_in", slowly)
    far["phone"].pulls.append(Batch(items=messages(1, 2, 3, 4)))
    async with running(desk(**ELSEWHERE), only=("connectors", "triage")) as house:
        await house.until(lambda: far["phone"].marked, 60)
        assert totals(store)["cases"] == 4
        assert not any("stuck: reader" in line for line in house.heard)


@dataclass(frozen=True)
class Slow(Unread):
    """A message that takes its time to be read."""

    message: Message
    takes: Callable[[], None]

    def read(self) -> tuple[Message]:
        self.takes()
        return (self.message,)


async def test_a_long_batch_is_no_stuck_reader_while_it_is_read(desk, store, far, running):
    def takes():
        house.ahead += 100
        time.sleep(0.05)

    far["phone"].pulls.append(Batch(items=tuple(Slow(message, takes) for message in messages(1, 2, 3, 4))))
    async with running(desk(**ALONE), only=("connectors",)) as house:
        await house.until(lambda: far["phone"].marked)
        assert not any("stuck: reader" in line for line in house.heard)


@pytest.mark.parametrize("fate", ["grows", "spins"])
async def test_a_bomb_is_kept_with_its_bytes_by_a_daemon_of_one_process_too(
    desk, store, far, running, monkeypatch, fate
):
    monkeypatch.setattr(bounds, "LONGEST_READ", 0.5)
    one, two, three = messages(1, 2, 3)
    far["phone"].pulls.append(Batch(items=(one, Bomb(two, fate), three), cursor="c3"))
    async with running(desk(**ALONE)) as house:
        await house.until(lambda: far["phone"].marked and totals(store)["cases"] == 2, 60)
    with store.read() as tx:
        [kept] = quarantine.listing(tx)
        assert quarantine.get(tx, kept.id).original == b"the bomb"
    assert (totals(store)["lost"], cursor(store)) == (0, "c3")


async def test_what_cannot_be_judged_in_time_is_put_aside_by_a_daemon_of_one_process_too(
    desk, store, far, running, monkeypatch
):
    monkeypatch.setattr(bounds, "LONGEST_READ", 0.2)
    monkeypatch.setattr(bounds, "LONGEST_EACH", 0.2)
    monkeypatch.setattr(RulesOnly, "judge", spinning_on("Withdrawal 2", RulesOnly.judge))
    far["phone"].pulls.append(Batch(items=messages(1, 2, 3), cursor="c3"))
    async with running(desk(**ALONE)) as house:
        await house.until(lambda: totals(store)["cases"] == 2 and totals(store)["quarantined"] == 1, 60)
    assert (totals(store)["lost"], totals(store)["waiting"]) == (0, 0)


def spinning_on(words: str, judge):
    """A judge that never comes back from one message."""

    def judged(self, readings):
        while any(words in reading.text for reading in readings):
            pass
        return judge(self, readings)

    return judged


async def test_what_is_known_is_not_taken_in_again(desk, store, far, running):
    far["phone"].pulls.extend([Batch(items=messages(1, 2)), Batch(items=messages(1, 2, 3))])
    async with running(desk(**ELSEWHERE)) as house:
        await house.until(lambda: len(far["phone"].marked) == 2, 60)
    assert (totals(store)["cases"], totals(store)["messages"]) == (3, 3)


async def test_without_other_processes_the_inbox_takes_everything(desk, store, far, running, monkeypatch):
    def none(*_: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(study, "Students", none)
    far["phone"].pulls.append(Batch(items=messages(1)))
    async with running(desk(**ELSEWHERE)) as house:
        await house.until(lambda: totals(store)["cases"] == 1)
