import pytest

from triage import errors
from triage.daemon.actions import LONGEST_ASKED, Action, Backoff, action_for
from triage.errors import ChannelDown, ChannelRefused, StoreOutdated, TriageError


def test_a_class_without_an_entry_is_treated_as_the_one_above():
    assert action_for(StoreOutdated("old")) is Action.END


@pytest.mark.parametrize("error", [ValueError(), TriageError("x"), errors.ChannelError("x", "y")])
def test_what_nobody_thought_of_ends_the_process(error):
    assert action_for(error) is Action.END


def test_waits_double_up_to_the_longest():
    backoff = Backoff(first=1, longest=10, chance=lambda: 1.0)
    assert [backoff.next() for _ in range(6)] == [1, 2, 4, 8, 10, 10]


def test_no_two_waits_are_the_same_and_none_is_less_than_half():
    assert Backoff(first=8, chance=lambda: 0.0).next() == 4


def test_after_a_success_waits_begin_anew():
    backoff = Backoff(first=1, chance=lambda: 1.0)
    backoff.next()
    backoff.next()
    backoff.reset()
    assert backoff.next() == 1


def test_what_the_far_side_asks_for_is_kept_but_not_for_days():
    assert Backoff().next(ChannelDown("x", "y", retry_after=1000)) == 1000
    assert Backoff().next(ChannelDown("x", "y", retry_after=10**9)) == LONGEST_ASKED


def test_a_wait_of_nothing_asked_for_is_no_busy_loop():
    assert Backoff(chance=lambda: 0.0).next(ChannelDown("x", "y", retry_after=-5)) == 0.5


def test_when_a_person_must_act_it_is_tried_slowly_from_the_first():
    assert Backoff(chance=lambda: 1.0).next(ChannelRefused("x", "y")) == 240
