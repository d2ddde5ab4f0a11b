"""The inbox and the quarantine: what came in is stored once, and nothing holds up the rest."""

import threading
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from asking import of_no_case
from builders import NOW, a_message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from triage.errors import LeaseLost
from triage.message import Attachment, Message, Unreadable
from triage.store import Store, Tx, inbox, quarantine
from triage.store.cases import totals
from triage.store.inbox import Received
from triage.store.quarantine import NoSuchRow, NotReleasable
from triage.store.tables import inbox as inbox_table


def received(tx: Tx, *messages: Message | Unreadable, cursor: str | None = None) -> Received:
    items = [m if isinstance(m, Unreadable) else (m, ()) for m in messages]
    return inbox.receive(tx, "support-mail", items, cursor, NOW)


def unreadable(external_id: str = "INBOX/1/9") -> Unreadable:
    return Unreadable(
        channel="support-mail",
        kind="email",
        external_id=external_id,
        received_at=NOW,
        original=b"\xff\x00",
        why="no head",
    )


def counted(new: int = 0, known: int = 0, unreadable: int = 0) -> Received:
    return Received(new=new, known=known, unreadable=unreadable)


def test_a_message_comes_back_from_the_inbox_exactly_as_it_was_stored(store: Store) -> None:
    message = a_message(
        subject="提现",
        content_key="<a@b>",
        sent_at=datetime(2026, 11, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))),
        headers=(("From", "Ada <ada@example.org>"), ("To", "x")),
        known_as=("<a@b>",),
        refers_to=("<c@d>", "<e@f>"),
        attachments=(Attachment(name="a.png", content_type="image/png", size=7),),
        reply_to={"chat": 5, "deep": {"list": [1, "two"]}},
    )
    with store.begin() as tx:
        inbox.receive(tx, "support-mail", [(message, ("seed phrase",))], None, NOW)
    with store.begin() as tx:
        [waiting] = inbox.claim(tx, 10, NOW)
    assert waiting.message == message
    assert waiting.redacted == ("seed phrase",)
    assert waiting.attempts == 1


def test_the_same_message_is_new_only_once(store: Store) -> None:
    with store.begin() as tx:
        assert received(tx, a_message()) == counted(new=1)
    with store.begin() as tx:
        assert received(tx, a_message()) == counted(known=1)
        assert inbox.backlog(tx) == 1


def test_a_message_of_which_one_key_is_known_is_known_and_its_other_key_is_remembered(store: Store) -> None:
    with store.begin() as tx:
        received(tx, a_message(external_id="INBOX/1/1", content_key="<a@b>"))
        # The mailbox was numbered anew: another id, the same Message-ID.
        assert received(tx, a_message(external_id="INBOX/2/1", content_key="<a@b>")) == counted(known=1)
        # And the new id is remembered, even if the Message-ID is missing the next time.
        assert received(tx, a_message(external_id="INBOX/2/1")) == counted(known=1)


def test_of_two_items_of_one_batch_with_a_common_key_only_the_first_is_new(store: Store) -> None:
    with store.begin() as tx:
        first = a_message("first", external_id="1", content_key="<a@b>")
        again = a_message("again", external_id="2", content_key="<a@b>")
        assert received(tx, first, again, first) == counted(new=1, known=2)
        [waiting] = inbox.claim(tx, 10, NOW)
        assert waiting.message.text == "first"
        assert received(tx, a_message(external_id="2")) == counted(known=1)


def test_the_same_id_on_another_channel_is_another_message(store: Store) -> None:
    with store.begin() as tx:
        assert received(tx, a_message(), a_message(channel="sales-mail")) == counted(new=2)


def test_the_cursor_is_stored_with_the_batch_or_not_at_all(store: Store) -> None:
    def stopped_half_way() -> None:
        with store.begin() as tx:
            received(tx, a_message(), cursor="7")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_half_way()
    with store.read() as tx:
        assert inbox.cursor_of(tx, "support-mail") is None
        assert inbox.backlog(tx) == 0
    with store.begin() as tx:
        received(tx, a_message(), cursor="7")
        received(tx, cursor="8")
        received(tx, cursor=None)
        assert inbox.cursor_of(tx, "support-mail") == "8"


def test_what_waits_is_claimed_oldest_first_and_each_attempt_is_counted(store: Store) -> None:
    with store.begin() as tx:
        received(tx, *(a_message(external_id=str(i)) for i in range(5)))
    with store.begin() as tx:
        assert [w.message.external_id for w in inbox.claim(tx, 3, NOW)] == ["0", "1", "2"]


def test_a_message_that_was_tried_before_is_claimed_alone(store: Store) -> None:
    with store.begin() as tx:
        received(tx, *(a_message(external_id=str(i)) for i in range(4)))
        inbox.claim(tx, 2, NOW)
    with store.begin() as tx:
        assert [(w.message.external_id, w.attempts) for w in inbox.claim(tx, 10, NOW)] == [("0", 2)]
        assert [(w.message.external_id, w.attempts) for w in inbox.claim(tx, 10, NOW)] == [("0", 3)]


def test_a_finished_message_is_gone_and_its_number_is_not_given_again(store: Store) -> None:
    with store.begin() as tx:
        received(tx, a_message(external_id="1"))
        [first] = inbox.claim(tx, 10, NOW)
        inbox.finish(tx, [first.id])
        assert inbox.backlog(tx) == 0
        received(tx, a_message(external_id="2"))
        [second] = inbox.claim(tx, 10, NOW)
    assert second.id > first.id
    assert second.attempts == 1


def test_a_message_is_finished_once(store: Store) -> None:
    with store.begin() as tx:
        received(tx, a_message())
        [waiting] = inbox.claim(tx, 10, NOW)
        inbox.finish(tx, [waiting.id])
    with pytest.raises(LeaseLost, match="1 messages"), store.begin() as tx:
        inbox.finish(tx, [waiting.id])


def test_batches_received_at_the_same_time_store_each_message_once(store: Store) -> None:
    messages = [a_message(external_id=str(i), content_key=f"<{i % 20}@x>") for i in range(60)]
    new: list[int] = []
    together = threading.Barrier(2)

    def read(batch: list[Message]) -> None:
        together.wait()
        new.append(store.run(lambda tx: received(tx, *batch)).new)

    readers = [threading.Thread(target=read, args=(batch,)) for batch in (messages, messages[::-1])]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    with store.read() as tx:
        assert inbox.backlog(tx) == sum(new) == 20
        assert totals(tx)["received"] == 20
        assert totals(tx)["received-again"] == 100


def test_what_cannot_be_read_is_kept_with_its_bytes_and_known_from_then_on(store: Store) -> None:
    with store.begin() as tx:
        assert received(tx, unreadable(), a_message()) == counted(new=2, unreadable=1)
        assert received(tx, unreadable()) == counted(known=1)
        [listed] = quarantine.listing(tx)
        kept = quarantine.get(tx, listed.id)
        assert kept is not None
        assert (kept.original, kept.why, kept.readable) == (b"\xff\x00", "no head", False)
        with pytest.raises(NotReleasable, match="only bytes"):
            quarantine.release(tx, kept.id, NOW)


def test_a_list_of_the_quarantine_holds_none_of_the_bytes(store: Store) -> None:
    large = [replace(unreadable(), external_id=str(number), original=bytes(4_000_000)) for number in range(3)]
    with store.begin() as tx:
        received(tx, *large)
    with store.read() as tx:
        tracemalloc.start()
        assert len(quarantine.listing(tx)) == 3
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2_000_000


def test_a_message_goes_to_the_quarantine_and_back(store: Store) -> None:
    with store.begin() as tx:
        inbox.receive(tx, "support-mail", [(a_message(), ("private key",))], None, NOW)
        [waiting] = inbox.claim(tx, 10, NOW)
        quarantine.keep_waiting(tx, waiting, "it failed three times", NOW)
        assert inbox.backlog(tx) == 0
        [kept] = quarantine.listing(tx)
        assert (kept.why, kept.external_id, kept.readable) == ("it failed three times", "INBOX/1/1", True)
        whole = quarantine.get(tx, kept.id)
        assert whole is not None
        assert (b"INBOX/1/1" in whole.original, replace(whole, original=b"")) == (True, kept)
        quarantine.release(tx, kept.id, NOW, "ada")
        [again] = inbox.claim(tx, 10, NOW)
        assert (again.message, again.redacted, again.attempts) == (waiting.message, ("private key",), 1)
        assert quarantine.get(tx, kept.id) is None


def test_only_a_person_throws_something_away_and_that_is_written_down(store: Store) -> None:
    with store.begin() as tx:
        received(tx, unreadable())
        [kept] = quarantine.listing(tx)
        quarantine.drop(tx, kept.id, "ada", NOW)
        assert quarantine.backlog(tx) == 0
        [done] = of_no_case(tx)
        assert (done.who, done.action, done.details["why"]) == ("ada", "quarantine.dropped", "no head")
        with pytest.raises(NoSuchRow, match="no such row"):
            quarantine.drop(tx, kept.id, "ada", NOW)
        assert totals(tx)["lost"] == 0


def test_an_inbox_row_that_cannot_be_read_any_more_is_set_aside_and_the_others_go_on(store: Store) -> None:
    with store.begin() as tx:
        received(tx, a_message(external_id="1"), a_message(external_id="2"))
        tx.execute(update(inbox_table).where(inbox_table.c.id == 1).values(message='{"channel": 1}'))
    with store.begin() as tx:
        assert [w.message.external_id for w in inbox.claim(tx, 10, NOW)] == ["2"]
        [listed] = quarantine.listing(tx)
        kept = quarantine.get(tx, listed.id)
        assert kept is not None
        assert kept.original == b'{"channel": 1}'
        assert totals(tx)["lost"] == 0


HOSTILE = [
    "nul \0 inside",
    "half \ud800 a pair",
    "\udfff\0",
    "line\r\nbreak",
    "\u202eright to left",
    "\U0010ffff",
    "'; DROP TABLE",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_character_keeps_a_batch_out(store: Store, text: str) -> None:
    hostile = a_message(
        text, external_id=text, content_key=text, subject=text, known_as=(text,), channel="support-mail"
    )
    with store.begin() as tx:
        assert received(tx, hostile, a_message(), replace(unreadable(text + "!"), why=text)) == counted(3, 0, 1)
        stored = inbox.claim(tx, 10, NOW)
        assert len(stored) == 2
        for w in stored:
            quarantine.keep_waiting(tx, w, text, NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet=st.characters(), max_size=80), at=st.datetimes(timezones=st.just(UTC)))
def test_whatever_a_message_says_it_can_be_stored(store: Store, words: str, at: datetime) -> None:
    message = a_message(words, external_id=words or "x", subject=words, sent_at=at, reply_to={"x": words})
    with store.begin() as tx:
        received(tx, message)
        for waiting in inbox.claim(tx, 10, NOW):
            assert waiting.message.sent_at == at
            inbox.finish(tx, [waiting.id])
