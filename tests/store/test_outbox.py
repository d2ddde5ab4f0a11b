"""The outbox: each reply once, and whatever is uncertain stays visible."""

from datetime import timedelta

from asking import by_state, next_to_send
from builders import NOW, a_case, a_reply, an_address

from triage.store import Store, cases, outbox, people, spent, unsent

LATER = NOW + timedelta(minutes=5)


def test_a_reply_comes_back_as_it_was_queued_with_its_number(store: Store) -> None:
    reply = a_reply(
        "谢谢", subject="Re: x", reply_to={"chat": 1}, in_reply_to=("<a@b>",), to=an_address("5", "telegram")
    )
    with store.begin() as tx:
        assert outbox.queue(tx, [reply]) == 1
        sending = next_to_send(tx, "support-mail", NOW)
    assert sending is not None
    assert (sending.id > 0, sending.attempts) == (True, 1)
    assert (sending.text, sending.to, sending.reply_to, sending.in_reply_to) == (
        "谢谢", reply.to, {"chat": 1}, ("<a@b>",)
    )  # fmt: skip


def test_a_key_is_queued_once_for_ever(store: Store) -> None:
    long = "x" * 12_000
    with store.begin() as tx:
        assert outbox.queue(tx, [a_reply("first"), a_reply("second"), a_reply(key=long), a_reply(key=long)]) == 2
        first = next_to_send(tx, "support-mail", NOW)
        assert first is not None
        assert first.text == "first"
        outbox.sent(tx, {first.id: ["<r@x>"]}, NOW)
    with store.begin() as tx:
        assert outbox.queue(tx, [a_reply("third")]) == 0


def test_replies_go_out_oldest_first_when_they_are_due_each_through_its_own_channel(store: Store) -> None:
    with store.begin() as tx:
        outbox.queue(tx, [a_reply(key="1"), a_reply(key="2"), a_reply(key="3", channel="telegram")])
        first = next_to_send(tx, "support-mail", NOW)
        assert first is not None
        outbox.retry(tx, first.id, LATER, "451 try again", NOW)
        second = next_to_send(tx, "support-mail", NOW)
        assert second is not None
        assert second.key == "2"
        assert next_to_send(tx, "support-mail", NOW) is None
        again = next_to_send(tx, "support-mail", LATER)
        assert again is not None
        assert (again.key, again.attempts) == ("1", 2)


def test_an_answer_to_a_reply_finds_its_case(store: Store) -> None:
    with store.begin() as tx:
        cases.save(tx, cases.Changes(threads=[("<first@x>", 7)]), NOW)
        outbox.queue(tx, [a_reply(key="1", case_id=3), a_reply(key="2", case_id=4), a_reply(key="3", case_id=0)])
        replies = [next_to_send(tx, "support-mail", NOW) for _ in range(3)]
        outbox.sent(tx, {replies[0].id: ["<a@x>", "<first@x>"]}, NOW)  # type: ignore[union-attr]
        outbox.unknown(tx, replies[1].id, ["<b@x>"], "died after DATA", NOW)  # type: ignore[union-attr]
        outbox.sent(tx, {replies[2].id: ["<c@x>"]}, NOW)  # type: ignore[union-attr]
    with store.read() as tx:
        from triage.store.known import _by_thread

        assert _by_thread(tx, ["<a@x>", "<b@x>", "<c@x>", "<first@x>"]) == {"<a@x>": 3, "<b@x>": 4, "<first@x>": 7}


def test_a_reply_that_the_process_died_in_or_nobody_can_tell_of_is_in_doubt(store: Store) -> None:
    with store.begin() as tx:
        outbox.queue(tx, [a_reply(key=str(i)) for i in range(4)])
        asked, died, refused = (next_to_send(tx, "support-mail", NOW) for _ in range(3))
        assert asked is not None
        assert died is not None
        assert refused is not None
        outbox.unknown(tx, asked.id, (), "no answer", NOW)
        outbox.refused(tx, refused.id, "550 no such mailbox", NOW)
        assert [reply.key for reply in outbox.in_doubt(tx, "support-mail", NOW)] == [died.key, asked.key]
        # What nobody could tell of for days is not looked up at every start; what the process died in is.
        assert [reply.key for reply in outbox.in_doubt(tx, "support-mail", LATER)] == [died.key]
        assert by_state(tx) == dict.fromkeys(("queued", "sending", "unknown", "refused"), 1)
        outbox.sent(tx, {asked.id: ["<a@x>"]}, NOW)
        outbox.sent(tx, {asked.id: ["<a@x>"]}, NOW)
        outbox.retry(tx, asked.id, NOW, "too late", NOW)
        assert by_state(tx)["sent"] == 1
        assert [reply.id for reply in outbox.in_doubt(tx, "support-mail", NOW)] == [died.id]


def test_an_answer_that_was_to_wait_for_a_week_can_still_be_looked_up_then(store: Store) -> None:
    written = NOW - timedelta(days=7)
    with store.begin() as tx:
        outbox.queue(tx, [a_reply(kind="answer", created_at=written, not_before=NOW - timedelta(hours=1))])
        sending = next_to_send(tx, "support-mail", NOW)
        assert sending is not None
        outbox.unknown(tx, sending.id, (), "died after DATA", NOW)
        assert [reply.id for reply in outbox.in_doubt(tx, "support-mail", NOW - timedelta(days=4))] == [sending.id]


def test_the_limiter_sees_what_each_address_and_its_domain_got(store: Store) -> None:
    ada, bob, eve = an_address("a@firm.example"), an_address("b@firm.example"), an_address("e@gmail.com")
    minute = timedelta(minutes=1)
    with store.begin() as tx:
        outbox.queue(tx, [a_reply(key="1", to=ada, created_at=NOW - 3 * minute), a_reply(key="2", to=ada)])
        outbox.queue(tx, [a_reply(key="3", to=bob, kind="answer"), a_reply(key="4", to=bob, kind="status")])
        outbox.queue(tx, [a_reply(key="5", to=bob, kind="secret"), a_reply(key="6", to=eve)])
        everybody = [ada.key, bob.key, eve.key, "email:nobody@x"]
        seen = spent.lately(tx, everybody, NOW - 10 * minute, NOW - minute)
        assert seen.to_address == {ada.key: [NOW - 3 * minute, NOW], bob.key: [NOW], eve.key: [NOW]}
        assert seen.warnings == {bob.key: [NOW]}
        assert seen.to_domain == {"firm.example": 2}  # a provider's mailboxes are not one organisation's
        assert spent.asked(tx, [ada.key, bob.key], NOW - 10 * minute) == {bob.key: 1}
        first = next_to_send(tx, "support-mail", NOW)
        assert first is not None
        outbox.refused(tx, first.id, "no", NOW)
        assert spent.lately(tx, [ada.key], NOW - 10 * minute, NOW).to_address == {ada.key: [NOW]}


def test_what_the_breaker_holds_back_goes_out_when_it_closes(store: Store) -> None:
    with store.begin() as tx:
        outbox.queue(tx, [a_reply(key=str(i)) for i in range(5)])
        outbox.queue(tx, [a_reply(key="answer", kind="answer"), a_reply(key="warning", kind="secret")])
        assert [r.key for r in outbox.claim(tx, "support-mail", 4, NOW, 2)] == ["0", "1", "answer", "warning"]
        assert outbox.claim(tx, "support-mail", 4, NOW + timedelta(seconds=59), 2) == []
        assert [r.key for r in outbox.claim(tx, "support-mail", 4, NOW + timedelta(seconds=60), 2)] == ["2", "3"]
        # A clock that is set back opens nothing.
        assert outbox.claim(tx, "support-mail", 4, NOW, 2) == []


def test_an_acknowledgement_that_waited_for_a_day_is_not_sent(store: Store) -> None:
    with store.begin() as tx:
        outbox.queue(tx, [a_reply(key="late"), a_reply(key="answer", kind="answer")])
        assert [r.key for r in outbox.claim(tx, "support-mail", 4, NOW + timedelta(hours=25), 9)] == ["answer"]
        late = outbox.by_key(tx, "late")
        assert late is not None
        assert (late.state, late.why) == ("withdrawn", "it waited too long to be still true")


def test_what_waited_too_long_holds_up_nothing_that_is_still_true(store: Store) -> None:
    old = [a_reply(key=str(n), created_at=NOW - timedelta(days=2)) for n in range(20)]
    with store.begin() as tx:
        outbox.queue(tx, [*old, a_reply(key="answer", kind="answer"), a_reply(key="young")])
        assert [reply.key for reply in outbox.claim(tx, "support-mail", 2, NOW)] == ["answer", "young"]
        assert len(unsent.listing(tx, ("withdrawn",))) == 20


def test_acknowledgements_that_went_out_are_counted_for_each_channel(store: Store) -> None:
    with store.begin() as tx:
        keys = ["1:acknowledgement", "2:acknowledgement", "2:secret-warning"]
        outbox.queue(tx, [a_reply(key=key) for key in keys])
        for _ in keys:
            reply = next_to_send(tx, "support-mail", NOW)
            assert reply is not None
            outbox.sent(tx, {reply.id: ()}, NOW)
        figures = cases.totals(tx)
    assert (figures["acknowledged"], figures["acknowledged.support-mail"], figures["outbox.sent"]) == (2, 2, 3)


def test_what_is_not_sent_is_listed_newest_first_with_the_number_of_its_case(store: Store) -> None:
    with store.begin() as tx:
        [person_id] = people.resolve(tx, [an_address()], NOW).values()
        cases.save(tx, cases.Changes(opened=[a_case(3, number="7K3-9QXM2HT4", person_id=person_id)]), NOW)
        outbox.queue(tx, [a_reply(key=str(n), case_id=3 * (n % 2), channel="ab"[n % 2]) for n in range(4)])
        for channel in "ab":
            first = next_to_send(tx, channel, NOW)
            assert first is not None
            outbox.sent(tx, {first.id: [f"<{channel}@x>"]}, NOW)
        left = unsent.listing(tx, ("queued", "refused"))
        assert [(one.case, one.channel) for one in left] == [("7K3-9QXM2HT4", "b"), ("", "a")]
        assert [one.channel for one in unsent.listing(tx, ("queued",), channel="a")] == ["a"]
        assert len(unsent.listing(tx, ("queued",), limit=1)) == 1
        assert unsent.listing(tx, ("refused",)) == []
