"""What a message may cost a process: so much time of the processor, in whichever thread it is read."""

import sys
import threading
import time
from contextlib import suppress

import pytest

from triage import bounds
from triage.bounds import TooMuch, within


def spin() -> None:
    while True:
        pass


def in_a_thread(work) -> list[BaseException]:
    """Do `work` in another thread; return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    return raised


def bounded() -> None:
    with within(0.3):
        spin()


def test_what_never_ends_is_ended_in_the_main_thread():
    with pytest.raises(TooMuch, match=r"0\.3 s"):
        bounded()


def test_what_never_ends_is_ended_in_any_other_thread():
    [raised] = in_a_thread(bounded)
    assert isinstance(raised, TooMuch)
    assert "0.3 s" in str(raised)


def test_who_swallows_every_error_is_told_again():
    def stubborn() -> None:
        with within(0.3):
            with suppress(Exception):
                spin()
            spin()

    [raised] = in_a_thread(stubborn)
    assert isinstance(raised, TooMuch)


def test_what_is_in_time_is_let_alone_also_afterwards(monkeypatch):
    monkeypatch.setattr(bounds, "_LOOK", 0.001)

    def quick() -> None:
        for _ in range(200):
            with suppress(TooMuch), within(0.001):
                sum(range(30_000))
            sum(range(3_000))  # whoever still told this thread to stop would be heard here

    assert in_a_thread(quick) == []


def test_waiting_costs_nothing():
    def patient() -> None:
        begun = time.thread_time()
        with within(0.2):
            threading.Event().wait(0.6)
        assert time.thread_time() - begun < 0.2

    assert in_a_thread(patient) == []


def test_who_left_in_time_is_never_interrupted_even_step_by_step():
    def traced() -> None:
        with within(60):
            pass
        sys.settrace(lambda *_: None)
        for number in range(100):
            str(number)
            with suppress(ValueError):
                int("x")

    assert in_a_thread(traced) == []
