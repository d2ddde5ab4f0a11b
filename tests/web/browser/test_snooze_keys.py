"""Putting off by keyboard: from the page of a case, for several at once, and back without a key."""

from datetime import timedelta

from playwright.sync_api import expect


def test_a_case_is_put_off_by_keyboard_and_the_open_list_gets_it_back_by_itself(busy):
    room, page = busy.room, busy.agent()
    first = room.cases()[-1]
    page.goto(f"/cases/{first.number}")
    page.keyboard.press("z")
    expect(page.locator("select[name=seconds]:focus")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("aside")).to_contain_text("comes back at")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.wait_for_url(busy.url + "/")
    row = page.locator(f"#case-{first.id}")
    expect(row).to_have_count(0)
    room.now += timedelta(hours=2)
    expect(row).to_have_count(1)  # the page asked for its list again, nobody did anything


def test_marked_cases_are_put_off_and_taken_back(busy):
    page = busy.agent()
    for key in ("j", "x", "j", "x", "Z"):
        page.keyboard.press(key)
    expect(page.locator("#done")).to_contain_text("2 cases changed")
    expect(page.locator("#rows tr[id]")).to_have_count(4)
    page.keyboard.press("u")
    expect(page.locator("#rows tr[id]")).to_have_count(6)
