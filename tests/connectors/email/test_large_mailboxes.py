"""Many mails, big mails and slow lines: reading always makes headway."""

import contextlib
import re

from connectors.email.imap_script import OLD, Line, opened, session

from triage.connectors.email import Email
from triage.connectors.email.cursor import Cursor, Place
from triage.connectors.email.reader import Reader, utc_now
from triage.errors import ChannelDown


async def test_a_folder_of_a_million_mails_can_be_searched(playing):
    numbers = range(10_000_000, 11_000_000)
    line_of_nine_megabytes = b"* SEARCH " + b" ".join(b"%d" % n for n in numbers) + b"\r\n"

    async def script(line: Line) -> None:
        await opened(line)
        await line.answer(line_of_nine_megabytes)

    settings = await playing(script)
    settings.imap.deadline = 30
    async with session(settings) as found:
        await found.select("INBOX")
        assert await found.search("UID 1:*") == list(numbers)


async def test_mail_that_an_old_server_cannot_remove_is_copied_once(playing):
    copies = []

    async def script(line: Line) -> None:
        line.say(b"* OK hello\r\n")
        await line.answer(OLD)
        await line.answer(b"")
        await line.answer(OLD)
        flagged = False
        while True:
            tag, asked = await line.command()
            if b"SELECT" in asked:
                line.say(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 5] ok\r\n")
            elif b"SEARCH" in asked and not (flagged and b"UNDELETED" in asked):
                line.say(b"* SEARCH 4\r\n")
            elif b"COPY" in asked:
                copies.append(asked)
            flagged = flagged or b"Deleted" in asked
            line.say(tag + b" OK done\r\n")

    settings = (await playing(script)).model_copy(update={"mark": "move:Done"})
    place = Place(validity=7, uid=4, first=0, since="")
    async with session(settings) as found:
        for _ in range(2):
            reader = Reader("mail", settings, found, utc_now)
            await anext(reader.batches(str(Cursor({"INBOX": place}, settings.account))))
    assert len(copies) == 1


class SlowLine:
    """Three mails of five megabytes; whoever asks for two at once, or for the whole second one, waits in vain."""

    size = 5_000_000

    async def __call__(self, line: Line) -> None:
        await opened(line)
        while True:
            tag, asked = await line.command()
            answer = self.answer_to(asked)
            if answer is not None:
                line.say(answer + tag + b" OK done\r\n")

    def answer_to(self, asked: bytes) -> bytes | None:
        if b"SEARCH" in asked:
            return b"* SEARCH 1 2 3\r\n"
        if b"SIZE" in asked:
            return b"".join(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (n, n, self.size) for n in (1, 2, 3))
        uids = re.search(rb"FETCH ([0-9:,]+)", asked)
        if uids is None:
            return b""
        small = uids[1] in {b"1", b"3"} or b"<0." in asked
        return b"* 1 FETCH (UID %s BODY[] {16}\r\nFrom: a@x.org\r\n\r)\r\n" % uids[1] if small else None


async def test_on_a_slow_line_less_is_asked_for_until_something_comes(playing):
    settings = (await playing(SlowLine())).model_copy(update={"mark": "nothing", "start": "all"})
    connector, cursor, found = Email("mail", settings), None, []
    for _ in range(8):
        with contextlib.suppress(ChannelDown):
            async for batch in connector.messages(cursor):
                found, cursor = [*found, *batch.items], batch.cursor or cursor
                if len(found) == 3:
                    break
    read = [(one.external_id, one.size) for one in found]
    assert read == [("INBOX/7/1", 0), ("INBOX/7/2", SlowLine.size), ("INBOX/7/3", 0)]
