from datetime import timedelta

import pytest
from builders import NOW, a_case, a_message, a_reading, a_verdict

from triage.case import Disposition, FollowUp, Reason, References, Status, Urgency
from triage.rules.lifecycle import continue_case, open_case, summary_of, with_secret
from triage.rules.targets import Targets

LATER = NOW + timedelta(hours=3)


def go_on(case, disposition=Disposition.FOLLOW_UP, verdict=None, reading=None, **other):
    follow_up = FollowUp(case_id=case.id, disposition=disposition, reason=Reason(code="thread", text="a reply"))
    return continue_case(
        case,
        message=a_message(received_at=LATER),
        reading=reading or a_reading(),
        verdict=verdict or a_verdict(),
        follow_up=follow_up,
        targets=Targets(),
        **other,
    )


def test_the_clock_stays_at_the_first_unanswered_message():
    assert go_on(a_case()).first_unanswered_at == NOW


@pytest.mark.parametrize(
    ("on_the_way", "waits"),
    [
        (None, timedelta(0)),
        (timedelta(0), timedelta(0)),
        (timedelta(hours=9), timedelta(hours=9)),
        (timedelta(days=7), timedelta(days=7)),
        (timedelta(days=7, seconds=1), timedelta(0)),
        (timedelta(days=20_000), timedelta(0)),
        (-timedelta(hours=1), timedelta(0)),
    ],
)
def test_the_clock_starts_when_the_message_arrived_if_that_can_be(on_the_way, waits):
    message = a_message(arrived_at=None if on_the_way is None else NOW - on_the_way)
    new = open_case(
        case_id=1, number="1", person_id=1, message=message, reading=a_reading(), verdict=a_verdict(), targets=Targets()
    )
    assert (new.opened_at, new.first_unanswered_at, new.last_message_at) == (NOW - waits,) * 3


def test_the_clock_starts_anew_after_an_answer():
    assert go_on(a_case(first_unanswered_at=None)).first_unanswered_at == LATER


def test_the_claimed_sum_rises_with_a_new_message_and_never_falls():
    grown = go_on(a_case(claimed=1_000), reading=a_reading(references=References(amounts=("0.5 BTC", "3 USDT"))))
    assert grown.claimed == 10_000
    assert go_on(grown, reading=a_reading(references=References(amounts=("500 USDT",)))).claimed == 10_000


def test_a_desk_says_itself_what_a_coin_is_worth():
    reading = a_reading(references=References(amounts=("0.5 BTC",)))
    opened = open_case(
        case_id=1, number="1", person_id=1, message=a_message(), reading=reading,
        verdict=a_verdict(urgency=Urgency.HIGH), targets=Targets(worths={"BTC": 300}),
    )  # fmt: skip
    assert opened.claimed == 100
    assert [part.seconds for part in opened.place.parts if part.name == "claimed"] == [-1800]


def test_urgency_rises_with_a_new_message_and_never_falls():
    stolen = go_on(a_case(), verdict=a_verdict(category="security", topic="theft", urgency=Urgency.CRITICAL))
    assert stolen.verdict.urgency is Urgency.CRITICAL
    assert stolen.verdict.category == "security"
    calm = go_on(stolen, verdict=a_verdict(urgency=Urgency.LOW))
    assert calm.verdict.urgency is Urgency.CRITICAL


def test_what_an_agent_corrected_is_not_renamed():
    case = go_on(a_case(pinned=("category",)), verdict=a_verdict(category="security", urgency=Urgency.CRITICAL))
    assert case.verdict.category == "transaction"
    assert case.verdict.urgency is Urgency.CRITICAL


def test_a_follow_up_moves_the_case_forward_and_a_repeat_hardly():
    case = a_case()
    followed, repeated = go_on(case), go_on(case, Disposition.REPEAT)
    assert followed.place.order_key < repeated.place.order_key < case.place.order_key
    assert (followed.follow_ups, repeated.repeats) == (1, 1)


def test_thanks_leave_a_resolved_case_resolved():
    assert go_on(a_case(status=Status.RESOLVED), Disposition.REPEAT).status is Status.RESOLVED


def test_a_secret_makes_any_message_security_and_critical():
    verdict = with_secret(a_verdict(nature="spam"))
    assert (verdict.nature, verdict.category, verdict.urgency) == ("request", "security", Urgency.CRITICAL)


def test_a_new_case_waits_from_its_first_message():
    case = open_case(
        case_id=3,
        number="T3",
        person_id=1,
        message=a_message(),
        reading=a_reading(),
        verdict=a_verdict(),
        targets=Targets(),
    )
    assert case.first_unanswered_at == NOW
    assert case.place.due_at == NOW + timedelta(hours=24)


def test_a_summary_is_one_line_with_an_end():
    line = summary_of(a_message(subject="Help"), a_reading("one\ntwo " * 100))
    assert "\n" not in line
    assert len(line) <= 120
