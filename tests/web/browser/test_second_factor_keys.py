"""Setting a second factor up, and signing in with it, by keyboard only."""

from datetime import timedelta

import pyotp
from playwright.sync_api import expect


def test_a_phone_is_set_up_and_asked_for_at_the_next_sign_in(open_desk):
    page, room = open_desk.agent(name="mia"), open_desk.room
    page.keyboard.press("@")
    page.wait_for_url(open_desk.url + "/me")
    page.locator("main button.primary").press("Enter")
    expect(page.locator("main img")).to_be_visible()
    expect(page.locator("input[name=code]:focus")).to_have_count(1)
    phone = pyotp.TOTP(page.locator("main code").text_content())
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    page.locator("input[name=code]").fill(phone.at(room.now))
    page.keyboard.press("Enter")
    expect(page.locator("main li code")).to_have_count(10)
    spare = page.locator("main li code").first.text_content()
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url(open_desk.url + "/sign-in")
    room.now += timedelta(minutes=1)
    for code in ("123456", spare):
        if code != spare:
            page.locator("input[name=name]").fill("mia")
            page.locator("input[name=password]").fill("correct horse battery")
            page.keyboard.press("Enter")
        expect(page.locator("input[name=code]:focus")).to_have_count(1)
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        if code != spare:
            expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    page.wait_for_url(open_desk.url + "/")
