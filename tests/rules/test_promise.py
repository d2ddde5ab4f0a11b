from datetime import timedelta

from builders import NOW, a_case

from triage.case import Kept, Promise
from triage.rules import promise


def a_promise(hours=2, **other):
    return Promise(**({"made_at": NOW, "by": NOW + timedelta(hours=hours), "ahead": 3} | other))


def test_an_answer_in_time_keeps_a_promise_and_a_later_one_breaks_it():
    told = a_promise()
    assert promise.ended(told, told.by).state is Kept.KEPT
    assert promise.ended(told, told.by + timedelta(seconds=1)).state is Kept.BROKEN


def test_what_was_broken_is_never_mended():
    broken = a_promise(state=Kept.BROKEN)
    assert promise.ended(broken, NOW) == broken
    assert promise.resumed(broken) == broken


def test_the_sooner_of_two_promises_counts():
    soon, later = a_promise(1), a_promise(5)
    assert promise.sooner(later, soon) == promise.sooner(soon, later) == soon
    assert promise.sooner(None, later) == later
    assert promise.sooner(a_promise(1, state=Kept.KEPT), later) == later
    assert promise.sooner(None, None) is None


def test_a_case_is_late_only_in_the_wait_that_the_promise_was_about():
    broken = a_promise(state=Kept.BROKEN)
    assert promise.is_late(a_case(promise=broken))
    assert not promise.is_late(a_case(promise=a_promise()))
    assert not promise.is_late(a_case(promise=broken, first_unanswered_at=None))
    assert not promise.is_late(a_case(promise=broken, first_unanswered_at=broken.by + timedelta(days=1)))
