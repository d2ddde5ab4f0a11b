"""Messages in the wrong case, put right on its page by keyboard: split off, moved, and taken back."""

import re

import pytest
from playwright.sync_api import expect

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
CODES = "I cannot sign in: the codes by text message do not arrive on my phone."
NAMED = "<img src=x onerror=alert(1)> The withdrawal says failed now, and the amount is 0.5 BTC."


@pytest.fixture
def mixed(open_desk):
    """Ada's case, in which a second matter was joined by its header, and Bob's."""
    room = open_desk.room
    first = room.mail(STUCK, sender="ada@example.org", subject="Withdrawal pending")
    room.hear(first)
    room.later(minutes=10)
    room.hear(room.mail(CODES, sender="ada@example.org", subject="Codes do not arrive", refers_to=first.known_as))
    room.hear(room.mail(NAMED, sender="ada@example.org", subject="Re: Withdrawal pending", refers_to=first.known_as))
    room.later(minutes=10)
    room.hear(room.mail(CODES, sender="bob@example.org"))
    return open_desk


def test_a_second_matter_is_split_off_by_one_key_and_put_back_by_another(mixed):
    room, page = mixed.room, mixed.agent()
    [case] = [case for case in room.cases() if len(room.entries(case)) == 3]
    page.goto(f"/cases/{case.number}")
    expect(page.locator(".said div.in")).to_have_count(3)
    page.keyboard.press("s")
    page.wait_for_url(re.compile(rf"/cases/(?!{case.number})"))
    expect(page.locator("pre", has_text="the codes by text message")).to_be_visible()
    expect(page.locator("pre", has_text="0.5 BTC")).to_have_count(0)
    assert len(room.cases()) == 3
    page.keyboard.press("U")
    page.wait_for_url(f"**/cases/{case.number}")
    expect(page.locator("pre", has_text="the codes by text message")).to_be_visible()
    assert [len(room.entries(one)) for one in sorted(room.cases(), key=lambda one: one.id)] == [3, 1]


def test_a_message_is_moved_into_another_case_by_keyboard_and_moved_back(mixed):
    room, page = mixed.room, mixed.agent()
    bobs, adas = sorted(room.cases(), key=lambda one: len(room.entries(one)))
    page.goto(f"/cases/{adas.number}")
    page.keyboard.press("M")
    expect(page.locator("input[name=other]:focus")).to_have_count(1)
    page.keyboard.type(bobs.number)
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.name === 'message'"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the newest is offered first, the one before it is meant
    page.keyboard.press("Escape")
    page.keyboard.press("V")
    page.wait_for_url(f"**/cases/{bobs.number}")
    expect(page.locator("pre", has_text="the codes by text message")).to_have_count(2)
    assert [e.text for e in room.entries(adas)] == [STUCK, NAMED]
    page.keyboard.press("U")
    page.wait_for_url(f"**/cases/{adas.number}")
    assert [e.text for e in room.entries(adas)] == [STUCK, CODES, NAMED]
    assert mixed.dialogs == []


def test_a_number_that_is_none_is_said_and_nothing_moves(mixed):
    room, page = mixed.room, mixed.agent()
    adas = max(room.cases(), key=lambda one: len(room.entries(one)))
    page.goto(f"/cases/{adas.number}")
    page.keyboard.press("M")
    page.keyboard.type("T999-ABCDEFGH")
    page.keyboard.press("Escape")
    page.keyboard.press("V")
    expect(page.get_by_role("alert")).to_have_text("there is no such case")
    assert len(room.entries(adas)) == 3
