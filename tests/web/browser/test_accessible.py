"""WCAG by axe-core: nothing serious on any page, light and dark, in both languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from triage.case import Role

AXE = Axe()
PAGES = (
    "/",
    "/review",
    "/reports",
    "/channels",
    "/models",
    "/quarantine",
    "/audit",
    "/settings",
    "/users",
    "/impostors",
    "/incidents",
    "/topics",
    "/canned",
)


def faults(page: Page) -> list[str]:
    found = AXE.run(page).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "zh-CN")])
def test_no_page_has_a_serious_fault(busy, scheme, language):
    page = busy.agent(role=Role.ADMIN, color_scheme=scheme, locale=language)
    found = []
    for path in (*PAGES, *(f"/cases/{case.number}" for case in busy.room.cases()[:2])):
        page.goto(path)
        found += faults(page)
    page.goto("/me")
    found += faults(page)
    page.locator("main button.primary").click()
    page.wait_for_selector("main img")
    found += faults(page)
    page.keyboard.press("?")
    found += faults(page)
    stranger = busy.page(color_scheme=scheme, locale=language)
    stranger.goto("/sign-in")
    assert found + faults(stranger) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_navigation_is_one_line_where_there_is_room_and_never_needs_sideways_scrolling(busy, language):
    page = busy.agent(role=Role.ADMIN, locale=language, viewport={"width": 1100, "height": 640})
    tops = page.eval_on_selector_all(".pages a", "links => links.map(link => link.getBoundingClientRect().top)")
    assert (len(tops), len(set(tops))) == (12, 1)
    tools = page.eval_on_selector_all(
        "header > :not(nav, .hidden)", "all => all.map(one => one.getBoundingClientRect().bottom)"
    )
    assert max(tools) <= tops[0]
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width


LINES = """all => all.filter(one => one.checkVisibility()).map(one => {
  const box = one.getBoundingClientRect();
  return (box.top + box.bottom) / 2;
}).sort((a, b) => a - b).reduce(([lines, last], at) => [lines + (at - last > 12), at], [0, -999])[0]"""
"""In how many lines elements stand."""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_filters_are_one_line_and_the_rarer_ones_a_second(busy, language):
    page = busy.agent(locale=language, viewport={"width": 1100, "height": 640})
    height = page.locator(".filters").bounding_box()["height"]
    assert page.eval_on_selector_all(".filters input, .filters select, .filters summary", LINES) == 1
    page.keyboard.press("f")
    expect(page.locator("input[name=channel]")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.eval_on_selector_all(".more-filters input", LINES) == 1
    assert faults(page) == []
    for width in (320, 550, 640):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width
    page.set_viewport_size({"width": 1100, "height": 640})
    page.keyboard.press("f")
    expect(page.locator("input[name=channel]")).not_to_be_visible()
    assert page.locator(".filters").bounding_box()["height"] == height


def test_a_filter_that_is_out_of_sight_works_and_shows_that_it_is_set(busy):
    page = busy.agent(viewport={"width": 1100, "height": 640})
    dot = "() => getComputedStyle(document.querySelector('.more-filters summary'), '::after').content"
    assert page.evaluate(dot) == "none"
    page.keyboard.press("f")
    page.keyboard.press("Tab")
    page.keyboard.type("bot")
    page.keyboard.press("Enter")
    expect(page.locator("#rows .none")).to_be_visible()
    page.goto("/?channel=bot")
    expect(page.locator("input[name=channel]")).not_to_be_visible()
    assert page.evaluate(dot) != "none"
    page.goto("/?overdue=true")
    assert page.evaluate(dot) != "none"


def test_a_refusal_is_seen_by_who_is_at_the_end_of_a_long_case(busy):
    case = busy.room.cases()[1]
    page = busy.agent(viewport={"width": 1100, "height": 400})
    page.goto(f"/cases/{case.number}")
    page.keyboard.press("M")
    page.keyboard.type(case.number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_in_viewport()


def test_a_heading_of_figures_stands_above_its_figures(busy):
    page = busy.agent()
    page.goto("/reports")
    ends = "cells => cells.map(cell => getComputedStyle(cell).textAlign)"
    for cell in ("th", "td"):
        assert set(page.eval_on_selector_all(f".figures {cell}:not(:first-child)", ends)) == {"right"}
