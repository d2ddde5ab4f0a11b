from datetime import timedelta
from zoneinfo import ZoneInfo

from builders import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.case import Urgency
from triage.rules.calendar import Calendar
from triage.rules.priority import DAY, LEAD, place
from triage.rules.targets import Matter, Targets
from triage.rules.worth import STEPS

HOUR = 3600
OFFICE = Calendar(zone=ZoneInfo("Europe/Madrid"), hours=dict.fromkeys(range(5), ((540, 1080),)))

urgencies = st.sampled_from(list(Urgency))
counts = st.integers(0, 50)
moments = st.timedeltas(timedelta(0), timedelta(days=300)).map(lambda span: NOW + span)
desks = st.sampled_from([Targets(), Targets(calendar=OFFICE), Targets(calendar=OFFICE, round_the_clock=None)])
categories = st.sampled_from(["account", "transaction", "security", "feedback", "unsorted"])
sums = st.sampled_from([0, *STEPS])
topics = st.sampled_from(["", "complaint", "legal-threat", "pending"])


@st.composite
def cases(draw):
    """Yield everything that a place depends on."""
    return {
        "since": draw(moments),
        "urgency": draw(urgencies),
        "category": draw(categories),
        "topic": draw(topics),
        "follow_ups": draw(counts),
        "repeats": draw(counts),
        "late": draw(st.booleans()),
        "claimed": draw(sums),
    }


def at(
    since=NOW, urgency=Urgency.NORMAL, follow_ups=0, repeats=0, *, late=False, claimed=0, before=None, category="",
    topic="", targets=None, **other,
):  # fmt: skip
    return place(
        since=since,
        matter=Matter(urgency=urgency, channel="mail", category=category, topic=topic),
        follow_ups=follow_ups,
        repeats=repeats,
        late=late,
        claimed=claimed,
        before=before,
        targets=targets or Targets(**other),
    )


@settings(deadline=None)
@given(cases(), desks, cases())
def test_the_parts_add_up_to_the_order_key_exactly(case, targets, earlier):
    for before in (None, at(**earlier, targets=targets)):
        spot = at(**case, targets=targets, before=before)
        assert sum(part.seconds for part in spot.parts) == spot.order_key
        due = [p.seconds for p in spot.parts if p.name not in {"urgency", "claimed", "promise", "kept"}]
        assert sum(due) == spot.due_at.timestamp()


@settings(deadline=None)
@given(cases(), desks)
def test_one_more_follow_up_or_repeat_never_moves_a_case_back(case, targets):
    before = at(**case, targets=targets).order_key
    assert at(**case | {"follow_ups": case["follow_ups"] + 1}, targets=targets).order_key <= before
    assert at(**case | {"repeats": case["repeats"] + 1}, targets=targets).order_key <= before


@settings(deadline=None)
@given(cases(), desks)
def test_more_urgency_never_moves_a_case_back(case, targets):
    keys = [at(**case | {"urgency": urgency}, targets=targets).order_key for urgency in Urgency]
    assert keys == sorted(keys, reverse=True)


@settings(deadline=None)
@given(cases(), moments, desks)
def test_who_waits_longer_is_never_behind_one_like_her(case, other, targets):
    one, two = sorted([case["since"], other])
    first, second = (at(**case | {"since": since}, targets=targets).order_key for since in (one, two))
    assert first <= second


@settings(deadline=None)
@given(cases(), desks)
def test_a_broken_promise_moves_a_case_forward_and_leaves_it_due_when_it_was(case, targets):
    kept, broken = (at(**case | {"late": late}, targets=targets) for late in (False, True))
    assert broken.order_key < kept.order_key
    assert broken.due_at == kept.due_at


@settings(deadline=None)
@given(cases(), desks)
def test_a_larger_sum_never_moves_a_case_back_and_leaves_it_due_when_it_was(case, targets):
    spots = [at(**case | {"claimed": claimed}, targets=targets) for claimed in (0, *STEPS)]
    keys = [spot.order_key for spot in spots]
    assert keys == sorted(keys, reverse=True)
    assert {spot.due_at for spot in spots} == {spots[0].due_at}


@settings(deadline=None)
@given(cases(), desks)
def test_the_largest_sum_is_worth_no_more_than_one_target_and_only_where_money_is_stuck(case, targets):
    without, most = (at(**case | {"claimed": claimed}, targets=targets) for claimed in (0, STEPS[-1]))
    target = without.parts[1].seconds
    gained = without.order_key - most.order_key
    assert gained == (target if case["urgency"] is Urgency.HIGH else 0)


@settings(deadline=None)
@given(cases(), cases(), desks)
def test_no_sum_overtakes_more_urgency(one, other, targets):
    """A billion claimed is behind a leaked key that came at the same moment, whatever else presses."""
    stuck = at(**one | {"urgency": Urgency.HIGH, "claimed": STEPS[-1]}, targets=targets)
    leaked = at(**other | {"urgency": Urgency.CRITICAL, "since": one["since"], "claimed": 0}, targets=targets)
    assert leaked.order_key < stuck.order_key


@settings(deadline=None)
@given(cases(), cases(), desks)
def test_nothing_ever_moves_a_case_that_waits_back(earlier, later, targets):
    before = at(**earlier, targets=targets)
    assert at(**later, targets=targets, before=before).order_key <= before.order_key


@settings(deadline=None)
@given(counts, counts)
def test_repeats_and_follow_ups_cannot_push_a_case_without_limit(follow_ups, repeats):
    assert at().order_key - at(follow_ups=follow_ups, repeats=repeats).order_key < 24 * HOUR


def test_a_repeat_presses_less_than_a_follow_up():
    assert at(follow_ups=1).order_key < at(repeats=5).order_key + 1


def test_so_many_follow_ups_without_an_answer_escalate():
    names = [[part.name for part in at(follow_ups=n, escalate_at=2).parts] for n in (1, 2)]
    assert "escalated" not in names[0]
    assert "escalated" in names[1]


def test_theft_goes_before_everything_that_is_overdue():
    stolen = at(since=NOW, urgency=Urgency.CRITICAL)
    assert stolen.order_key < at(since=NOW - timedelta(days=30)).order_key


@settings(deadline=None)
@given(cases(), cases(), desks)
def test_nothing_starves(old, new, targets):
    """After so long nothing that comes in, be it theft and pressed by everything there is, goes before it."""
    longest = LEAD[Urgency.CRITICAL] + 2 * 48 * HOUR + 30 * DAY
    new = at(**new | {"since": old["since"] + timedelta(seconds=longest)}, targets=targets)
    assert at(**old, targets=targets).order_key < new.order_key


@settings(deadline=None)
@given(st.lists(cases(), max_size=12), st.randoms(use_true_random=False), desks)
def test_the_order_does_not_depend_on_how_the_cases_came_in(some, chance, targets):
    keys = [at(**case, targets=targets).order_key for case in some]
    shuffled = list(enumerate(some))
    chance.shuffle(shuffled)
    again = {n: at(**case, targets=targets).order_key for n, case in shuffled}
    assert [again[n] for n in range(len(some))] == keys


def test_a_channel_may_have_its_own_targets():
    chat = at(by_channel={"mail": {Urgency.NORMAL: 1.0}})
    assert (chat.due_at - NOW) == timedelta(hours=1)


def test_channel_and_category_together_go_before_either():
    hours = {"by_channel": {"mail": {Urgency.NORMAL: 1.0}}, "by_category": {"account": {Urgency.NORMAL: 3.0}}}
    assert at(category="account", **hours).due_at - NOW == timedelta(hours=1)
    both = {("mail", "account"): {Urgency.NORMAL: 2.0}}
    assert at(category="account", **hours, by_both=both).due_at - NOW == timedelta(hours=2)


def test_what_is_more_urgent_never_has_a_later_target_than_what_is_less():
    assert at(urgency=Urgency.HIGH, by_category={"": {Urgency.HIGH: 90.0}}).due_at - NOW == timedelta(hours=24)


def test_a_complaint_is_answered_in_time_whatever_its_category():
    spot = at(category="feedback", topic="complaint", urgency=Urgency.LOW)
    assert spot.due_at - NOW == timedelta(hours=24)
    assert "(a complaint)" in spot.parts[1].text


def test_hours_in_which_the_desk_is_closed_are_a_part_of_their_own():
    spot = at(targets=Targets(calendar=OFFICE), urgency=Urgency.HIGH, since=NOW.replace(hour=16, minute=30))
    assert {part.name: part.seconds for part in spot.parts}["closed"] == 15 * HOUR
    assert spot.due_at == (NOW + timedelta(days=1)).replace(hour=9, minute=30)
