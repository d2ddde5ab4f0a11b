"""Whose case a message belongs to, and who only says that it is his."""

import pytest
from builders import an_address

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


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


def test_two_mails_without_a_sender_are_not_one_persons(room):
    room.hear(room.chat(STUCK, sender=an_address("", "telegram")), room.chat(STUCK, sender=an_address("", "telegram")))
    assert (room.totals()["cases"], room.queued("bot")) == (2, [])


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
