"""The traps of aioimaplib 2.0.3, each played by a server that does nothing but what its script says."""

import asyncio
import time

import pytest
from connectors.email.imap_script import Line, opened, session, sizes_of

from triage.connectors.email import imap_login
from triage.connectors.email.imap_text import quoted, uid_set
from triage.errors import ChannelDown, ChannelError, ChannelRefused


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
