from dataclasses import replace

import pytest
from builders import NOW, a_case, a_message, a_reading, a_verdict, an_address
from rules.matching import ADA, LATER, evidence, find

from triage.case import Disposition, References, Status
from triage.message import Attachment
from triage.rules.followup import (
    MOST_CASES,
    Evidence,
    find_follow_up,
    says_nothing_new,
)
from triage.rules.lifecycle import continue_case
from triage.rules.likeness import overlap, plain_subject
from triage.rules.targets import Targets

TX, OTHER_TX = "3f9a17c2" * 8, "b4d05e61" * 8


def test_a_reply_by_the_same_person_continues_the_case():
    match = find(a_message(received_at=LATER), evidence(threaded=True))
    assert match.follow_up.case_id == 1
    assert match.follow_up.disposition is Disposition.FOLLOW_UP
    assert match.follow_up.reason.code == "thread"


def test_a_stranger_who_answers_a_leaked_message_id_gets_a_linked_case_of_his_own():
    match = find(a_message(sender="mallory@example.net"), evidence(threaded=True))
    assert match.follow_up is None
    assert match.linked_to == 1


def test_a_stranger_with_the_number_on_the_same_kind_of_channel_stays_outside():
    match = find(a_message(sender="mallory@example.net"), evidence(numbered=True))
    assert match.follow_up is None
    assert match.linked_to == 1


def test_the_number_joins_a_customer_who_follows_up_on_another_kind_of_channel():
    ada_on_telegram = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"))
    assert find(ada_on_telegram, evidence(numbered=True)).follow_up.reason.code == "number"


def test_the_number_in_a_public_post_joins_nobody():
    post = a_message(kind="x", channel="x", sender=an_address("42", "x"), public=True)
    assert find(post, evidence(numbered=True)).follow_up is None


def test_the_number_of_a_resolved_case_opens_a_linked_new_one():
    closed = a_case(status=Status.RESOLVED)
    match = find(a_message(), evidence(closed, numbered=True))
    assert (match.follow_up, match.linked_to) == (None, 1)


def test_thanks_do_not_reopen_a_resolved_case():
    closed = a_case(status=Status.RESOLVED)
    match = find(a_message(), evidence(closed, threaded=True), "thank you!", nature="thanks")
    assert match.follow_up.disposition is Disposition.REPEAT


def test_the_same_story_told_again_is_a_repeat():
    story = "I sent 300 USDT to my other wallet and it never arrived, please help me"
    match = find(a_message(received_at=LATER), evidence(own=True, said=story), story + " !!")
    assert match.follow_up.disposition is Disposition.REPEAT
    assert match.follow_up.reason.code == "same-text"


def test_the_same_form_about_another_transaction_is_a_new_matter():
    said = "Please check my transaction " + TX + " it is still pending"
    again = a_reading(
        "Please check my transaction " + OTHER_TX + " it is still pending",
        references=References(transactions=(OTHER_TX,)),
    )
    known = evidence(own=True, said=said)
    assert find_follow_up(a_message(received_at=LATER), again, a_verdict(), known).follow_up is None


def test_naming_the_same_transaction_continues_the_case():
    said = "transaction " + TX + " pending"
    reading = a_reading("any news on " + TX, references=References(transactions=(TX,)))
    match = find_follow_up(a_message(received_at=LATER), reading, a_verdict(), evidence(own=True, said=said))
    assert match.follow_up.reason.code == "same-reference"


def test_a_header_match_with_a_new_subject_and_text_is_marked_for_the_agent():
    message = a_message(subject="Question about my tax report 2025", received_at=LATER)
    assert find(message, evidence(threaded=True)).follow_up.reason.code == "thread.maybe-new"


def test_an_answer_under_the_subject_of_our_acknowledgement_is_no_new_matter():
    message = a_message(subject="Re: We have your message: case T1-TESTTEST", received_at=LATER)
    assert find(message, evidence(threaded=True)).follow_up.reason.code == "thread"


def test_a_new_amount_is_never_a_repeat():
    story = "I sent USDT to my other wallet and it never arrived, please help me"
    reading = a_reading(story + " 700 USDT", references=References(amounts=("700 USDT",)))
    assert not says_nothing_new(a_message(), reading, a_verdict(), (story,))


def test_reply_marks_of_every_mail_program_come_off_the_subject():
    assert plain_subject("Re: AW: 回复：Fwd: Cannot log in") == "cannot log in"


def test_an_exact_copy_is_a_repeat_however_its_amounts_are_written():
    story = "where is my 700usdt?? i paid $1,000 for order #ab12cd34"
    match = find(a_message(received_at=LATER), evidence(own=True, said=story), story)
    assert match.follow_up.disposition is Disposition.REPEAT


def test_a_number_within_a_date_is_no_shared_order():
    known = evidence(own=True, said="I cannot log in since 2026-07-20")
    text = "Where is order #20260 please? It should have been paid out long ago."
    assert find(a_message(received_at=LATER), known, text, topic="fees").follow_up is None


def test_a_screenshot_is_something_new():
    picture = a_message(received_at=LATER, attachments=(Attachment(name="a.png", content_type="image/png"),))
    assert find(picture, evidence(threaded=True), "", nature="empty").follow_up.disposition is Disposition.FOLLOW_UP


def test_a_mail_that_failed_the_check_joins_nothing():
    forged = a_reading("send it to my new address please", authentic=False)
    match = find_follow_up(a_message(received_at=LATER), forged, a_verdict(), evidence(threaded=True, own=True))
    assert (match.follow_up, match.linked_to) == (None, 1)


def test_who_once_quoted_a_number_does_not_join_the_next_case_by_chatting():
    later_case = a_case(2)
    line = a_message(kind="telegram", channel="bot", sender=an_address("42", "telegram"), received_at=NOW)
    assert find(line, evidence(later_case, own=True)).follow_up is None


def test_a_mended_typo_does_not_reopen_a_resolved_case():
    closed = a_case(status=Status.RESOLVED)
    edit = a_message(edited=True, received_at=LATER)
    assert find(edit, evidence(closed, threaded=True)).follow_up.case_id == 1


def test_a_flood_of_cases_costs_a_bounded_number_of_comparisons():
    cases = [a_case(n) for n in range(1, 60)]
    texts = {c.id: tuple(f"{c.id * 7919} {n} " + "lorem ipsum dolor " * 100 for n in range(5)) for c in cases}
    known = Evidence(own=cases, recent_texts=texts, participants={c.id: ADA for c in cases})
    overlap.cache_clear()
    find(a_message(received_at=LATER), known, "completely different words about a missing deposit " * 40)
    assert overlap.cache_info().misses <= 5 * MOST_CASES


def test_every_answer_has_its_strength_and_a_client_is_surer_than_a_guess():
    story = "I sent 300 USDT to my other wallet and it never arrived, please help me"
    reply = find(a_message(received_at=LATER), evidence(threaded=True)).follow_up
    guess = find(a_message(received_at=LATER), evidence(own=True, said=story), story).follow_up
    topic = find(a_message(received_at=LATER), evidence(own=True)).follow_up
    assert 1 == reply.reason.weight > guess.reason.weight > topic.reason.weight > 0


def test_the_strongest_evidence_wins_over_the_newest_case():
    story = "I sent 300 USDT to my other wallet and it never arrived, please help me"
    known = Evidence(
        own=[a_case(2), a_case(1)], recent_texts={1: (story,), 2: ("The app is slow",)}, participants={1: ADA, 2: ADA}
    )
    assert find(a_message(received_at=LATER), known, story).follow_up.case_id == 1


@pytest.mark.parametrize(
    ("said", "now"),
    [
        (f"transaction {TX} is pending", f"my payment is not there, the hash is {OTHER_TX}"),
        ("I sent 300 USDT and it never arrived", "I also sent 50 USDT yesterday, and that is not there either"),
        ("Form: withdrawal 8841231, state pending", "Form: withdrawal 8841232, state pending"),
    ],
)
def test_another_transaction_sum_or_number_is_another_matter_even_in_the_same_words(said, now):
    assert find(a_message(received_at=LATER), evidence(own=True, said=said), now).follow_up is None


def test_the_same_story_with_its_transaction_added_is_a_follow_up():
    story = "I sent 300 USDT to my other wallet and it never arrived, please help me"
    follow_up = find(a_message(received_at=LATER), evidence(own=True, said=story), f"{story} {TX}").follow_up
    assert follow_up.disposition is Disposition.FOLLOW_UP


def test_a_person_answers_from_her_other_address():
    match = find(a_message(sender="ada@work.example"), replace(evidence(threaded=True), person_id=1))
    assert match.follow_up.reason.code == "thread"


def test_thanks_for_an_open_case_do_not_press():
    for nature, pressed in (("thanks", 0), ("empty", 1)):
        match = find(a_message(received_at=LATER), evidence(own=True), "thank you", nature=nature)
        after = continue_case(
            a_case(), message=a_message(received_at=LATER), reading=a_reading("thank you"),
            verdict=a_verdict(nature=nature), follow_up=match.follow_up, targets=Targets(),
        )  # fmt: skip
        assert after.repeats == pressed
