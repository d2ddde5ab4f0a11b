"""An IMAP server that does nothing but what its script says."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import mailservers
import pytest

from triage.connectors.email import Settings, imap_login
from triage.connectors.email.imap import Session

OLD = b"* CAPABILITY IMAP4rev1\r\n"
CAPABILITIES = b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE\r\n"


@dataclass
class Line:
    """One connection as the scripted server sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def command(self) -> tuple[bytes, bytes]:
        line = await self.reader.readline()
        if not line:
            raise ConnectionResetError
        tag, _, rest = line.rstrip().partition(b" ")
        return tag, rest

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def log_in(self, answer: bytes = b"OK logged in") -> None:
        self.say(b"* OK hello\r\n")
        await self.answer(CAPABILITIES)
        tag, _ = await self.command()
        self.say(tag + b" " + answer + b"\r\n")
        if answer.startswith(b"OK"):
            await self.answer(CAPABILITIES)

    async def answer(self, data: bytes, status: bytes = b"OK done") -> bytes:
        tag, asked = await self.command()
        self.say(data + tag + b" " + status + b"\r\n")
        return asked


Script = Callable[[Line], Awaitable[None]]


@pytest.fixture
async def playing(tmp_path, monkeypatch) -> AsyncIterator[Callable[..., Awaitable[Settings]]]:
    monkeypatch.setenv("TRIAGE_TEST_PASSWORD", "secret")
    certificates = mailservers.Certificates(tmp_path / "tls")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificates.cert, certificates.key)
    tasks: set[asyncio.Task[None]] = set()
    servers: list[asyncio.Server] = []

    async def play(script: Script, *, starttls: bool = False) -> Settings:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await script(Line(reader, writer))
                await reader.read()
            writer.transport.abort()

        servers.append(await asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if starttls else tls))
        imap = {
            "host": "localhost",
            "port": servers[-1].sockets[0].getsockname()[1],
            "ca_file": certificates.ca_file,
            "tls": "starttls" if starttls else "implicit",
            "deadline": 1,
        }
        return Settings.model_validate(
            {"address": "desk@example.com", "password": {"env": "TRIAGE_TEST_PASSWORD"}, "imap": imap}
        )

    yield play
    for server in servers:
        server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def session(settings: Settings) -> AsyncIterator[Session]:
    found = await imap_login.connect("mail", settings, None)
    try:
        yield found
    finally:
        found.abort()
        await asyncio.sleep(0)


async def opened(line: Line) -> None:
    """Let the client log in and open a folder."""
    await line.log_in()
    await line.answer(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n", b"OK [READ-WRITE] opened")


def sizes_of(count: int) -> bytes:
    return b"".join(b"* %d FETCH (UID %d RFC822.SIZE 10)\r\n" % (n, n) for n in range(1, count + 1))
