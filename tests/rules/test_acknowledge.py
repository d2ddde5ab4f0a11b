from datetime import timedelta

import pytest
from builders import NOW, a_case, a_message, a_reading, an_address

from triage.case import Disposition, Reason
from triage.rules.acknowledge import Limits, Spent, decide


def ask(message=None, disposition=Disposition.NEW, reading=None, case=None, **other):
    values = {
        "redacted": False,
        "answerable": True,
        "answer_unauthenticated": True,
        "limits": Limits(),
        "spent": Spent(),
        "warned": Spent(),
    }
    return decide(message or a_message(), reading or a_reading(), case or a_case(), disposition, **(values | other))


def test_a_new_case_is_acknowledged_once():
    assert ask().text == "acknowledgement"
    assert ask().key == "1:acknowledgement"


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("silent.robot", {"reading": a_reading(robot=Reason(code="robot.bounce", text="a bounce"))}),
        ("silent.not-addressed", {"message": a_message(addressed=False)}),
        ("silent.no-sender", {"message": a_message(sender="")}),
        ("silent.no-way-back", {"answerable": False}),
        ("silent.forged", {"reading": a_reading(authentic=False)}),
        ("silent.unauthenticated", {"answer_unauthenticated": False}),
        ("silent.edited", {"message": a_message(edited=True)}),
        ("silent.repeat", {"disposition": Disposition.REPEAT}),
    ],
)
def test_nobody_is_answered_who_should_not_be(code, case):
    answer = ask(**case)
    assert answer.text == ""
    assert answer.why.code == code


def test_a_sender_our_own_server_vouches_for_is_answered_in_any_setting():
    assert ask(reading=a_reading(authentic=True), answer_unauthenticated=False).text == "acknowledgement"


def test_the_third_automatic_reply_of_a_day_is_not_sent():
    spent = Spent(to_sender=[NOW - timedelta(hours=2), NOW - timedelta(hours=1)])
    assert ask(spent=spent).why.code == "silent.limit-day"


def test_the_fifth_automatic_reply_of_a_week_is_not_sent():
    spent = Spent(to_sender=[NOW - timedelta(days=d) for d in (5, 4, 3, 2)])
    assert ask(spent=spent).why.code == "silent.limit-week"


def test_a_mail_domain_gets_no_more_than_its_limit():
    assert ask(spent=Spent(to_domain=100)).why.code == "silent.limit-domain"


def test_a_warning_is_counted_by_itself_and_has_an_end_too():
    spent = Spent(to_sender=[NOW - timedelta(hours=2), NOW - timedelta(hours=1)])
    assert ask(redacted=True, spent=spent).text == "secret"
    assert ask(redacted=True, warned=spent).why.code == "silent.limit-day"


def test_a_public_post_gets_one_constant_text_and_nothing_more():
    post = a_message(kind="x", channel="x", sender=an_address("7", "x"), public=True)
    assert ask(post).text == "public"
    assert ask(post, redacted=True).text == "public"
    assert ask(post, Disposition.FOLLOW_UP).text == ""


def test_a_secret_is_answered_with_what_to_do_now():
    assert ask(redacted=True).text == "secret"
    assert ask(disposition=Disposition.FOLLOW_UP, redacted=True).key == "1:secret-warning"


def test_a_follow_up_is_told_once_a_day_that_it_is_in_line():
    late = a_message(received_at=NOW + timedelta(hours=8))
    assert ask(late, Disposition.FOLLOW_UP).key == "1:still-in-line:20261102"
    assert ask(disposition=Disposition.FOLLOW_UP).why.code == "silent.recent"


def test_a_follow_up_on_another_channel_is_told_at_once():
    chat = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"))
    assert ask(chat, Disposition.FOLLOW_UP).text == "still-in-line"
