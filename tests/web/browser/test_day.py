"""A day at the desk, by keyboard only; two agents; news while one looks."""

import re

import pytest
from playwright.sync_api import Page, expect

from triage.case import Status
from triage.store import canned, cases, outbox


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def focus_is(page: Page, selector: str) -> None:
    expect(page.locator(f"{selector}:focus")).to_have_count(1)


def test_an_agents_whole_day_by_keyboard_only(busy):
    room, page = busy.room, busy.agent()
    first = room.cases()[0]
    keys(page, "n")
    page.wait_for_url(f"**/cases/{first.number}")
    # An answer is written, sent, taken back within ten seconds, its words corrected, and sent again.
    keys(page, "r")
    page.keyboard.type("We have locked your account.")
    keys(page, "Control+Enter")
    expect(page.locator(".out pre").last).to_contain_text("We have locked your account.")
    keys(page, "u")
    expect(page.locator("textarea[name=text]").first).to_have_value(re.compile("We have locked"))
    keys(page, "r", "End")
    page.keyboard.type(" Nobody can use it now.")
    keys(page, "Control+Enter")
    expect(page.locator(".out pre").last).to_contain_text("Nobody can use it now.")
    keys(page, "m")
    page.keyboard.type("She was phished on a copy of our page.")
    keys(page, "Control+Enter")
    expect(page.locator(".note pre")).to_contain_text("phished")
    # Back in the list: down, up, why is it here, marks for two, taken and put back.
    keys(page, "e", "g")
    page.wait_for_url(busy.url + "/")
    keys(page, "j", "j", "k")
    focus_is(page, "#rows tr:nth-of-type(1) a")
    keys(page, "w")
    expect(page.locator("#rows details[open] .sum")).to_be_visible()
    keys(page, "x", "j", "x")
    expect(page.locator("#marked [data-count]")).to_have_text("2")
    keys(page, "T")
    expect(page.locator("#done")).to_contain_text("2")
    expect(page.locator("#rows tr td:last-child", has_text="mia")).to_have_count(2)
    keys(page, "u")
    expect(page.locator("#rows tr td:last-child", has_text="mia")).to_have_count(0)
    # A search in Chinese, the case opened, its keys looked at, and home again.
    keys(page, "/")
    page.keyboard.insert_text("提币")
    expect(page.locator("#rows tr[id]")).to_have_count(1)
    keys(page, "Escape", "j", "Enter")
    page.wait_for_url("**/cases/*")
    keys(page, "?")
    expect(page.locator("dialog#keys")).to_be_visible()
    keys(page, "Escape", "t")
    expect(page.locator("aside")).to_contain_text("mia")
    keys(page, "C")
    expect(page.locator("h1 .urgency")).to_have_text("critical")
    room.later(seconds=11)
    [reply] = room.queued()
    with room.store.read() as tx:
        assert cases.get(tx, first.id).status is Status.RESOLVED
        assert [s.state for s in outbox.of_case(tx, first.id) if s.kind == "answer"] == ["withdrawn", "sent"]
    assert reply.text == "We have locked your account. Nobody can use it now.\n"
    assert busy.errors == busy.dialogs == []


def test_a_ready_answer_is_found_looked_at_and_sent_by_keyboard(busy):
    room = busy.room
    room.store.run(lambda tx: canned.save(tx, "released", "en", "It is released: {number}.", "leo", room.now))
    case = next(case for case in room.cases() if "0.5 BTC" in case.summary)
    page = busy.agent()
    page.goto(f"/cases/{case.number}")
    keys(page, "c")
    page.keyboard.type("rel")
    expect(page.locator("#offered button")).to_have_count(1)
    keys(page, "Enter")
    focus_is(page, "form textarea[name=text]")
    expect(page.locator("textarea[name=text]").first).to_have_value(f"It is released: {case.number}.")
    keys(page, "Escape", "p")
    expect(page.locator("#preview pre")).to_contain_text("It is released")
    keys(page, "r", "Control+Enter")
    expect(page.locator(".out pre").last).to_contain_text(f"It is released: {case.number}.")
    assert busy.errors == []


def test_two_agents_see_each_other_and_a_stale_answer_is_refused(busy):
    room = busy.room
    case = next(case for case in room.cases() if "0.5 BTC" in case.summary)
    mia, leo = busy.agent(), busy.agent("leo")
    leo.goto(f"/cases/{case.number}")
    mia.goto(f"/cases/{case.number}")
    expect(mia.locator("#others")).to_contain_text("leo")
    mia.locator("textarea[name=text]").first.fill("It was sent again.")
    room.hear(room.mail("Wait, the address was wrong!", sender="ada@example.org", refers_to=("<2@example.org>",)))
    room.queued()
    # The page does not change under her hands: it tells.
    expect(mia.locator("#told")).to_contain_text("new")
    expect(mia.locator("textarea[name=text]").first).to_have_value("It was sent again.")
    mia.locator("textarea[name=text]").first.focus()
    keys(mia, "Control+Enter")
    expect(mia.locator("[role=alert]")).to_contain_text("wrote again")
    expect(mia.locator(".in").last).to_contain_text("the address was wrong")
    expect(mia.locator("textarea[name=text]").first).to_have_value("It was sent again.")
    assert room.queued() == []
    # Leo writes nothing: his page shows the message by itself.
    expect(leo.locator(".in").last).to_contain_text("the address was wrong")
    assert mia.locator(".out:not(.auto)").count() == 0


def test_the_list_keeps_its_place_when_something_comes_in(busy):
    room = busy.room
    for n in range(40):
        room.hear(room.mail(f"My deposit number {n} of {n + 3} ETH has not arrived.", sender=f"x{n}@example.org"))
    page = busy.agent(viewport={"width": 1200, "height": 400})
    page.mouse.wheel(0, 600)
    row = page.locator("#rows tr[id]").nth(20)
    row.locator("a").focus()
    keys(page, "x")
    name = row.get_attribute("id")
    top = f"document.getElementById('{name}').getBoundingClientRect().y"  # in one step: rows are replaced meanwhile
    before = page.evaluate(top)
    room.hear(room.mail("My account was hacked, the thief is sending my coins away now!", sender="z@example.org"))
    new = page.locator("#rows tr", has_text="the thief is sending")
    expect(new).to_have_count(1)
    assert abs(page.evaluate(top) - before) < 3
    focus_is(page, f"#{name} a")
    expect(page.locator(f"#{name} input")).to_be_checked()


def test_what_is_marked_while_the_news_is_under_way_stays_marked(busy):
    page = busy.agent()
    row = f"#{page.locator('#rows tr[id]').first.get_attribute('id')}"
    page.locator(f"{row} a").focus()
    page.evaluate(
        """document.addEventListener("htmx:beforeOnLoad", (event) => {
            document.dispatchEvent(new KeyboardEvent("keydown", { key: "x" }));
        }, { once: true })"""
    )
    busy.room.hear(busy.room.mail("My account was hacked, the thief is sending my coins!", sender="z@example.org"))
    expect(page.locator("#rows tr", has_text="the thief is sending")).to_have_count(1)
    expect(page.locator(f"{row} input")).to_be_checked()
    expect(page.locator("#marked [data-count]")).to_have_text("1")


@pytest.mark.parametrize(("width", "height"), [(640, 480), (360, 740)], ids=["200 % zoom", "phone"])
def test_a_narrow_window_needs_no_sideways_scrolling(busy, width, height):
    page = busy.agent(viewport={"width": width, "height": height})
    for path in ("/", f"/cases/{busy.room.cases()[0].number}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path


def test_a_case_is_merged_and_linked_by_keys_and_both_are_taken_back_by_one(busy):
    first, second = busy.room.cases()[:2]
    page = busy.agent()
    page.goto(f"/cases/{first.number}")
    keys(page, "M")
    page.keyboard.type(second.number)
    keys(page, "Enter")
    page.wait_for_url(f"**/cases/{second.number}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    keys(page, "U")
    page.wait_for_url(f"**/cases/{first.number}")
    keys(page, "M")
    page.keyboard.type(second.number)
    keys(page, "Escape", "K")
    expect(page.locator("aside")).to_contain_text("Linked to")
    keys(page, "U")
    expect(page.locator("aside")).not_to_contain_text("Linked to")
