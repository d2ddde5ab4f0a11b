"""One message read whole."""

from builders import a_message

from triage.rules.automatic import Own
from triage.rules.case_number import case_number
from triage.rules.reading import read, warm_up

OWN = Own(addresses=frozenset({"desk@example.com"}))


def test_subject_and_body_are_read_as_one_text():
    reading = read(a_message("It is stuck.", subject="Withdrawal"), own=OWN)
    assert reading.text == "Withdrawal\n\nIt is stuck."


def test_a_subject_that_the_body_begins_with_is_read_once():
    assert read(a_message("It is stuck. Help.", subject="It is stuck."), own=OWN).text == "It is stuck. Help."


def test_the_body_tells_the_language_and_the_subject_only_without_one():
    assert read(a_message("No puedo entrar en mi cuenta", subject="Re: your request"), own=OWN).language == "es"
    assert read(a_message("", subject="No puedo entrar en mi cuenta"), own=OWN).language == "es"


def test_the_case_number_of_the_subject_is_a_reference():
    number = case_number(7, b"key")
    assert read(a_message("any news?", subject=f"Re: [{number}] help"), own=OWN).references.case_numbers == (number,)


def test_what_is_quoted_is_no_reference():
    number = case_number(7, b"key")
    text = f"thanks\n\nOn Tue, Nov 3, 2026 at 9:14 PM Acme <help@acme.example> wrote:\n> your case {number}\n"
    assert read(a_message(text), own=OWN).references.case_numbers == ()


def test_our_own_address_is_a_robot():
    robot = read(a_message(sender="desk@example.com"), own=OWN).robot
    assert robot is not None
    assert robot.code == "robot.own-address"


def test_an_empty_message_is_read():
    assert read(a_message(""), own=OWN).text == ""


def test_an_answer_that_only_quotes_us_says_nothing():
    reading = read(a_message("> We have your message.", subject="Re: help", refers_to=("<ack@us.example>",)), own=OWN)
    assert reading.text == ""


def test_an_answer_said_in_the_subject_is_said():
    reading = read(a_message("", subject="My money is gone", refers_to=("<ack@us.example>",)), own=OWN)
    assert reading.text == "My money is gone"


def test_what_the_first_message_needs_can_be_loaded_before():
    warm_up()
    assert read(a_message("没有到帐"), own=OWN).language == "zh-Hans"
