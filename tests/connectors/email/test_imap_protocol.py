"""The traps of aioimaplib 2.0.3, each played by a server that does nothing but what its script says."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import mailservers
import pytest

from triage.connectors.email import Settings, imap_login
from triage.connectors.email.imap import Session
from triage.connectors.email.imap_text import quoted, uid_set
from triage.errors import ChannelDown, ChannelError, ChannelRefused

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


async def test_thousands_of_lines_in_one_read_are_no_matter(playing):
    async def script(line: Line) -> None:
        await opened(line)
        await line.answer(sizes_of(5000))

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        assert len(await found.listed(range(1, 5001))) == 5000


async def test_what_looks_like_the_protocol_inside_a_mail_is_mail(playing):
    body = b"Subject: * * sale * *\r\n\r\n) {12}\r\nA1 OK done\r\n* BYE\r\n* 9 FETCH (UID 9 BODY[] {3}\r\n"

    async def script(line: Line) -> None:
        await opened(line)
        await line.answer(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % len(body) + body + b")\r\n")

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        assert await found.bodies([1]) == {1: body}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"* 1 FETCH (BODY[] {2}\r\nhi UID 1 FLAGS (\\Seen))\r\n", id="UID behind the body"),
        pytest.param(b'* 1 FETCH (UID 1 BODY[] "hi")\r\n', id="quoted"),
        pytest.param(b"* 1 FETCH (UID 1 BODY[]<0> {2}\r\nhi)\r\n", id="partial"),
        pytest.param(
            b"* 2 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 1 BODY[] {2}\r\nhi)\r\n"
            b"* 8 FETCH (UID 8 BODY[] {2}\r\nno)\r\n",
            id="among what nobody asked for",
        ),
        pytest.param(
            b"* OK [ALERT] quota {5}\r\n* 1 FETCH (UID 1 BODY[] {2}\r\nhi)\r\n", id="a status that ends in {5}"
        ),
    ],
)
async def test_a_body_is_found_however_it_comes(playing, answer):
    async def script(line: Line) -> None:
        await opened(line)
        await line.answer(answer)

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        assert await found.bodies([1]) == {1: b"hi"}


async def test_the_last_mail_that_a_star_brings_is_not_new(playing):
    async def script(line: Line) -> None:
        await opened(line)
        assert b"CHARSET" not in await line.answer(b"* SEARCH 3 1 2\r\n")

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        assert await found.search("UID 9:*") == [1, 2, 3]  # the reader leaves out what is not above its place


async def close(line: Line) -> None:
    line.writer.transport.abort()


async def silence(line: Line) -> None:
    await line.reader.readline()


async def trickle(line: Line) -> None:
    while True:
        line.say(b"* OK still here\r\n")
        await asyncio.sleep(0.05)


async def endless_line(line: Line) -> None:
    line.say(b"* " + b"x" * 3_000_000)


async def huge_literal(line: Line) -> None:
    line.say(b"* 1 FETCH (UID 1 BODY[] {999999999999}\r\n")


async def out_of_step(line: Line) -> None:
    line.say(b"X9 OK what you never asked\r\n")


async def bye(line: Line) -> None:
    line.say(b"* BYE shutting down\r\n")
    line.writer.close()


@pytest.mark.parametrize("fault", [close, silence, trickle, endless_line, huge_literal, out_of_step, bye])
@pytest.mark.parametrize("operation", ["listed", "search", "idle", "noop", "see"])
async def test_whatever_a_server_does_an_operation_ends_and_the_session_with_it(playing, fault, operation):
    async def script(line: Line) -> None:
        await opened(line)
        await fault(line)

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        arguments = {"listed": ([1],), "search": ("ALL",), "idle": (5.0,), "noop": (), "see": ([1],)}[operation]
        started = time.monotonic()
        with pytest.raises(ChannelDown):
            await getattr(found, operation)(*arguments)
        assert time.monotonic() - started < 4
        assert not found.alive
        with pytest.raises(ChannelDown):  # and at once, not after another deadline
            async with asyncio.timeout(0.2):
                await found.noop()


async def test_a_cancelled_operation_ends_the_session(playing):
    async def script(line: Line) -> None:
        await opened(line)
        await silence(line)

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        waiting = asyncio.ensure_future(found.noop())
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not found.alive


async def test_idle_ends_at_its_time_and_at_new_mail_only(playing):
    ended: list[bytes] = []

    async def script(line: Line) -> None:
        await opened(line)
        for push in (b"* OK still here\r\n", b"* 2 EXPUNGE\r\n* 4 EXISTS\r\n"):
            tag, _ = await line.command()
            line.say(b"+ idling\r\n" + push)
            ended.append((await line.command())[0])
            line.say(tag + b" OK done\r\n")

    async with session(await playing(script)) as found:
        await found.select("INBOX")
        async with asyncio.timeout(5):
            await found.idle(0.1)
            await found.idle(60)
        assert ended == [b"DONE", b"DONE"]
        assert found.alive


@pytest.mark.parametrize("greeting", [b"* BYE too busy\r\n", b"", b"220 this is SMTP\r\n", b"* OK hello\r\n"])
async def test_a_greeting_that_leads_nowhere_is_given_up(playing, greeting):
    async def script(line: Line) -> None:
        line.say(greeting)
        if not greeting:
            line.writer.close()

    settings = await playing(script)
    async with asyncio.timeout(4):
        with pytest.raises(ChannelDown):
            await imap_login.connect("mail", settings, None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"NO [AUTHENTICATIONFAILED] wrong", ChannelRefused),
        (b"NO [UNAVAILABLE] database is away", ChannelDown),
        (b"NO [INUSE] locked", ChannelDown),
        (b"NO [ALERT] Too many simultaneous connections", ChannelDown),
        (b"BAD what", ChannelRefused),
    ],
)
async def test_a_refused_login_is_told_from_a_busy_server(playing, answer, kind):
    async def script(line: Line) -> None:
        await line.log_in(answer)

    settings = await playing(script)
    with pytest.raises(ChannelError) as caught:
        await imap_login.connect("mail", settings, None)
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)


async def test_without_starttls_nothing_is_said(playing):
    said: list[bytes] = []

    async def script(line: Line) -> None:
        line.say(b"* OK hello\r\n")
        await line.answer(b"* CAPABILITY IMAP4rev1\r\n")
        said.append(await line.reader.read())

    settings = await playing(script, starttls=True)
    with pytest.raises(ChannelDown, match="offers no STARTTLS"):
        await imap_login.connect("mail", settings, None)
    await asyncio.sleep(0.05)
    assert said == [b""]


async def test_words_put_in_front_of_the_encryption_are_not_believed(playing):
    async def script(line: Line) -> None:
        line.say(b"* OK hello\r\n")
        await line.answer(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n")
        tag, _ = await line.command()
        line.say(tag + b" OK begin\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n")

    settings = await playing(script, starttls=True)
    with pytest.raises(ChannelDown):
        await imap_login.connect("mail", settings, None)


def test_uids_are_written_short():
    assert uid_set([3, 1, 2, 7, 7]) == "1:3,7"


def test_folder_names_are_written_in_modified_utf_7():
    assert quoted('A&B "x" 已处理 ~') == '"A&-B \\"x\\" &XfJZBHQG- ~"'
