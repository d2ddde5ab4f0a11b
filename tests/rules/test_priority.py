from datetime import timedelta

from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from triage.case import Urgency
from triage.rules.priority import Targets, place

urgencies = st.sampled_from(list(Urgency))
counts = st.integers(0, 50)
moments = st.timedeltas(timedelta(0), timedelta(days=300)).map(lambda span: NOW + span)


def at(since=NOW, urgency=Urgency.NORMAL, follow_ups=0, repeats=0, **other):
    return place(
        since=since, urgency=urgency, channel="mail", follow_ups=follow_ups, repeats=repeats, targets=Targets(**other)
    )


@given(moments, urgencies, counts, counts)
def test_the_parts_add_up_to_the_order_key_exactly(since, urgency, follow_ups, repeats):
    spot = at(since, urgency, follow_ups, repeats)
    assert sum(part.seconds for part in spot.parts) == spot.order_key


@given(moments, urgencies, counts, counts)
def test_one_more_follow_up_or_repeat_never_moves_a_case_back(since, urgency, follow_ups, repeats):
    before = at(since, urgency, follow_ups, repeats).order_key
    assert at(since, urgency, follow_ups + 1, repeats).order_key <= before
    assert at(since, urgency, follow_ups, repeats + 1).order_key <= before


@given(moments, counts, counts)
def test_more_urgency_never_moves_a_case_back(since, follow_ups, repeats):
    keys = [at(since, urgency, follow_ups, repeats).order_key for urgency in Urgency]
    assert keys == sorted(keys, reverse=True)


@given(counts, counts)
def test_repeats_cannot_push_a_case_without_limit(follow_ups, repeats):
    assert at().order_key - at(follow_ups=follow_ups, repeats=repeats).order_key < 24 * 3600


def test_theft_goes_before_everything_that_is_overdue():
    stolen = at(since=NOW, urgency=Urgency.CRITICAL)
    assert stolen.order_key < at(since=NOW - timedelta(days=30)).order_key


def test_nothing_starves():
    forgotten = at(since=NOW - timedelta(days=400))
    assert forgotten.order_key < at(since=NOW, urgency=Urgency.CRITICAL).order_key


def test_a_channel_may_have_its_own_targets():
    chat = at(by_channel={"mail": {Urgency.NORMAL: 1.0}})
    assert (chat.due_at - NOW) == timedelta(hours=1)
