"""`make bench-desk`: the desk in the browser with a million cases, a hundred thousand of them open.

Fills a store by SQL, serves it as `triage run` does, and measures list, filters, search and case from outside the
server, the query of the first fifty places, the weight of a page, and its first paint in Chromium.
"""

import argparse
import asyncio
import gzip
import http.client
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from sqlalchemy import text

from triage import replies
from triage.case import Role
from triage.desk import Desk
from triage.message import Address, Message
from triage.rules.automatic import Own
from triage.store import Store, lists, upgrade, users
from triage.store.lists import Filters
from triage.store.written import MESSAGE, dump
from triage.web import Front, create_app, server
from triage.web.access import COOKIE, SESSION, new_secret

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
CHANNELS, CATEGORIES = ("mail", "bot", "x", "form"), ("security", "transaction", "account", "feedback", "unsorted")
LANGUAGES = ("en", "zh-Hans", "es", "ja", "ko", "ru", "pt", "vi")
VERDICT = '{"nature":"request","category":"transaction","topic":"pending","urgency":1,"confidence":0.9,"model":"bench","second":null,"reasons":[{"code":"word","text":"pending","weight":1.0}]}'

ORIGINAL = dump(
    MESSAGE,
    Message(
        channel="mail", kind="email", external_id="m", text="", received_at=NOW,
        sender=Address(kind="email", value="c@example.org"),
    ),
    exclude={"text"},
    exclude_defaults=True,
)  # fmt: skip

SAMPLES = 60
FIRST_PAINT = """() => new Promise(tell => new PerformanceObserver((seen, me) => {
    const first = seen.getEntriesByName("first-contentful-paint")[0]
    if (first) { me.disconnect(); tell(first.startTime) }
}).observe({type: "paint", buffered: true}))"""


def moment(dialect, seconds):
    return f"({seconds}) * 1000000" if dialect == "sqlite" else f"to_timestamp({seconds})"


def pick(words, number="n"):
    cases = " ".join(f"WHEN {i} THEN '{word}'" for i, word in enumerate(words))
    return f"CASE ({number}) % {len(words)} {cases} END"


def fill(store, total, open_):
    """Insert cases whose newest tenth is open, one message each, all indexed; return the seconds it took."""
    begun, d = time.perf_counter(), store.dialect
    series = (
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {total}) "
        if d == "sqlite"
        else f"WITH s(n) AS (SELECT generate_series(1, {total})) "
    )
    due = f"{EPOCH} - ({total} - n) * 2 + 86400"
    status = f"CASE WHEN n > {total - open_} THEN 'open' WHEN n % 9 = 0 THEN 'answered' ELSE 'resolved' END"
    place = (
        f'\'{{"due_at":"2026-11-03T10:00:00Z","order_key":\' || ({due}) || \',"parts":[{{"name":"waiting","seconds":\' '
        f'|| ({due} - 86400) || \',"text":"waiting"}},{{"name":"target","seconds":86400,"text":"due within 24 h"}}]}}\''
    )
    hashed = "n * 2654435761 % 4294967296"
    body = (
        f"'My withdrawal number ' || n || ' of 0.5 BTC is pending, reference ref' || ({hashed}) || ' 我的提币没有到账'"
    )
    words = f"'my withdrawal number ' || n || ' of 0 5 btc is pending reference ref' || ({hashed}) || ' 我的 的提 提币 币没 没有 有到 到账 账 c' || n || ' example org'"
    at, since = moment(d, f"{due} - 86400"), moment(d, EPOCH)
    false = "0" if d == "sqlite" else "false"
    with store.begin() as tx:
        if d != "sqlite":
            tx.execute(text("SET LOCAL statement_timeout = 0"))  # only to fill it: the questions keep the limit
        tx.execute(text(f"INSERT INTO persons (id, created_at) VALUES (1, {since})"))
        tx.execute(
            text(
                f"INSERT INTO cases (id, number, status, person_id, channel, kind, language, summary, category, topic, urgency,"
                f" order_key, due_at, escalated, opened_at, last_message_at, first_unanswered_at, assignee, follow_ups, repeats,"
                f" secret_exposed, linked_to, pinned, verdict, place) {series} SELECT n, 'N' || n, {status}, 1, {pick(CHANNELS)}, 'email',"
                f" {pick(LANGUAGES)}, 'My withdrawal number ' || n || ' of 0.5 BTC is pending', {pick(CATEGORIES, 'n / 7')}, 'pending',"
                f" CASE WHEN n % 50 = 0 THEN 2 WHEN n % 5 = 0 THEN 0 ELSE 1 END, {due}, {moment(d, due)}, {false}, {at}, {at}, {at},"
                f" CASE WHEN n % 3 = 0 THEN 'mia' ELSE '' END, 0, 0, {false}, 0, '[]', '{VERDICT}', {place} FROM s".replace(
                    ":", "\\:"
                )
            )
        )
        tx.execute(
            text(
                f"INSERT INTO messages (case_id, stored_at, channel, kind, external_id, sender, sender_name, subject, text, language,"
                f" received_at, disposition, why, acknowledged, redacted, attachments, original) {series} SELECT n, {at}, {pick(CHANNELS)},"
                f" 'email', 'm' || n, 'email:c' || n || '@example.org', '', '', {body}, 'en', {at}, 'new', '{{\"code\":\"new\",\"text\":\"a new matter\",\"weight\":0.0}}',"
                f" '', '[]', '[]', '{ORIGINAL}' FROM s".replace(":", "\\:")
            )
        )
        if d == "sqlite":
            tx.execute(text(f"INSERT INTO message_words (rowid, words) {series} SELECT n, {words} FROM s"))
        else:
            tx.execute(
                text(
                    f"INSERT INTO message_words (message_id, words) {series} SELECT n, to_tsvector('simple', {words}) FROM s"
                )
            )
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What PostgreSQL does by itself a minute later; until then it looks into every row that an index names.
        connection.exec_driver_sql("ANALYZE" if d == "sqlite" else "VACUUM ANALYZE")
    return time.perf_counter() - begun


def a_desk():
    return Desk(
        name="Acme Wallet",
        keys=(b"a key for the bench",),
        replies=replies.load(ROOT / "config/replies"),
        own=Own(addresses=frozenset(), domains_of_message_ids=frozenset()),
    )


class Served:
    """The desk on a port of this machine, and somebody signed in."""

    def __init__(self, store, desk):
        self.session = new_secret()
        with store.begin() as tx:
            user = users.add(tx, "mia", Role.AGENT, "bench", NOW)
            users.begin_session(tx, user.id, self.session, NOW, SESSION)
        self.app = create_app(Front(store=store, desk=desk, clock=lambda: NOW))
        self.door = server.listen("127.0.0.1:0")
        self.port = self.door.getsockname()[1]
        self.begun = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.thread.start()
        self.begun.wait()
        self.client = http.client.HTTPConnection("127.0.0.1", self.port)

    async def _run(self):
        self.loop, self.halt = asyncio.get_running_loop(), asyncio.Event()
        self.begun.set()
        await server.serve(self.app, self.door, self.halt)

    def get(self, path, part=False):
        headers = {"Cookie": f"{COOKIE}={self.session}", "Accept": "text/html", "Accept-Encoding": "gzip"}
        self.client.request("GET", path, headers=headers | ({"HX-Request": "true"} if part else {}))
        answer = self.client.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:200])
        return body

    def close(self):
        self.client.close()
        self.loop.call_soon_threadsafe(self.halt.set)
        self.thread.join()


def p95(values):
    return statistics.quantiles(values, n=20)[-1]


def timed(call, samples=SAMPLES):
    taken = []
    for n in range(samples):
        begun = time.perf_counter()
        call(n)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def measure(store, total, open_):
    print(f"{store.dialect}: filled in {fill(store, total, open_):.0f} s: {total:,} cases, {open_:,} open")
    desk = a_desk()
    served = Served(store, desk)
    ref = lambda n: (total - n * 37) * 2654435761 % 4294967296  # noqa: E731
    asked = {
        "list": lambda n: served.get("/"),
        "list, next page": lambda n: served.get(
            f"/?after={EPOCH - 2 * (n + 1) * 100 + 86400}.{total - (n + 1) * 100}", part=True
        ),
        "filter: channel": lambda n: served.get(f"/?channel={CHANNELS[n % 4]}", part=True),
        "filter: category, urgency": lambda n: served.get(f"/?category={CATEGORIES[n % 5]}&urgency=high", part=True),
        "filter: language": lambda n: served.get(f"/?language={LANGUAGES[n % 8]}", part=True),
        "filter: mine": lambda n: served.get("/?assignee=mia", part=True),
        "filter: overdue": lambda n: served.get("/?overdue=true", part=True),
        "filter: escalated (none)": lambda n: served.get("/?escalated=true", part=True),
        "search: a rare word, any state": lambda n: served.get(f"/?status=any&text=ref{ref(n)}", part=True),
        "search: a word in every message": lambda n: served.get("/?text=withdrawal", part=True),
        "search: Chinese, in every message": lambda n: served.get("/?text=%E6%8F%90%E5%B8%81", part=True),
        "case": lambda n: served.get(f"/cases/{desk.number(1 + (total - 1 - n * 1117) % total)}"),
        "its person, and who may be she": lambda n: served.get(
            f"/cases/{desk.number(1 + (total - 1 - n * 1117) % total)}/person"
        ),
    }
    try:
        for name, call in asked.items():
            call(0)
            taken = timed(call)
            print(f"  {name:36} p50 {statistics.median(taken):7.1f} ms   p95 {p95(taken):7.1f} ms")
        with store.read() as tx:
            taken = timed(
                lambda n: tx.execute(
                    text("SELECT id FROM cases WHERE status = 'open' ORDER BY order_key, id LIMIT 50")
                ).all(),
                200,
            )
            whole = timed(lambda n: lists.top(tx, Filters()), 200)
        print(
            f"  first 50 places, query alone          p50 {statistics.median(taken):7.2f} ms   p95 {p95(taken):7.2f} ms"
        )
        print(
            f"  first 50 places, as cases             p50 {statistics.median(whole):7.2f} ms   p95 {p95(whole):7.2f} ms"
        )
        weigh(served)
        paint(served)
    finally:
        served.close()


def weigh(served):
    files = ("/", "/static/desk.css", "/static/desk.js", "/static/htmx-2.0.11.min.js")
    sizes = {path: len(served.get(path)) for path in files}
    print(
        f"  page weight, compressed: {sum(sizes.values()) / 1000:.1f} kB ({', '.join(f'{p} {s / 1000:.1f}' for p, s in sizes.items())})"
    )
    assert gzip.decompress(served.get("/"))


def paint(served):
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    if not Path("/usr/bin/chromium").exists():
        print("  first paint: Chromium is not installed")
        return
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])) as browser,
    ):
        base = f"http://localhost:{served.port}"
        context = browser.new_context(base_url=base)
        context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": served.session,
                    "domain": "localhost",
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                }
            ]
        )
        taken = []
        for _ in range(10):
            page = context.new_page()
            page.goto("/", wait_until="load")  # which may be over before the first paint
            taken.append(page.evaluate(FIRST_PAINT))
            page.close()
        print(
            f"  first contentful paint in Chromium     p50 {statistics.median(taken):7.1f} ms   highest {max(taken):7.1f} ms"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    if given.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            store = Store(f"sqlite:///{folder}/desk.db")
            upgrade.upgrade(store)
            measure(store, given.cases, given.open)
            store.close()
    if given.only != "sqlite":
        import stores

        with stores._the_server().fresh() as store:
            measure(store, given.cases, given.open)


if __name__ == "__main__":
    main()
