import pytest
from builders import a_message, an_address

from triage.message import Attachment
from triage.rules.automatic import Own
from triage.rules.case_number import case_number, without
from triage.rules.commands import command_of
from triage.rules.reading import read

NUMBER = case_number(165, b"a key for tests")


def ask(text, numbered=True, **other):
    message = a_message(text, **other)
    return command_of(message, read(message, own=Own()), numbered=numbered)


@pytest.mark.parametrize(
    "text",
    [
        "{}", "{}?", "Status of my case {} please", "status {}", "Hello,\n\nwhat is the status of case number {}?",
        "¿Cuál es el estado de mi caso {}?", "工单号 {} 进度", "请问我的工单{}怎么样了？",
        "受付番号 {} の状況を教えてください", "접수 번호 {} 진행 상황 알려 주세요", "Статус обращения {}",
        "Wie ist der Stand: Fall {}",
        "Quel est l’état de mon dossier {} ?", "{} durumu nedir", "tình trạng yêu cầu {}", "ما هي حالة الطلب {}",
    ],
)  # fmt: skip
def test_a_number_and_words_that_ask_are_a_question_for_the_state(text):
    assert ask(text.format(NUMBER)) == "status"
    assert ask(text.format(NUMBER.lower())) == "status"


@pytest.mark.parametrize(
    "text",
    [
        "{} still nothing", "{} my money is gone", "Case {}: here is the transaction id you wanted, abc",
        "Thank you! {}", "工单 {} 钱还没到", "{}, ¿y mi dinero?", "{} 5", "", "status", "hello",
    ],
)  # fmt: skip
def test_whatever_says_more_is_for_an_agent(text):
    assert ask(text.format(NUMBER)) == ""


def test_a_number_that_is_nobodys_a_file_and_a_public_post_are_no_question():
    assert ask(NUMBER, numbered=False) == ""
    assert ask(NUMBER, attachments=(Attachment(name="a.png", content_type="image/png"),)) == ""
    assert ask(NUMBER, public=True, kind="x", sender=an_address("7", "x")) == ""


def test_the_number_may_stand_in_the_subject_but_not_in_the_subject_of_an_answer_to_us():
    assert ask("", subject=f"Case {NUMBER}") == "status"
    assert ask("", subject=f"Re: We have your message: case {NUMBER}", refers_to=("<1@wallet.example>",)) == ""
    assert ask(NUMBER, subject="Re: We have your message", refers_to=("<1@wallet.example>",)) == "status"


def test_a_story_that_stands_in_the_subject_too_is_no_question():
    assert ask(f"Where is my money\n{NUMBER}", subject="Where is my money") == ""


def test_a_story_behind_a_command_is_a_story():
    chat = {"kind": "telegram", "sender": an_address("42", "telegram"), "numbered": False}
    assert ask("my wallet was drained", command="help", **chat) == ""
    assert ask("", command="start", **chat) == "start"
    assert ask("ref_77", command="start", **chat) == "start"
    assert ask("whatever follows", command="status", **chat) == "status"
    assert ask("my wallet was drained", command="help", public=True, **chat) == "help"


def test_numbers_are_cut_out_of_a_text_and_nothing_else():
    assert without(f"case {NUMBER}, and well-known ones").split() == ["case", ",", "and", "well-known", "ones"]
