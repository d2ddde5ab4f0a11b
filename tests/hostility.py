"""Hostile input for tests: built as it comes over the wire, sent the whole way, and every output looked at.

A test folder's `conftest.py` says `from hostility import *  # noqa: F403` and has the fixture `way`.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from fastapi.testclient import TestClient
from rooms import Room, desk, judge, postgres_server, postgres_store, room, sqlite_store, sqlite_template, store
from sqlalchemy import text as sql

from triage.case import Case, Role
from triage.cli import main, terminal
from triage.connectors import mime
from triage.connectors.email.compose import compose
from triage.connectors.email.settings import ImapServer, Settings, SmtpServer
from triage.connectors.telegram.updates import Reader, read
from triage.connectors.x.feed import Feed
from triage.connectors.x.posts import read_mention
from triage.connectors.x.walk import Walk
from triage.credentials import Secret
from triage.message import Message, Unreadable
from triage.rules.automatic import Own
from triage.store import cases, users
from triage.store.quarantine import listing
from triage.web import Front, create_app
from triage.web.access import COOKIE, SESSION, new_secret

__all__ = [
    "desk", "judge", "postgres_server", "postgres_store", "room", "sqlite_store", "sqlite_template", "store", "way",
]  # fmt: skip

US = "support@us.example"
OUR_BOT, OUR_NAME = 1_000_001, "us"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What no output may hold: a terminal or a browser would obey it."""

WORDS = "My deposit of 250 USDT has not arrived since this morning."


def a_mail(headers: dict[str, str | bytes] | None = None, body: str | bytes = WORDS, *extra: tuple[str, str]) -> bytes:
    """The bytes of a mail; a header given replaces the usual one, `extra` ones come on top."""
    usual: dict[str, str | bytes] = {
        "From": "Ann <ann@example.net>", "To": US, "Subject": "help", "Message-ID": "<1@example.net>",
        "Date": "Mon, 02 Nov 2026 10:00:00 +0000",
    }  # fmt: skip
    lines = [*(usual | (headers or {})).items(), *extra]
    block = b"".join(name.encode() + b": " + _bytes(value) + b"\r\n" for name, value in lines)
    return block + b"\r\n" + _bytes(body)


def parts(*these: bytes, kind: str = "mixed", **headers: str) -> bytes:
    """A multipart mail of parts, each with its own headers."""
    whole = b"".join(b"--BB\r\n" + part + b"\r\n" for part in these) + b"--BB--\r\n"
    return a_mail({"MIME-Version": "1.0", "Content-Type": f'multipart/{kind}; boundary="BB"'} | headers, whole)


def an_update(text: Any = WORDS, user: int = 77, number: int = 500, **other: Any) -> dict[str, Any]:
    """An update of the Bot API."""
    who = {"id": user, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 1_793_600_000, "chat": {"id": user, "type": "private"}, "from": who}
    return {"update_id": number, "message": message | {"text": text} | other}


def a_tweet(text: Any = f"@us {WORDS}", number: int = 10**18, **other: Any) -> dict[str, Any]:
    """A post as X gives it."""
    return {"id": str(number), "author_id": "99", "conversation_id": "1", "text": text} | other


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


@dataclass
class Way:
    """A desk on the network's side: raw input goes in, every output can be looked at."""

    room: Room
    home: Path
    run: Callable[..., str]
    _numbers: int = 0
    _client: TestClient | None = None
    _typed: list[str] = field(default_factory=list)

    def mail(self, *raws: bytes) -> None:
        own, items = self.room.desk.own.addresses, []
        for raw in raws:
            self._numbers += 1
            id_ = f"INBOX/1/{self._numbers}"
            items.append(mime.parse(raw, channel="mail", external_id=id_, received_at=self.room.now, own=own))
        self.hear(*items)

    def update(self, *raw: Any) -> None:
        self.hear(*read(raw, Reader(channel="bot", bot_id=OUR_BOT, username=OUR_NAME), self.room.now))

    def tweet(self, *raw: Any, me: str = "1") -> None:
        feed = Feed(name="mentions", ask=_never, read=read_mention, every=1, price=0, walk=Walk(), due_at=0)
        feed.gathered = [{"data": list(raw)}]
        self.hear(*feed.items(me, "x", self.room.now))

    def hear(self, *items: Message | Unreadable) -> None:
        """As the daemon does it: stored with the cursor, then settled."""
        if items:
            self.room.take(*items)
            self.room.work()

    def everywhere(self, text: str) -> None:
        """The same words as body, subject and name of a mail, as a chat, a file's name, and a public post."""
        file = f"Content-Disposition: attachment; filename*=utf-8''{_percent(text)}\r\n\r\nx".encode()
        self.mail(a_mail({"From": "a@example.net", "Message-ID": "<a@example.net>"}, text))
        self.mail(a_mail({"From": "b@example.net", "Message-ID": "<b@example.net>", "Subject": _encoded(text)}))
        self.mail(a_mail({"From": f"{_encoded(text)} <c@example.net>", "Message-ID": "<c@example.net>"}))
        self.mail(parts(b"\r\nlook", file, From="d@example.net"))
        n = 500 + 10 * self._numbers
        named = {"from": {"id": 79, "is_bot": False, "first_name": text}}
        self.update(an_update(text, 78, n), an_update(user=79, number=n + 1, **named))
        self.update(an_update(None, 80, n + 2, document={"file_name": text, "file_size": 1}, caption=text))
        self.tweet(a_tweet(f"@us {text}", 10**18 + n))

    # -- what became of it ------------------------------------------------------------------------------

    @property
    def totals(self) -> dict[str, int]:
        return {name: n for name, n in self.room.totals().items() if n}

    def messages(self) -> list[Any]:
        with self.room.store.read() as tx:
            return list(tx.execute(sql("SELECT * FROM messages ORDER BY id")))

    def message(self) -> Any:
        [one] = self.messages()
        return one

    def case(self) -> Case:
        [one] = self.cases()
        return one

    def cases(self) -> list[Case]:
        with self.room.store.read() as tx:
            return cases.top(tx, cases.Filters(), 1000)

    def quarantined(self) -> list[str]:
        with self.room.store.read() as tx:
            return [one.why for one in listing(tx)]

    def replies(self) -> list[str]:
        with self.room.store.read() as tx:
            return [row.reply for row in tx.execute(sql("SELECT reply FROM outbox"))]

    def sent_mails(self) -> list[bytes]:
        """Compose every reply by mail as the sender does."""
        settings = Settings(
            address=US,
            imap=ImapServer(host="imap.example"),
            smtp=SmtpServer(host="smtp.example"),
            password=Secret(env="X"),
        )
        return [compose(reply, settings, NOW) for reply in self.room.queued("mail")]

    def everything(self) -> str:
        """All text in the database."""
        with self.room.store.read() as tx:
            tables = (
                "inbox",
                "messages",
                "cases",
                "outbox",
                "audit",
                "quarantine",
                "addresses",
                "notes",
                "corrections",
            )
            rows = [row for name in tables for row in tx.execute(sql(f"SELECT * FROM {name}"))]
        return "\n".join(
            value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            for row in rows
            for value in row
        )

    # -- the outputs ------------------------------------------------------------------------------------

    @property
    def client(self) -> TestClient:
        if self._client is None:
            session, room = new_secret(), self.room
            with room.store.begin() as tx:
                user = users.add(tx, "mia", Role.ADMIN, "test", room.now)
                users.begin_session(tx, user.id, session, room.now, SESSION)
            app = create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now))
            self._client = TestClient(app, base_url="https://desk.example", cookies={COOKIE: session})
        return self._client

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        return answer

    def check_outputs(self) -> None:
        """Look at every output of everything that came in."""
        numbers = [case.number for case in self.cases()]
        pages = [self.get(f"/cases/{number}") for number in numbers]
        for path in ("/", "/quarantine", "/review", "/reports", "/impostors", "/channels", "/audit"):
            check_page(self.get(path))
        check_table(self.get("/reports.csv?by=agent").text)
        for page in pages:
            check_page(page)
        for answer in (self.get("/api/v1/cases?limit=200"), *(self.get(f"/api/v1/cases/{n}") for n in numbers)):
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-content-type-options"] == "nosniff"
            json.loads(answer.text)
        check_table(self.get("/cases.csv").text)
        check_table(self.run("cases", "--csv", "-n", "200"))
        check_terminal(self.run("cases", "-n", "200"))
        check_lines(self.run("cases", "--json", "-n", "200"), len(numbers))
        for number in numbers:
            check_terminal(self.run("show", number))
            check_lines(self.run("show", number, "--json"), 1)
        check_terminal(self.run("quarantine", "list"))
        check_lines(self.run("quarantine", "list", "--json"), len(self.quarantined()))

    def next_one_arrives(self) -> None:
        """A harmless message after it becomes a case of its own."""
        before = {case.id for case in self.cases()}
        self.mail(a_mail({"From": "harmless@example.org", "Message-ID": "<harmless@example.org>"}))
        [new] = [case for case in self.cases() if case.id not in before]
        assert "deposit" in new.summary


@pytest.fixture
def way(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Way:
    room.desk = replace(
        room.desk,
        own=Own(addresses=frozenset({US}), domains_of_message_ids=frozenset({"us.example"})),
        trusted=("mx.us.example",),
        answers_through={"mail": "mail", "bot": "bot", "x": "x"},
    )
    config = tmp_path / "triage.toml"
    (tmp_path / "key").write_text(room.desk.keys[0].decode())
    url = room.store.url.render_as_string(hide_password=False)
    config.write_text(f'[desk]\nkey = {{ file = "key" }}\nlanguages = ["en"]\n[store]\nurl = {json.dumps(url)}\n')
    monkeypatch.setenv("TRIAGE_CONFIG", str(config))

    def run(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["triage", *words])
        terminal.out.cache_clear()
        terminal.err.cache_clear()
        with pytest.raises(SystemExit) as end:
            main.main()
        said = capsys.readouterr()
        assert not end.value.code, said.err
        return said.out

    return Way(room, tmp_path, run)


async def _never(_: Walk) -> dict[str, Any]:
    raise AssertionError


def _encoded(text: str) -> str:
    from base64 import b64encode

    return f"=?utf-8?b?{b64encode(text.encode('utf-8', 'surrogatepass')).decode()}?="


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


class _Elements(HTMLParser):
    """Every element and attribute of a page; what is written as text is none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))


_OF_DIRECTION = set("\u202a\u202b\u202c\u2066\u2067\u2068\u2069")
_NEVER = frozenset(
    ["iframe", "object", "embed", "base", "math", "mglyph", "style", "video", "audio", "source", "applet", "frame"]
)


def check_page(answer: Any) -> None:
    """Nothing a customer wrote is an element, an attribute that acts, or an address that is fetched."""
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    # Marks of direction stand in Arabic and Hebrew; the element around them keeps them from turning anything else.
    assert not set(OBEYED.findall(answer.text.replace("\r\n", "\n"))) - _OF_DIRECTION
    parser = _Elements()
    parser.feed(answer.text)
    for tag, attributes in parser.found:
        assert tag not in _NEVER, tag
        assert tag != "script" or any(name == "src" for name, _ in attributes)
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src", "action", "hx-get", "hx-post", "formaction"}:
                assert (value or "").startswith(("/", "?", "#", "data:,")), (tag, name, value)
            assert name not in {"style", "srcdoc", "autofocus"} or tag in {"input", "textarea"}, (tag, name)


def check_terminal(text: str) -> None:
    """Nothing a terminal obeys; colours are off, for nobody looks at it."""
    assert not OBEYED.search(text)
    assert not {c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs"}}


def check_lines(text: str, count: int) -> None:
    """One JSON object a line, as many as there are, and nothing a terminal obeys."""
    assert len([json.loads(line) for line in text.splitlines()]) == count
    check_terminal(text)


def check_table(text: str) -> None:
    """No cell of a table is a formula."""
    import csv
    import io

    for row in csv.reader(io.StringIO(text)):
        assert not any(re.match(r"\s*[=+@\t\r]|\s*-[^\d]", cell) for cell in row), row
    assert not OBEYED.search(text.replace("\r\n", "\n"))


def rows_of(path: Path) -> Iterable[dict[str, str]]:
    return (json.loads(line) for line in path.read_text().splitlines())
