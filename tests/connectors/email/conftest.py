import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import mailservers
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from connectors.email.imap_script import playing  # noqa: F401
from dovecot import Dovecot

from triage.connectors.email import Email, Settings

CUSTOMER = "ada@example.org"


def a_customers_mail(text: str = "My withdrawal is stuck.", number: int = 1, **headers: str) -> bytes:
    lines = {
        "From": f"Ada <{CUSTOMER}>",
        "To": "support@example.com",
        "Subject": "help",
        "Message-ID": f"<{number}@example.org>",
        "Date": "Mon, 02 Nov 2026 10:00:00 +0000",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{n}: {v}\r\n" for n, v in lines.items()).encode() + b"\r\n" + text.encode() + b"\r\n"


class Proxy:
    """Stands between a connector and its server, for faults: "cut" drops the line, "silence" lets nothing through."""

    def __init__(self, port: int) -> None:
        self.target, self.port, self.fault = port, 0, ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        fault, self.fault = self.fault, ""
        limit = 4000 if fault == "cut" else None  # the handshake and a command or two
        with contextlib.suppress(asyncio.CancelledError, OSError):
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self.target)
            pumps = [
                asyncio.ensure_future(self._pump(reader, their_writer, None)),
                asyncio.ensure_future(self._pump(their_reader, writer, limit, silent=fault == "silence")),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                their_writer.transport.abort()
        writer.transport.abort()
        self._tasks.discard(task)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None, *, silent: bool = False
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                passed += len(data)
                if limit is not None and passed > limit:
                    return
                if not (silent and passed > 4000):
                    writer.write(data)
                    await writer.drain()


@dataclass
class Smtp:
    """An SMTP server in our own loop that does what a test asks of it.

    Attributes:
        taken: (envelope sender, recipients, bytes) of every mail it took.
        on_mail, on_rcpt, on_data: The answer in place of "250"; "close" hangs up, "take and close" takes it before.
        on_copy: The answer to every recipient but the first.
    """

    folder: Path
    password: str
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    on_mail: str = ""
    on_next_mail: str = ""
    on_rcpt: str = ""
    on_copy: str = ""
    on_data: str = ""
    port: int = 0
    tls_port: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    sessions: int = 0

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        once, self.on_next_mail = self.on_next_mail, ""
        if once == "close" and server.transport is not None:
            server.transport.abort()
        return once or self.on_mail or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_rcpt:
            return self.on_rcpt
        if self.on_copy and envelope.rcpt_tos:
            return self.on_copy
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        what, self.on_data = self.on_data, ""
        if what in {"", "take and close", "take and wait"} and isinstance(envelope.content, bytes):
            self.taken.append(((envelope.mail_from or "").strip("<>"), list(envelope.rcpt_tos), envelope.content))
        if what.endswith("close") and server.transport is not None:
            server.transport.abort()
        if what.endswith("wait"):
            await self.closed.wait()
        return what if what[:1].isdigit() else "250 OK"

    def authenticate(self, *given: Any) -> AuthResult:
        self.sessions += 1
        good = isinstance(given[-1], LoginPassword) and given[-1].password == self.password.encode()
        return AuthResult(success=good, handled=False)


@contextlib.asynccontextmanager
async def smtp_server(folder: Path, certificates: mailservers.Certificates, password: str) -> AsyncIterator[Smtp]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificates.cert, certificates.key)
    state = Smtp(folder=folder, password=password)

    def starttls() -> SMTP:
        return SMTP(
            state, tls_context=tls, authenticator=state.authenticate, auth_require_tls=True, enable_SMTPUTF8=True
        )

    def implicit() -> SMTP:
        return SMTP(state, authenticator=state.authenticate, auth_require_tls=False)

    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(starttls, "127.0.0.1", 0),
        await loop.create_server(implicit, "127.0.0.1", 0, ssl=tls),
    ]
    state.port, state.tls_port = (s.sockets[0].getsockname()[1] for s in servers)
    yield state
    state.closed.set()
    for server in servers:
        server.close()
    await asyncio.sleep(0)


@dataclass
class Account:
    """The email channel's far side: one account on Dovecot, a customer, and the SMTP server for our replies."""

    server: Dovecot
    smtp: Smtp
    proxy: Proxy
    user: str
    connectors: list[Email] = field(default_factory=list)
    count: int = 0

    name = "support-mail"
    kind = "email"
    longest_silence = Settings.model_fields["poll"].default
    read_faults: Sequence[str] = ("cut", "silence")
    send_faults: Sequence[str] = ("close", "take and close", "421 going down")

    @property
    def secrets(self) -> Sequence[str]:
        return (self.server.password, "not the password")

    def settings(self, **other: Any) -> Settings:
        imap = {"host": "localhost", "port": self.proxy.port, "ca_file": self.server.ca_file, "deadline": 3}
        smtp = {"host": "localhost", "port": self.smtp.port, "tls": "starttls", "ca_file": self.server.ca_file}
        base: dict[str, Any] = {
            "address": self.server.address(self.user),
            "user": self.user,
            "password": {"file": self.smtp.folder / "password"},
            "imap": imap | other.pop("imap", {}),
            "smtp": smtp | {"deadline": 3} | other.pop("smtp", {}),
            "start": "all",
            "poll": 0.05,
        }
        return Settings.model_validate(base | other)

    def connector(self, **other: Any) -> Email:
        found = Email(self.name, self.settings(**other))
        self.connectors.append(found)
        return found

    def refused(self) -> Email:
        return self.connector(password={"file": self.smtp.folder / "wrong"})

    def unreachable(self) -> Email:
        port = mailservers.free_port()
        return self.connector(imap={"port": port}, smtp={"port": port})

    async def say(self, text: str) -> None:
        self.count += 1
        await asyncio.to_thread(self.server.deliver, self.user, a_customers_mail(text, self.count))

    async def say_poison(self) -> None:
        await asyncio.to_thread(self.server.deliver, self.user, b"\r\n\r\n")

    async def inject(self, fault: str) -> None:
        if fault in self.read_faults:
            self.proxy.fault = fault
        else:
            self.smtp.on_data = fault

    def delivered(self) -> list[str]:
        from email import message_from_bytes, policy

        mails = [message_from_bytes(raw, policy=policy.default) for _, _, raw in self.smtp.taken]
        return [mail.get_content() for mail in mails]


@pytest.fixture
async def smtp(tmp_path: Path) -> AsyncIterator[Smtp]:
    certificates = mailservers.Certificates(tmp_path / "tls")
    async with smtp_server(tmp_path, certificates, mailservers.PASSWORD) as state:
        (tmp_path / "password").write_text(mailservers.PASSWORD, encoding="utf-8")
        yield state


@pytest.fixture
async def far(dovecot: Dovecot, tmp_path: Path) -> AsyncIterator[Account]:
    (tmp_path / "password").write_text(dovecot.password, encoding="utf-8")
    (tmp_path / "wrong").write_text("not the password", encoding="utf-8")
    async with (
        smtp_server(tmp_path, dovecot.certificates, dovecot.password) as smtp,
        Proxy(dovecot.imaps_port) as proxy,
    ):
        account = Account(dovecot, smtp, proxy, dovecot.user())
        yield account
        for connector in account.connectors:
            await connector.close()
        await asyncio.sleep(0)


class TokenServer:
    """An OAuth token endpoint that gives the answers a test put in line."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[dict[str, str]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                endpoint.asked.append({name: values[0] for name, values in form.items()})
                status, answer = endpoint.answers.pop(0)
                body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/token"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    server = TokenServer()
    yield server
    server.close()
