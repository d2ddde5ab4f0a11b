"""WCAG by axe-core: nothing serious on any page, light and dark, in both languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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
