"""Behind a proxy with TLS a browser reports what the policy forbade by `report-to`, and is understood."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme
from playwright.sync_api import Browser
from structlog.testing import capture_logs

from triage.store import cases

HOST = "desk.example"
PATIENCE = 30
"""Seconds until a report must have come; Chromium sends it after a tenth of one when it is asked to hurry."""

AT_ONCE = ("--no-sandbox", "--short-reporting-delay", "--ignore-certificate-errors")


class Proxy(threading.Thread):
    """A proxy that takes the TLS away, as operators have one.

    Attributes:
        port: Where it listens, once it has `begun`.
        asked: Everything that browsers sent.
        heard: Set once the desk took a report.
    """

    def __init__(self, desk: str) -> None:
        super().__init__()
        self._desk_port, self.port, self.asked = int(desk.rpartition(":")[2]), 0, b""
        self.begun, self.heard = threading.Event(), threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._halt.set)
        self.join()

    async def _serve(self) -> None:
        self._loop, self._halt = asyncio.get_running_loop(), asyncio.Event()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert(HOST).configure_cert(tls)
        server = await asyncio.start_server(self._hand_over, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self.begun.set()
        await self._halt.wait()
        server.close()

    async def _hand_over(self, browser: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, desk = await asyncio.open_connection("127.0.0.1", self._desk_port)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await asyncio.gather(self._ask(browser, desk), self._answer(answers, back))

    async def _ask(self, browser: asyncio.StreamReader, desk: asyncio.StreamWriter) -> None:
        while block := await browser.read(65536):
            self.asked += block
            desk.write(block.replace(b"\r\nHost: ", b"\r\nX-Forwarded-Proto: https\r\nHost: ", 1))
        desk.close()

    async def _answer(self, answers: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        while block := await answers.read(65536):
            back.write(block)
            if block.startswith(b"HTTP/1.1 204"):  # no page that is shown here is answered so
                self.heard.set()
        back.close()


@pytest.fixture
def proxy(open_desk) -> Iterator[Proxy]:
    made = Proxy(open_desk.url)
    made.start()
    made.begun.wait()
    yield made
    made.end()


@pytest.fixture
def hurried(open_desk) -> Iterator[Browser]:
    """A browser that knows one host, whatever its certificate, and reports at once."""
    here = f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP * ~NOTFOUND"
    made = open_desk.browser.browser_type.launch(executable_path="/usr/bin/chromium", args=[*AT_ONCE, here])
    yield made
    made.close()


def test_a_browser_reports_by_the_way_that_only_tls_has(open_desk, proxy, hurried):
    page = hurried.new_page()
    with capture_logs() as logs:
        page.goto(f"https://{HOST}:{proxy.port}/sign-in")
        page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://evil.example/x.png?private'}))")
        assert proxy.heard.wait(PATIENCE)
    [report] = proxy.asked.split(b"POST /csp-report")[1:]
    assert b"Content-Type: application/reports+json" in report
    with open_desk.room.store.read() as tx:
        assert cases.totals(tx)["csp_violations.img-src"] == 1
    [told] = [line for line in logs if line["event"] == "web.csp-violation"]
    assert (told["rule"], told["kind"], told["page"]) == ("img-src", "foreign", "sign-in")
    assert "private" not in str(told)
