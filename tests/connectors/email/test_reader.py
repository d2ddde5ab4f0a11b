"""The reader against a real Dovecot."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import mailservers
import pytest
from connectors.contract import opened, received, texts
from dovecot import Dovecot

from triage.connectors import mime, read
from triage.connectors.email import Email
from triage.errors import ChannelDown, ChannelRefused
from triage.message import Message, Unreadable

pytestmark = pytest.mark.servers


async def test_starttls_reads_as_well(far):
    await far.say("encrypted later")
    items, _ = await received(far.connector(imap={"port": far.server.imap_port, "tls": "starttls"}), 1)
    assert texts(items) == ["encrypted later"]


async def test_a_server_with_a_strangers_certificate_is_refused(far, tmp_path):
    stranger = mailservers.Certificates(tmp_path / "stranger")
    for port, tls in ((far.proxy.port, "implicit"), (far.server.imap_port, "starttls")):
        with pytest.raises(ChannelRefused, match="not to be trusted"):
            await far.connector(imap={"port": port, "tls": tls, "ca_file": stranger.ca_file}).check()


async def test_idle_brings_new_mail_at_once(far):
    reader = opened(far.connector(poll=50))
    while (await anext(reader)).cursor:
        pass  # up to the empty batch after which it waits
    waiting = asyncio.ensure_future(anext(reader))
    await far.say("ring")
    async with asyncio.timeout(10):
        assert texts((await waiting).items) == ["ring"]
    await reader.aclose()


async def test_a_silent_push_is_made_up_for_by_looking(far):
    reader = opened(far.connector(poll=0.05))
    for _ in range(5):
        await anext(reader)
    await far.say("looked up")
    async with asyncio.timeout(10):
        while not (batch := await anext(reader)).items:
            pass
    assert texts(batch.items) == ["looked up"]
    await reader.aclose()


async def test_a_server_that_dies_in_idle_is_noticed_at_once():
    mailservers.needs("dovecot")
    import os

    os.environ["TRIAGE_TEST_PASSWORD"] = mailservers.PASSWORD
    from triage.connectors.email import Settings

    def prepared() -> Dovecot:
        server = Dovecot(users=1)
        server.start()
        return server

    server = await asyncio.to_thread(prepared)
    try:
        user = server.user()
        base = {"address": server.address(user), "user": user, "password": {"env": "TRIAGE_TEST_PASSWORD"}}
        imap = {"host": "localhost", "port": server.imaps_port, "ca_file": server.ca_file}
        connector = Email("mail", Settings.model_validate(base | {"imap": imap, "start": "all", "poll": 50}))
        reader = opened(connector)
        while (await anext(reader)).cursor:
            pass
        waiting = asyncio.ensure_future(anext(reader))
        while not connector._reading._wire._idle_event.is_set():
            await asyncio.sleep(0)
        started = time.monotonic()
        await asyncio.to_thread(server.kill)
        with pytest.raises(ChannelDown):
            await waiting
        assert time.monotonic() - started < 5  # not the 50 seconds of the wait
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(server.deliver, user, b"From: a@b.example\r\n\r\nafter the crash\r\n")
        items, _ = await received(connector, 1)
        assert texts(items) == ["after the crash"]
    finally:
        await asyncio.to_thread(server.__exit__)


async def test_a_mail_waits_from_when_the_server_got_it(far):
    before = datetime.now(UTC) - timedelta(seconds=1)  # IMAP knows whole seconds
    await far.say("it came while we were not there")
    after = datetime.now(UTC)
    connector = Email(far.name, far.settings(), now=lambda: after + timedelta(hours=9))
    far.connectors.append(connector)
    [message], _ = await received(connector, 1)
    assert message.received_at == after + timedelta(hours=9)
    assert before <= message.since <= after


async def test_mail_that_vanishes_while_we_read_is_no_error(far):
    for number in range(3):
        await far.say(f"mail {number}")
    connector = far.connector()
    reader = opened(connector)
    await anext(reader)  # the folder is open
    session = connector._reading
    asked = session.listed

    async def remove_then_ask(uids):
        (gone, *_) = sorted(p for sub in ("new", "cur") for p in (far.server.maildir(far.user) / sub).iterdir())
        gone.unlink()
        return await asked(uids)

    session.listed = remove_then_ask
    async with asyncio.timeout(10):
        assert texts((await anext(reader)).items) == ["mail 1", "mail 2"]
    await reader.aclose()


async def test_of_a_mail_that_is_too_big_the_beginning_is_read(far, monkeypatch):
    monkeypatch.setattr(mime, "LARGEST", 300_000)
    attachment = "--b\r\nContent-Type: application/zip; name=a.zip\r\n\r\n" + "A" * 70 * 10_000
    lines = "\r\n".join(attachment[i : i + 70] for i in range(0, len(attachment), 70))
    head = b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nmy words\r\n'
    await asyncio.to_thread(far.server.deliver, far.user, head + lines.encode())
    await far.say("small")
    items, _ = await received(far.connector(), 2)
    assert items[0].text.startswith("my words")
    assert "too big" in items[0].text
    assert items[0].attachments[-1].size > 600_000
    assert items[1].text.strip() == "small"


async def test_a_mail_the_server_withholds_does_not_keep_back_the_others(far):
    for number in range(3):
        await far.say(f"mail {number}")
    connector = far.connector()
    reader = opened(connector)
    await anext(reader)
    from triage.connectors.email.imap import Withheld

    asked = connector._reading.bodies

    async def broken(uids, only=0):
        if 2 in uids:
            raise Withheld("support-mail", "IMAP: fetching mail: NO [SERVERBUG] corrupted")
        return await asked(uids, only)

    connector._reading.bodies = broken
    items = (await anext(reader)).items
    assert [type(item) for item in read(items)] == [Message, Unreadable, Message]
    await reader.aclose()


async def test_thousands_of_mails_come_in_batches(far):
    mails = [f"From: a@b.example\r\nMessage-ID: <{n}@x>\r\n\r\n{n}\r\n".encode() for n in range(1200)]
    await asyncio.to_thread(far.server.deliver_many, far.user, mails)
    items, _ = await received(far.connector(), 1200)
    assert texts(items) == [str(n) for n in range(1200)]


async def test_several_folders_are_read_each_with_its_own_place(far):
    await far.say("in the inbox")
    await received(far.connector(mark="move:Other"), 1)
    await far.say("in the inbox too")
    items, cursor = await received(far.connector(folders=["INBOX", "Other"]), 2)
    assert texts(items) == ["in the inbox too", "in the inbox"]
    await far.say("later")
    more, _ = await received(far.connector(folders=["INBOX", "Other"]), 1, cursor)
    assert texts(more) == ["later"]


async def test_a_folder_that_is_not_there_needs_a_person(far):
    with pytest.raises(ChannelRefused, match="Nowhere"):
        await received(far.connector(folders=["Nowhere"]), 1)


class TestOAuth:
    def settings(self, far, tmp_path, url):
        (tmp_path / "refresh").write_text("first")
        return {
            "password": None,
            "oauth": {
                "token_url": url,
                "client_id": "desk",
                "refresh_token": {"file": tmp_path / "refresh"},
                "state_file": tmp_path / "state.json",
            },
        }

    async def test_a_token_logs_in(self, far, tmp_path, token_server):
        far.server.tokens["good"] = far.user
        token_server.answers = [(200, {"access_token": "good", "expires_in": 3600})]
        await far.say("by token")
        items, _ = await received(far.connector(**self.settings(far, tmp_path, token_server.url)), 1)
        assert texts(items) == ["by token"]

    async def test_a_refused_token_is_fetched_anew_once(self, far, tmp_path, token_server):
        far.server.tokens["good2"] = far.user
        token_server.answers = [(200, {"access_token": "stale"}), (200, {"access_token": "good2"})]
        assert await far.connector(smtp={"login": False}, **self.settings(far, tmp_path, token_server.url)).check()

    async def test_a_token_that_stays_refused_needs_a_person(self, far, tmp_path, token_server):
        token_server.answers = [(200, {"access_token": "bad"})] * 2
        async with asyncio.timeout(10):  # without an answer to the server's "+" it would wait for ever
            with pytest.raises(ChannelRefused):
                await received(far.connector(**self.settings(far, tmp_path, token_server.url)), 1)
