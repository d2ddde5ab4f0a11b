"""What becomes of messages, from the inbox to the outbox, on both databases."""

from triage.case import Disposition, Status, Urgency
from triage.explaining import explain, explain_unreadable
from triage.message import Attachment, Unreadable
from triage.store import cases

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


def test_a_new_matter_becomes_a_case_and_is_acknowledged_with_its_number(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending"))
    [case] = room.cases()
    [reply] = room.queued()
    assert case.verdict.category == "transaction"
    assert case.number in reply.text
    assert case.number in reply.subject
    assert reply.to.value == "ada@example.org"


def test_an_acknowledgement_is_in_the_senders_language(room):
    room.hear(room.mail("你好，我的提现一直没有到账，已经两天了，请帮我查一下", sender="li@example.org"))
    room.hear(room.mail("Hola, mi retiro sigue pendiente desde hace dos días, ¿me ayudan?", sender="eva@example.org"))
    assert [reply.language for reply in room.queued()] == ["zh-Hans", "es"]


def test_a_few_words_are_in_the_language_their_writer_used_before(room):
    room.hear(room.mail("您好，我想請問提款為什麼還沒到帳，已經兩天了", sender="li@example.org"))
    room.later(days=40)
    room.hear(room.mail("提款", sender="li@example.org"), room.mail("提款", sender="wang@example.org"))
    languages = {
        entry.sender: entry.language for case in room.cases() for entry in room.entries(case) if entry.text == "提款"
    }
    assert languages == {"email:li@example.org": "zh-Hant", "email:wang@example.org": "zh-Hans"}


def test_the_same_message_again_changes_nothing(room):
    message = room.mail(STUCK)
    room.hear(message)
    room.hear(message)
    assert (room.totals()["cases"], len(room.queued())) == (1, 1)


def test_a_reply_to_our_acknowledgement_continues_the_case(room):
    room.hear(room.mail(STUCK))
    [reply] = room.queued()
    room.later(hours=1)
    room.hear(room.mail("Now it says failed, what next?", refers_to=(f"<sent-{reply.id}@wallet.example>",)))
    [case] = room.cases()
    assert case.follow_ups == 1
    assert [e.disposition for e in room.entries(case)] == [Disposition.NEW, Disposition.FOLLOW_UP]


def test_both_messages_of_one_batch_find_the_same_case(room):
    first = room.mail(STUCK)
    room.hear(first, room.mail("Still nothing, the app shows an error now.", refers_to=first.known_as))
    assert [case.follow_ups for case in room.cases()] == [1]


def test_a_delivery_report_is_kept_and_is_no_case(room):
    room.hear(
        room.mail(
            "Your message could not be delivered.",
            sender="mailer-daemon@mx.example.net",
            headers=(("Auto-Submitted", "auto-replied"), ("Return-Path", "<>")),
        )
    )
    totals = room.totals()
    assert (totals["cases"], totals["messages.robot"], totals["lost"]) == (0, 1, 0)
    assert room.queued() == []


def test_a_leaked_phrase_is_critical_and_nowhere_in_the_store(room):
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    room.hear(room.mail(f"A man asked for my words and I sent him these: {phrase} is that ok?"))
    [case] = room.cases()
    assert (case.verdict.category, case.verdict.urgency) == ("security", Urgency.CRITICAL)
    assert case.secret_exposed
    [entry] = room.entries(case)
    assert "sausage" not in entry.text + entry.new_text + case.summary
    [reply] = room.queued()
    assert reply.kind == "secret"


def test_a_public_post_is_answered_with_the_constant_text_and_no_number(room):
    room.hear(room.post("@desk my deposit is missing since three days"))
    [case] = room.cases()
    [reply] = room.queued("x")
    assert case.number not in reply.text
    assert reply.kind == "public"


def test_an_urgent_follow_up_raises_the_case(room):
    room.hear(room.chat("how do I change the currency that is shown"))
    [case] = room.cases()
    room.later(minutes=5)
    room.hear(room.chat("my wallet was just emptied, somebody is stealing my funds right now!!"))
    [risen] = room.cases()
    assert risen.verdict.urgency is Urgency.CRITICAL
    assert risen.place.order_key < case.place.order_key


def test_the_list_has_theft_first_then_stuck_money_then_the_rest(room):
    room.hear(
        room.mail("It would be nice to have a dark mode.", sender="a@example.org"),
        room.mail("Where can I see the fee before I send?", sender="b@example.org"),
        room.mail("My withdrawal is stuck for three days, 4000 USDT, I cannot get my money.", sender="c@example.org"),
        room.mail("My wallet was hacked and all my ETH was stolen an hour ago.", sender="d@example.org"),
    )
    with room.store.read() as tx:
        senders = [cases.conversation(tx, case.id)[0].sender for case in room.cases()]
    assert senders[:2] == ["email:d@example.org", "email:c@example.org"]
    assert senders[-1] == "email:a@example.org"


def test_every_place_is_a_sum_of_its_parts(room):
    room.hear(room.mail(STUCK), room.chat("钱包里的币被转走了，不是我操作的"))
    for case in room.cases():
        assert sum(part.seconds for part in case.place.parts) == case.place.order_key


def test_a_resolved_case_is_not_reopened_by_thanks(room):
    first = room.mail(STUCK)
    room.hear(first)
    [case] = room.cases()
    room.store.run(lambda tx: cases.resolve(tx, case.id, "ann", room.now))
    room.later(hours=1)
    room.hear(room.mail("Thank you very much, it works now!", refers_to=first.known_as))
    assert room.cases() == []
    with room.store.read() as tx:
        assert cases.get(tx, case.id).status is Status.RESOLVED


def test_an_answer_to_a_resolved_case_opens_a_linked_one(room):
    first = room.mail(STUCK)
    room.hear(first)
    [case] = room.cases()
    room.store.run(lambda tx: cases.resolve(tx, case.id, "ann", room.now))
    room.later(hours=1)
    room.hear(room.mail("The coins are gone again, the withdrawal failed a second time!", refers_to=first.known_as))
    [again] = room.cases()
    assert again.linked_to == case.id


def test_a_one_time_code_is_replaced_and_alarms_nobody(room):
    room.hear(room.mail("I cannot log in, the verification code you sent is 482913 and it does not work"))
    [case] = room.cases()
    [entry] = room.entries(case)
    assert "482913" not in entry.text
    assert not case.secret_exposed
    assert case.verdict.urgency < Urgency.CRITICAL


def test_explaining_the_unreadable_gives_the_same_keys(room):
    broken = Unreadable(channel="m", kind="email", external_id="1", received_at=room.now, original=b"", why="empty")
    told = explain(room.mail(STUCK), room.desk, room.judge)
    assert explain_unreadable(broken).keys() == told.keys()


def test_what_nobody_can_see_is_empty(room):
    room.hear(room.chat("\u3164 \u200b\u00a0"))
    assert (room.totals()["cases"], room.queued("bot")) == (0, [])


def test_a_secret_added_by_an_edit_is_warned_of(room):
    words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    first = room.chat(STUCK)
    room.hear(first)
    room.hear(room.chat(f"{STUCK} {words}", known_as=first.known_as, edited=True))
    assert [reply.kind for reply in room.queued("bot")] == ["acknowledgement", "secret"]


def test_a_case_opened_again_is_not_sent_back_by_the_next_message(room):
    first = room.mail(STUCK)
    room.hear(first)
    [before] = room.cases()
    room.later(days=1)
    room.store.run(lambda tx: cases.resolve(tx, before.id, "ann", room.now))
    room.store.run(lambda tx: cases.reopen(tx, before.id, "ann", room.now))
    room.later(days=3)
    room.hear(room.mail("Any news? The amount was 300 USDT by the way.", refers_to=first.known_as))
    [after] = room.cases()
    assert after.place.order_key <= before.place.order_key


def test_advertising_with_a_picture_is_still_no_case(room):
    text = (
        "Dear Sir, we are a leading SEO agency and bring your website to page one of Google. 50% discount on backlinks!"
    )
    picture = (Attachment(name="offer.png", content_type="image/png"),)
    room.hear(room.mail(text, subject="Rank your website #1", attachments=picture))
    assert (room.totals()["cases"], room.totals()["messages.spam"]) == (0, 1)
