"""`make screenshots`: a picture of every page, light and dark, in English and Chinese, into docs/screenshots.

It is no test of its own; pytest runs it because the desk of the browser tests is what it photographs.
"""

from pathlib import Path

import pytest

from triage.case import Role
from triage.store import health

FOLDER = Path(__file__).parents[3] / "docs/screenshots"
PAGES = {"cases": "/"} | {
    name: f"/{name}"
    for name in (
        "review",
        "reports",
        "channels",
        "models",
        "quarantine",
        "audit",
        "settings",
        "users",
        "impostors",
        "incidents",
        "topics",
        "canned",
    )
}
LOOKS = [("light", "en"), ("dark", "en"), ("light", "zh-CN"), ("dark", "zh-CN")]


@pytest.mark.parametrize(("scheme", "language"), LOOKS)
def test_every_page_has_its_picture(busy, scheme, language):
    FOLDER.mkdir(exist_ok=True)
    with busy.room.store.begin() as tx:
        for channel in ("support-mail", "support-mail/send", "bot", "webhook:crm"):
            health.progress(tx, channel, busy.room.now)
        health.report(tx, "x", "down", "x: no answer in 30 s", busy.room.now)
    page = busy.agent(role=Role.ADMIN, color_scheme=scheme, locale=language, viewport={"width": 1100, "height": 640})

    def shoot(name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}-{scheme}-{language[:2]}.jpg", type="jpeg", quality=45)

    shown = PAGES | {"case": f"/cases/{busy.room.cases()[1].number}"}
    for name, path in shown.items():
        page.goto(path)
        shoot(name)
    page.keyboard.press("?")
    shoot("keys")
