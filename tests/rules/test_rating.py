import pytest
from builders import NOW, a_case, a_message, an_address

from triage.case import Status
from triage.message import Attachment
from triage.rules.automatic import Own
from triage.rules.rating import rated_case, score
from triage.rules.reading import read

ANSWERED = {"status": Status.RESOLVED, "first_answered_at": NOW, "resolved_at": NOW}


def of(text, **other):
    message = a_message(text, **other)
    return score(message, read(message, own=Own()))


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("5", 5),
        (" 4 ", 4),
        ("3.", 3),
        ("2/5", 2),
        ("５", 5),
        ("٤", 4),
        ("5️⃣", 5),
        ("★★★", 3),
        ("⭐⭐⭐⭐⭐", 5),
        ("/rate_1", 1),
    ],
)
def test_a_digit_or_stars_are_a_rating(text, stars):
    assert of(text) == stars


@pytest.mark.parametrize("text", ["", "0", "6", "9", "55", "5 days and no answer", "5 USDT", "five", "4/10", "-1", "½"])
def test_anything_else_is_none(text):
    assert of(text) == 0


def test_a_digit_under_the_quoted_question_is_a_rating_and_one_in_the_subject_is_none():
    quoted = "5\n\nOn Mon, 2 Nov 2026 at 10:00, Acme Wallet <support@wallet.example> wrote:\n> How satisfied are you?"
    assert of(quoted, subject="Re: How was our help?", refers_to=("<1@wallet.example>",)) == 5
    assert of("", subject="5") == 0
    assert of("my wallet is empty", subject="5") == 0


def test_a_command_rates_if_nothing_stands_behind_it():
    chat = {"kind": "telegram", "sender": an_address("42", "telegram")}
    assert of("", command="rate_4", **chat) == 4
    assert [of("", command=c, **chat) for c in ("rate_9", "rate_", "rate_44", "start", "rate_x")] == [0] * 5
    assert of("it still fails", command="rate_1", **chat) == 0


def test_what_everybody_reads_what_is_edited_and_what_comes_with_a_file_rates_nothing():
    assert of("5", public=True) == of("5", edited=True) == 0
    assert of("5", attachments=(Attachment(name="a.png", content_type="image/png"),)) == 0


def test_a_mail_rates_the_case_it_answers_and_no_other():
    case, other = a_case(1, **ANSWERED), a_case(2, **ANSWERED)
    assert rated_case(a_message("5"), [case], [other, case]) == case
    assert rated_case(a_message("5"), [], [other, case]) is None


def test_a_chat_rates_the_newest_case_unless_another_one_is_open():
    chat = a_message("5", kind="telegram", channel="bot", sender=an_address("42", "telegram"))
    done, older = a_case(2, **ANSWERED), a_case(1, **ANSWERED)
    assert rated_case(chat, [], [done, older]) == done
    assert rated_case(chat, [], [a_case(3), done]) is None


@pytest.mark.parametrize("other", [{"rating": 3}, {"first_answered_at": None}, {"status": Status.ANSWERED}])
def test_only_a_resolved_case_that_was_answered_is_rated_and_only_once(other):
    assert rated_case(a_message("5"), [a_case(1, **ANSWERED | other)], []) is None
