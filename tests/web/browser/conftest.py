"""The desk in a real browser: the system's Chromium, this machine only."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rooms import *  # noqa: F403
from rooms import Room

from triage.case import Role
from triage.store import Store, users
from triage.web import Front, create_app, live, server
from triage.web.passwords import hashed

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "correct horse battery"

# Everything here needs the browser; a thread and a browser are dear, so one database is enough.
pytestmark = [pytest.mark.chromium]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.chromium)
            item.add_marker(pytest.mark.xdist_group("chromium"))


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


# Not for the session: Playwright keeps an event loop running in its thread, and no asynchronous test could run there.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Desk:
    """A desk on a port of this machine, and the browsers of its agents."""

    room: Room
    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """A new browser that nobody is signed in with."""
        context = self.browser.new_context(base_url=self.url, **options)
        context.set_default_timeout(5_000)
        # What the page's own rules forbade is told to us.
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective))"
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: None if r.url.startswith((self.url, "data:")) else self.foreign.append(r.url))
        page.on("dialog", lambda d: (self.dialogs.append(d.message), d.dismiss()))
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("console", lambda m: self.errors.append(m.text) if "CSP: " in m.text else None)
        return page

    def agent(self, name: str = "mia", role: Role = Role.AGENT, **options: Any) -> Page:
        """The browser of a new user, signed in; what she sees is the list."""
        with self.room.store.begin() as tx:
            users.add(tx, name, role, "test", self.room.now)
            users.set_password(tx, name, hashed(PASSWORD), "test", self.room.now)
        page = self.page(**options)
        page.goto("/sign-in")
        page.wait_for_selector("input[name=name]:focus")
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(self.url + "/")
        return page


@pytest.fixture
def open_desk(room: Room, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(live, "EVERY", 0.1)
    app = create_app(Front(store=room.store, desk=room.desk, models=MODELS, clock=lambda: room.now))
    door = server.listen("127.0.0.1:0")
    port, begun = door.getsockname()[1], threading.Event()
    ends: list[Callable[[], Any]] = []

    async def run() -> None:
        halt, loop = asyncio.Event(), asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(halt.set))
        begun.set()
        await server.serve(app, door, halt)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    begun.wait()
    desk = Desk(room, f"http://localhost:{port}", chromium)
    try:
        yield desk
    finally:
        for context in desk.contexts:
            context.close()
        ends[0]()
        thread.join()


MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture
def busy(open_desk: Desk) -> Desk:
    """A desk on an ordinary morning: cases of each urgency, in several languages, one of them a month of talk."""
    room = open_desk.room
    said = (
        ("Someone stole my account, my coins are being sent away right now!", "bob@example.org"),
        ("My withdrawal of 0.5 BTC has been pending for two days and support does not answer.", "ada@example.org"),
        ("我的提币申请已经两天没有到账了，客服一直不回复我，请尽快处理。", "wang@example.cn"),
        ("No puedo cambiar mi contraseña, el correo de verificación no llega.", "cora@example.es"),
        ("The new chart is hard to read on a phone. Please make the figures larger.", "dora@example.net"),
        ("How long does verification of my passport take? I sent it on Monday.", "emil@example.de"),
    )
    for n, (text, sender) in enumerate(said):
        room.now += timedelta(minutes=7)
        room.hear(room.mail(text, sender=sender, subject=text[:40] if n % 2 else ""))
    room.queued()
    return open_desk
