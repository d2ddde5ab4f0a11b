"""What every channel kind keeps: one suite, applied to each kind against its own far side.

A kind's test folder offers a fixture `far` (a `FarSide`) and one class per part of the contract it takes on:

    from connectors.contract import AccountContract, ReaderContract, SenderContract

    class TestReader(ReaderContract): ...
    class TestAccount(AccountContract): ...
    class TestSender(SenderContract): ...

A kind that cannot send (a drop folder) leaves `SenderContract` out. Nothing here sleeps: the far side's connectors
are set up so that a silent channel shows its life at once, and `longest_silence` says what the defaults promise.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Protocol, cast

import pytest
from builders import a_reply

from triage.connectors import LONGEST_SILENCE, Batch, Connector, Unread, read
from triage.errors import ChannelDown, ChannelError, ChannelRefused, SendUnknown
from triage.message import Message, Reply, Sent, Unreadable

Item = Message | Unreadable
PATIENCE = 20.0
"""Seconds after which a test gives up; no passing test waits for it."""


class FarSide(Protocol):
    """The other end of a channel, with one account of ours on it and one customer who writes to it.

    Attributes:
        name: The channel's name that `connector()` gives its connectors.
        kind: The kind under test.
        longest_silence: Seconds within which a connector with default settings yields, at worst.
        read_faults: Names of faults that `inject` knows and that hit reading; each hits once.
        send_faults: The same for sending: the reply may have gone out or not, nobody can tell.
        secrets: Strings that may be in no error's text (password, token).
    """

    name: str
    kind: str
    longest_silence: float
    read_faults: Sequence[str]
    send_faults: Sequence[str]
    secrets: Sequence[str]

    def connector(self) -> Connector:
        """Return a new connector to the account, as after a restart; the far side closes it when the test ends."""
        ...

    def refused(self) -> Connector:
        """Return a connector whose login the far side refuses."""
        ...

    def unreachable(self) -> Connector:
        """Return a connector whose server is not there."""
        ...

    async def say(self, text: str) -> None:
        """Let the customer write `text` to us."""
        ...

    async def say_poison(self) -> None:
        """Let something arrive that comes through the wire and cannot be understood."""
        ...

    async def inject(self, fault: str) -> None:
        """Let the next operation meet this fault."""
        ...

    def delivered(self) -> list[str]:
        """Return the texts that reached the customer, oldest first."""
        ...


def opened(connector: Connector, cursor: str | None = None) -> AsyncGenerator[Batch, None]:
    return cast("AsyncGenerator[Batch, None]", connector.messages(cursor))


async def received(
    connector: Connector, count: int, cursor: str | None = None, *, stored: bool = True
) -> tuple[list[Item], str | None]:
    """Return the first `count` items and the cursor after them.

    `stored=True` asks for one batch more, so that the code after the last `yield` has run; `stored=False`
    stops as a killed process does: that code never runs.
    """
    items: list[Item] = []
    reader = opened(connector, cursor)
    async with asyncio.timeout(PATIENCE):
        async for batch in reader:
            items += read(batch.items)
            cursor = batch.cursor or cursor
            if len(items) >= count:
                break
        if stored:
            extra = await anext(reader)
            items += read(extra.items)
            cursor = extra.cursor or cursor
        await reader.aclose()
    await connector.close()
    return items, cursor


def texts(items: Sequence[Item | Unread]) -> list[str]:
    return [item.text.strip() for item in read(items) if isinstance(item, Message)]


def keys(items: Sequence[Item]) -> set[str]:
    return {key for item in items for key in item.keys}


class ReaderContract:
    """`Connector.messages`."""

    async def test_messages_come_oldest_first(self, far: FarSide) -> None:
        for text in ("first words", "second words", "third words"):
            await far.say(text)
        items, _ = await received(far.connector(), 3)
        assert texts(items) == ["first words", "second words", "third words"]

    async def test_a_message_names_its_channel_its_sender_and_its_time(self, far: FarSide) -> None:
        await far.say("who am I")
        (message,), cursor = await received(far.connector(), 1)
        assert isinstance(message, Message)
        assert (message.channel, message.kind) == (far.name, far.kind)
        assert message.sender.value
        assert message.received_at.tzinfo is not None
        assert message.known_as
        assert cursor

    async def test_what_was_not_stored_comes_again(self, far: FarSide) -> None:
        await far.say("do not lose me")
        first, _ = await received(far.connector(), 1, stored=False)
        again, _ = await received(far.connector(), 1, stored=False)
        assert keys(first) == keys(again)

    async def test_nothing_is_marked_before_it_is_stored(self, far: FarSide) -> None:
        for text in ("one", "two"):
            await far.say(text)
        for _ in range(3):
            await received(far.connector(), 2, stored=False)
        items, _ = await received(far.connector(), 2)
        assert texts(items) == ["one", "two"]

    async def test_a_restart_goes_on_behind_the_cursor(self, far: FarSide) -> None:
        await far.say("before")
        old, cursor = await received(far.connector(), 1)
        await far.say("after")
        known = keys(old)
        new: list[Item] = []
        connector = far.connector()
        while not new:  # an overlap may bring old ones again: their keys make them one
            items, cursor = await received(connector, 1, cursor, stored=False)
            new = [item for item in items if not known & set(item.keys)]
        assert texts(new) == ["after"]

    async def test_the_cursor_of_an_unstored_batch_is_never_needed(self, far: FarSide) -> None:
        await far.say("stored")
        old, cursor = await received(far.connector(), 1)
        await far.say("lost in the crash")
        await received(far.connector(), 1, cursor, stored=False)
        items, _ = await received(far.connector(), 1, cursor, stored=False)
        assert "lost in the crash" in texts([item for item in items if not keys(old) & set(item.keys)])

    async def test_a_silent_channel_shows_that_it_lives(self, far: FarSide) -> None:
        connector = far.connector()
        reader = opened(connector)
        async with asyncio.timeout(PATIENCE):
            assert (await anext(reader)).items == ()
            assert (await anext(reader)).items == ()
        await reader.aclose()
        await connector.close()
        assert far.longest_silence <= LONGEST_SILENCE

    async def test_poison_is_kept_and_the_next_message_arrives(self, far: FarSide) -> None:
        await far.say_poison()
        await far.say("I am fine")
        items, _ = await received(far.connector(), 2)
        (poison,) = [item for item in items if isinstance(item, Unreadable)]
        assert texts(items) == ["I am fine"]
        assert poison.original
        assert poison.why
        assert "\n" not in poison.why
        assert (poison.channel, poison.kind) == (far.name, far.kind)

    async def test_poison_that_was_stored_does_not_come_again(self, far: FarSide) -> None:
        await far.say_poison()
        _, cursor = await received(far.connector(), 1)
        await far.say("next")
        items, _ = await received(far.connector(), 1, cursor, stored=False)
        assert "next" in texts(items)

    async def test_a_fault_while_reading_is_one_of_our_errors_and_loses_nothing(self, far: FarSide) -> None:
        for fault in far.read_faults:
            await far.say(f"through {fault}")
        for fault in far.read_faults:
            await far.inject(fault)
            connector = far.connector()
            try:
                await received(connector, 1, stored=False)
            except ChannelError as error:
                assert_clear(error, far)
            finally:
                await connector.close()
        items, _ = await received(far.connector(), len(far.read_faults))
        assert texts(items) == [f"through {fault}" for fault in far.read_faults]

    async def test_a_reader_can_be_left_at_any_time(self, far: FarSide) -> None:
        connector = far.connector()
        waiting = asyncio.ensure_future(received(connector, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await connector.close()


class AccountContract:
    """Logging in, `check` and `close`."""

    async def test_check_says_in_one_line_what_it_found(self, far: FarSide) -> None:
        line = await far.connector().check()
        assert line
        assert "\n" not in line
        assert not [secret for secret in far.secrets if secret in line]

    async def test_a_refused_login_needs_a_person(self, far: FarSide) -> None:
        connector = far.refused()
        with pytest.raises(ChannelRefused) as reading:
            await received(connector, 1)
        with pytest.raises(ChannelRefused) as checking:
            await connector.check()
        assert_clear(reading.value, far)
        assert_clear(checking.value, far)

    async def test_an_unreachable_server_is_tried_again(self, far: FarSide) -> None:
        connector = far.unreachable()
        with pytest.raises(ChannelDown) as reading:
            await received(connector, 1)
        with pytest.raises(ChannelDown) as checking:
            await connector.check()
        assert_clear(reading.value, far)
        assert_clear(checking.value, far)

    async def test_close_never_raises(self, far: FarSide) -> None:
        for connector in (far.connector(), far.refused(), far.unreachable()):
            await connector.close()
            await connector.close()

    async def test_a_closed_account_can_be_checked_again(self, far: FarSide) -> None:
        connector = far.connector()
        await connector.check()
        await connector.close()
        assert await connector.check()


class SenderContract:
    """`Connector.send` and `find_sent`."""

    async def answer(self, far: FarSide, text: str = "We have your message.") -> Reply:
        """Return a reply to something the customer just said."""
        await far.say("please answer me")
        items, _ = await received(far.connector(), 1)
        message = items[0]
        assert isinstance(message, Message)
        return a_reply(
            text,
            id=7,
            key="7:acknowledgement",
            channel=far.name,
            to=message.sender,
            subject="Re: your message",
            reply_to=message.reply_to,
            in_reply_to=message.known_as,
            attempts=1,
        )

    async def test_a_reply_reaches_the_customer_and_says_how_it_is_known(self, far: FarSide) -> None:
        reply = await self.answer(far)
        sent = await far.connector().send(reply)
        assert sent.known_as
        assert [text for text in far.delivered() if reply.text in text]

    async def test_a_server_that_is_not_there_got_nothing(self, far: FarSide) -> None:
        reply = await self.answer(far)
        with pytest.raises(ChannelDown) as caught:
            await far.unreachable().send(reply)
        assert_clear(caught.value, far)
        assert not far.delivered()

    async def test_a_refused_login_sends_nothing_and_needs_a_person(self, far: FarSide) -> None:
        reply = await self.answer(far)
        with pytest.raises(ChannelRefused) as caught:
            await far.refused().send(reply)
        assert_clear(caught.value, far)
        assert not far.delivered()

    async def test_a_reply_of_unknown_fate_is_said_to_be_so(self, far: FarSide) -> None:
        reply = await self.answer(far)
        for fault in far.send_faults:
            connector = far.connector()
            await far.inject(fault)
            with pytest.raises(SendUnknown) as caught:
                await connector.send(replace(reply, text=f"We have your message ({fault})."))
            assert_clear(caught.value, far)
            await connector.close()

    async def test_what_went_out_is_found_or_said_to_be_unknowable(self, far: FarSide) -> None:
        reply = await self.answer(far)
        connector = far.connector()
        sent = await connector.send(reply)
        try:
            found = await connector.find_sent(reply)
        except SendUnknown as error:
            assert_clear(error, far)
        else:
            assert isinstance(found, Sent)
            assert set(found.known_as) & set(sent.known_as)


def assert_clear(error: ChannelError, far: FarSide) -> None:
    """One line for a person: names the channel, holds no secret."""
    assert error.channel == far.name
    assert "\n" not in str(error)
    assert not [secret for secret in far.secrets if secret in str(error)]
