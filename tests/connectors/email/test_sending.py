"""Sending: what is known of a reply when something fails."""

import asyncio
import time
from datetime import timedelta
from email import message_from_bytes

import mailservers
import pytest
from builders import NOW, a_reply, an_address

from triage.connectors.email import Email, Settings
from triage.connectors.email.compose import compose, message_id
from triage.errors import ChannelDown, ChannelRefused, SendLater, SendRefused, SendUnknown


@pytest.fixture
def settings(smtp, tmp_path):
    def make(**other) -> Settings:
        server = {"host": "localhost", "port": smtp.port, "tls": "starttls", "ca_file": tmp_path / "tls" / "ca.pem"}
        base = {
            "address": "support@us.example",
            "password": {"file": tmp_path / "password"},
            "imap": {"host": "localhost", "port": 9},
            "smtp": server | {"deadline": 2} | other.pop("smtp", {}),
        }
        return Settings.model_validate(base | other)

    return make


@pytest.fixture
async def connector(settings):
    made: list[Email] = []

    def make(**other) -> Email:
        made.append(Email("mail", settings(**other), now=lambda: NOW))
        return made[-1]

    yield make
    for one in made:
        await one.close()
    await asyncio.sleep(0)


class TestSending:
    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    async def test_a_reply_is_taken(self, connector, smtp, tls):
        port = smtp.port if tls == "starttls" else smtp.tls_port
        one = connector(smtp={"tls": tls, "port": port})
        sent = await one.send(a_reply())
        ((sender, recipients, raw),) = smtp.taken
        assert (sender, recipients) == ("", ["ada@example.org"])
        assert message_from_bytes(raw)["Message-ID"] == sent.known_as[0]

    async def test_the_envelope_of_automatic_mail_is_the_null_sender_or_a_bounce_address(self, connector, smtp):
        await connector().send(a_reply())
        await connector(bounce_address="bounce@us.example").send(a_reply())
        await connector().send(a_reply(kind="answer"))
        assert [sender for sender, _, _ in smtp.taken] == ["", "bounce@us.example", "support@us.example"]

    async def test_one_connection_serves_many_replies(self, connector, smtp):
        one = connector(smtp={"connections": 1})
        await asyncio.gather(*(one.send(a_reply(key=f"{n}:acknowledgement")) for n in range(20)))
        assert (len(smtp.taken), smtp.sessions) == (20, 1)

    async def test_a_copy_goes_to_ourselves_when_asked(self, connector, smtp):
        await connector(bcc_self=True).send(a_reply())
        assert smtp.taken[0][1] == ["ada@example.org", "support@us.example"]

    @pytest.mark.parametrize(("answer", "kind"), [("552 mailbox full", ChannelRefused), ("452 full", ChannelDown)])
    async def test_our_own_full_mailbox_costs_no_reply(self, connector, smtp, answer, kind):
        smtp.on_copy = answer
        one = connector(bcc_self=True)
        with pytest.raises(kind, match="full"):
            await one.send(a_reply())
        smtp.on_copy = ""
        await one.send(a_reply())
        assert len(smtp.taken) == 1

    @pytest.mark.parametrize(
        ("stage", "answer", "kind"),
        [
            ("on_mail", "451 later", ChannelDown),
            ("on_mail", "550 not you", ChannelRefused),
            ("on_rcpt", "450 greylisted", SendLater),
            ("on_rcpt", "421 so many mails are enough", ChannelDown),
            ("on_rcpt", "550 no such user", SendRefused),
            ("on_data", "452 disk full", SendLater),
            ("on_data", "554 looks like spam", SendRefused),
            ("on_data", "421 going down", SendUnknown),
            ("on_data", "close", SendUnknown),
            ("on_data", "take and close", SendUnknown),
            ("on_data", "take and wait", SendUnknown),
        ],
    )
    async def test_each_stage_says_what_is_known_of_the_mail(self, connector, smtp, stage, answer, kind):
        setattr(smtp, stage, answer)
        one = connector()
        with pytest.raises(kind) as caught:
            await one.send(a_reply())
        assert "\n" not in str(caught.value)
        if kind is SendUnknown:
            assert caught.value.known_as == (message_id(a_reply(), one._settings),)
        setattr(smtp, stage, "")
        await one.send(a_reply(key="next"))  # the next one is not harmed
        assert smtp.taken

    async def test_a_cancelled_send_leaves_no_dialogue_out_of_step(self, connector, smtp):
        smtp.on_data = "take and wait"
        one = connector()
        sending = asyncio.ensure_future(one.send(a_reply()))
        async with asyncio.timeout(5):
            while not smtp.taken:
                await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        sent = await one.send(a_reply(key="next"))
        assert message_from_bytes(smtp.taken[-1][2])["Message-ID"] == sent.known_as[0]

    async def test_a_connection_that_went_away_meanwhile_is_made_anew(self, connector, smtp):
        one = connector()
        await one.send(a_reply())
        one._sender._lines[0]._client.transport.abort()
        await one.send(a_reply(key="next"))
        assert len(smtp.taken) == 2

    @pytest.mark.parametrize("how", ["421 so many mails are enough", "close"])
    async def test_a_server_that_hangs_up_between_two_mails_gets_the_next_one_anew(self, connector, smtp, how):
        one = connector()
        await one.send(a_reply())
        smtp.on_next_mail = how
        await one.send(a_reply(key="next"))
        assert (len(smtp.taken), smtp.sessions) == (2, 2)

    async def test_replies_go_out_at_once_over_as_many_connections_as_are_set(self, connector, smtp):
        one = connector(smtp={"connections": 3})
        assert one.sends_at_once == 3
        sent = await asyncio.gather(*(one.send(a_reply(key=f"{n}")) for n in range(7)))
        assert len({m for s in sent for m in s.known_as}) == len(smtp.taken) == 7
        assert smtp.sessions == 3

    async def test_one_reply_after_another_needs_one_connection(self, connector, smtp):
        one = connector(smtp={"connections": 3})
        for n in range(3):
            await one.send(a_reply(key=f"{n}"))
        assert smtp.sessions == 1

    async def test_a_server_without_tls_gets_nothing(self, connector):
        said: list[bytes] = []

        async def plain(reader, writer):
            writer.write(b"220 hello\r\n")
            while line := await reader.readline():
                said.append(line.split()[0].upper())
                writer.write(b"250 plain.example\r\n")
            writer.close()

        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        try:
            with pytest.raises(ChannelRefused, match="STARTTLS"):
                await connector(smtp={"port": server.sockets[0].getsockname()[1]}).send(a_reply())
        finally:
            server.close()
        assert set(said) <= {b"EHLO", b"QUIT"}

    async def test_a_strangers_certificate_needs_a_person(self, connector, smtp, tmp_path):
        stranger = mailservers.Certificates(tmp_path / "stranger")
        for tls, port in (("starttls", smtp.port), ("implicit", smtp.tls_port)):
            with pytest.raises(ChannelRefused):
                await connector(smtp={"ca_file": stranger.ca_file, "tls": tls, "port": port}).send(a_reply())
        assert not smtp.taken

    async def test_an_account_without_smtp_sends_nothing(self, connector):
        one = connector(smtp={})
        assert one.answers_through == "mail"
        reading = Email("mail", one._settings.model_copy(update={"smtp": None}))
        assert reading.answers_through == ""
        with pytest.raises(SendRefused):
            await reading.send(a_reply())

    async def test_without_a_copy_nobody_can_tell_what_became_of_a_reply(self, connector):
        with pytest.raises(SendUnknown):
            await connector().find_sent(a_reply())


@pytest.mark.servers
class TestLookingUp:
    async def test_a_copy_in_the_mailbox_proves_it_went_out(self, far):
        later = {"created_at": NOW - timedelta(days=400)}
        one = far.connector(bcc_self=True)
        assert await one.find_sent(a_reply(**later)) is None
        raw = compose(a_reply(**later), one._settings, NOW)
        await asyncio.to_thread(far.server.deliver, far.user, raw)
        found = await one.find_sent(a_reply(**later))
        assert found.known_as == (message_id(a_reply(**later), one._settings),)

    async def test_a_copy_that_may_be_under_way_is_waited_for(self, far):
        one = Email("support-mail", far.settings(bcc_self=True), now=lambda: NOW)
        with pytest.raises(ChannelDown) as caught:
            await one.find_sent(a_reply(created_at=NOW - timedelta(seconds=20)))
        assert caught.value.retry_after == 100


@pytest.mark.servers
async def test_a_reply_goes_through_postfix_into_the_customers_mailbox(far, postfix):
    customer = far.server.user()
    one = far.connector(smtp={"port": postfix.smtp_port}, bcc_self=True)
    to = an_address(far.server.address(customer))
    started = time.monotonic()
    sent = await one.send(a_reply("收到了", to=to))
    async with asyncio.timeout(20):
        while not (far.server.stored(customer) and far.server.stored(far.user)):
            await asyncio.sleep(0.02)
    ((_, raw),) = far.server.stored(customer)
    assert message_from_bytes(raw)["Message-ID"] == sent.known_as[0]
    assert message_from_bytes(raw)["Return-Path"] == "<>"
    assert (await one.find_sent(a_reply("收到了", to=to))).known_as == sent.known_as
    assert time.monotonic() - started < 20


@pytest.mark.servers
async def test_postfix_refuses_what_is_too_big_before_it_is_sent(far, postfix):
    one = far.connector(smtp={"port": postfix.smtp_port})
    with pytest.raises(SendRefused):
        await one.send(a_reply("x " * 3_000_000))


@pytest.mark.servers
async def test_a_recipient_postfix_does_not_know_is_refused(far, postfix):
    one = far.connector(smtp={"port": postfix.smtp_port})
    with pytest.raises(SendRefused):
        await one.send(a_reply(to=an_address("nobody-here@example.com")))
