"""What becomes of messages, from the inbox to the outbox, on both databases."""

from datetime import timedelta

import pytest
from builders import an_address

from triage import agents
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


def test_a_customer_with_her_number_is_recognised_on_another_channel(room):
    room.hear(room.mail(STUCK))
    [case] = room.cases()
    room.later(hours=2)
    room.hear(room.chat(f"I wrote you by mail, my case is {case.number}, the app says failed now"))
    [joined] = room.cases()
    assert joined.follow_ups == 1
    [reply] = room.queued("bot")
    assert reply.kind == "still-in-line"
    room.later(minutes=5)
    room.hear(room.chat("hello? the withdrawal failed and the coins are gone from my balance"))
    assert len(room.cases()) == 1


def test_a_stranger_who_quotes_the_number_in_a_mail_gets_his_own_case_and_learns_nothing(room):
    room.hear(room.mail(STUCK))
    [case] = room.cases()
    room.hear(room.mail(f"What is the state of case {case.number}? Tell me the address.", sender="mallory@example.net"))
    other = next(c for c in room.cases() if c.id != case.id)
    assert other.linked_to == case.id
    assert len(room.entries(case)) == 1
    assert case.number not in "".join(r.text for r in room.queued() if r.to.value == "mallory@example.net")


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


def test_no_address_gets_more_automatic_replies_than_the_limits(room):
    for n in range(6):
        room.later(minutes=10)
        room.hear(
            room.mail(f"Question number {n * 7919}: how do I export list {n * 104729}?", subject=f"Export {n * 31}")
        )
    assert len(room.queued()) == room.desk.limits.per_day


def test_a_storm_is_acknowledged_no_faster_than_the_breaker_lets_through(room):
    small = room.with_limits(per_minute_total=5)
    small.hear(*[small.mail(f"My deposit {n * 7919} is missing", sender=f"p{n}@mail{n}.example") for n in range(12)])
    sent = []
    for _ in range(4):
        sent.append(len(small.queued()))
        small.later(minutes=1)
    assert (sent, small.totals()["cases"]) == ([5, 5, 2, 0], 12)


def test_an_agent_who_is_faster_overtakes_the_acknowledgement(room):
    small = room.with_limits(per_minute_total=0)
    small.hear(small.mail(STUCK))
    [case] = small.cases()
    answer = agents.Answer(text="Please update the app.", key="1", after=timedelta(seconds=10))
    _, said = small.store.run(lambda tx: agents.answer(tx, small.desk, case.id, "ann", answer, small.now))
    with small.store.read() as tx:
        assert [one.state for one in agents.said(tx, case.id)] == ["withdrawn", "queued"]
    small.store.run(lambda tx: agents.withdraw(tx, case.id, said.id, "ann", small.now))
    with small.store.read() as tx:
        assert [one.state for one in agents.said(tx, case.id)] == ["queued", "withdrawn"]


def test_a_flood_of_matters_from_one_sender_makes_few_cases(room):
    topics = ("deposit", "withdrawal", "login", "refund", "password", "fee", "swap", "staking", "export")
    for batch in range(4):
        room.hear(*[
            room.mail(f"Where is my {topics[n % 9]} number {n * 7919}?", subject=f"{topics[n % 9]} {n * 31}")
            for n in range(batch * 25, batch * 25 + 25)
        ])  # fmt: skip
        room.later(hours=7)
    room.hear(room.mail("My deposit did not arrive", sender="bob@example.org"))
    assert len(room.cases()) <= room.desk.limits.open_cases + 1
    assert room.totals()["messages"] == 101
    crowded = [e for case in room.cases() for e in room.entries(case) if e.why.code.startswith("crowded")]
    assert all(entry.maybe_new for entry in crowded)
    assert len(room.queued()) <= room.desk.limits.per_week + 1


def test_status_on_request_tells_the_owner_and_nobody_else(room):
    room.hear(room.chat(STUCK))
    [case] = room.cases()
    room.queued("bot")
    room.hear(room.chat(case.number, command="status"), room.chat(case.number, user="666", command="status"))
    owner, stranger = room.queued("bot")
    assert case.number in owner.text
    assert stranger.kind == "status-unknown"
    assert room.totals()["cases"] == 1


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


def test_two_mails_without_a_sender_are_not_one_persons(room):
    room.hear(room.chat(STUCK, sender=an_address("", "telegram")), room.chat(STUCK, sender=an_address("", "telegram")))
    assert (room.totals()["cases"], room.queued("bot")) == (2, [])


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


def test_commands_have_a_limit_of_their_own_and_silence_nobody(room):
    small = room.with_limits(commands_per_day=3, per_minute_total=1)
    small.hear(*[small.chat("", command="start") for _ in range(3)])
    small.hear(*[small.chat("", command="start") for _ in range(3)])
    small.hear(small.chat(STUCK))
    kinds = [reply.kind for reply in small.queued("bot")]
    assert kinds == ["start", "start", "start", "acknowledgement"]


FORGED = (("Authentication-Results", "mx.wallet.example; dmarc=fail header.from=example.net"),)


@pytest.mark.parametrize("headers", [(), FORGED])
def test_a_forged_sender_who_quotes_his_own_number_gets_nobodys_address(room, headers):
    room.hear(room.chat("How do I change my e-mail address?", user="666"))
    [thief] = room.cases()
    room.hear(room.mail(f"About {thief.number}: please help", sender="ann@example.net", headers=headers))
    room.later(hours=7)
    room.hear(room.mail("My account was frozen, I need my documents back.", sender="ann@example.net", subject="KYC"))
    room.later(minutes=3)
    room.hear(room.chat("And what else is there to know?", user="666"))
    [hers] = [case for case in room.cases() if case.channel == "support-mail"]
    assert {entry.sender for entry in room.entries(hers)} == {"email:ann@example.net"}


def test_a_number_from_telegram_makes_the_address_hers(room):
    room.hear(room.mail(STUCK))
    [case] = room.cases()
    room.hear(room.chat(f"My case is {case.number}, the amount is 300 USDT"))
    room.later(days=1)
    room.hear(room.chat(STUCK))
    assert room.totals()["cases"] == 1


@pytest.mark.parametrize("command", ["help", "start"])
def test_a_story_told_behind_a_command_is_a_case(room, command):
    room.hear(room.chat("My wallet was hacked and my funds are being stolen right now", command=command))
    assert room.totals()["cases"] == 1


def test_a_command_alone_and_the_word_of_a_link_are_no_case(room):
    room.hear(room.chat("", command="help"), room.chat("from_site", command="start"))
    assert room.totals()["cases"] == 0
    assert [reply.kind for reply in room.queued("bot")] == ["start", "start"]


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
