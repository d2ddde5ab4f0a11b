"""Times on the pages: in the zone of who reads them, and never without one."""

import re

from playwright.sync_api import expect


def test_times_are_those_of_the_readers_own_zone(busy):
    case = busy.room.cases()[0]
    at = f"{case.opened_at:%H:%M}"  # UTC
    page = busy.agent(timezone_id="Asia/Shanghai", locale="zh-CN")
    page.goto(f"/cases/{case.number}")
    shown = page.locator(".said time").first
    expect(shown).not_to_contain_text("UTC")
    hour, minute = map(int, re.search(r"(\d+):(\d+)", shown.inner_text()).groups())
    assert (hour, minute) == ((int(at[:2]) + 8) % 24, int(at[3:]))
    expect(page.locator("time", has_text="UTC")).to_have_count(0)


def test_without_scripts_a_time_says_that_it_is_utc(busy):
    case = busy.room.cases()[0]
    cookies = busy.agent().context.cookies()
    page = busy.page(java_script_enabled=False)
    page.context.add_cookies(cookies)
    page.goto(f"/cases/{case.number}")
    expect(page.locator("time").first).to_contain_text("UTC")
