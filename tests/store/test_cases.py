"""Cases: what the pipeline writes and asks, and what agents do."""

from datetime import datetime, timedelta, timezone

import pytest
from builders import NOW, a_case, a_message, a_verdict, an_address
from sqlalchemy import event

from triage.case import Case, Disposition, Entry, Place, Reason, Status, Urgency
from triage.message import Message
from triage.store import Store, Tx, audit, cases, labels, lists, people
from triage.store.cases import AuditEntry, Changes, NoSuchCase

LONG_AGO = NOW - timedelta(days=30)


def entry(case_id: int, message: Message, **other: object) -> Entry:
    values: dict[str, object] = {
        "case_id": case_id,
        "channel": message.channel,
        "kind": message.kind,
        "external_id": message.external_id,
        "sender": message.sender.key,
        "sender_name": message.sender.name,
        "subject": message.subject,
        "text": message.text,
        "new_text": message.text,
        "language": "en",
        "received_at": message.received_at,
        "since": message.since,
        "disposition": Disposition.NEW,
        "why": Reason(code="new", text="a new matter"),
    }
    return Entry(**(values | other))  # type: ignore[arg-type]


def person(tx: Tx, value: str = "ada@example.org") -> int:
    return people.resolve(tx, [an_address(value)], NOW)[f"email:{value}"]


def opened(tx: Tx, *numbers: int, **other: object) -> list[Case]:
    values = {"person_id": person(tx)} | other
    new = [a_case(number, **values) for number in numbers]
    cases.save(tx, Changes(opened=new), NOW)
    return new


def at(order_key: int) -> Place:
    return Place(due_at=NOW, order_key=order_key, parts=())


def test_a_case_comes_back_exactly_as_it_was_saved(store: Store) -> None:
    reasons = (Reason(code="word", text="says “提现”", weight=0.25),)
    verdict = a_verdict(urgency=Urgency.CRITICAL, second=("account", 0.1), reasons=reasons)
    with store.begin() as tx:
        [case] = opened(
            tx, 1, verdict=verdict, assignee="bob", secret_exposed=True, linked_to=7, pinned=("topic",), repeats=3
        )
        assert cases.get(tx, 1) == case


def test_an_entry_comes_back_exactly_as_it_was_saved(store: Store) -> None:
    message = a_message("quoted\n> old", subject="Hello")
    full = entry(
        1,
        message,
        new_text="quoted",
        redacted=("seed phrase",),
        verdict=a_verdict(),
        attachments=("a.png", "b.pdf"),
        sent_at=datetime(2026, 11, 2, 9, 0, tzinfo=timezone(timedelta(hours=-5))),
        acknowledged="a new case",
    )
    with store.begin() as tx:
        opened(tx, 1)
        cases.save(
            tx, Changes(entries=[(message, full), (message, entry(0, message, disposition=Disposition.ROBOT))]), NOW
        )
        [found] = cases.conversation(tx, 1)
    assert found.id > 0
    assert Entry(**{name: getattr(found, name) for name in found.__slots__ if name != "id"}) == full


def test_what_came_in_can_be_replayed_as_it_came(store: Store) -> None:
    plain = a_message("hello", headers=(("From", "x"),), refers_to=("<a@b>",), reply_to={"x": 1})
    html = a_message("", html="<p>hello</p>", external_id="2")
    empty = a_message("", external_id="3", subject="only this")
    with store.begin() as tx:
        said = [
            (plain, entry(0, plain)),
            (html, entry(0, html, text="hello")),
            (empty, entry(0, empty, text="only this")),
        ]
        cases.save(tx, Changes(entries=said), NOW)
        assert [message for message, _ in lists.stored_since(tx, NOW)] == [plain, html, empty]
        assert list(lists.stored_since(tx, NOW + timedelta(seconds=1))) == []


@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_that_no_calendar_holds_costs_no_message(store: Store, year: int) -> None:
    zone = timezone(timedelta(hours=14 if year == 1 else -14))
    claimed = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 12, tzinfo=zone).replace(
        hour=1 if year == 1 else 23
    )
    message = a_message(sent_at=claimed)
    with store.begin() as tx:
        opened(tx, 1)
        cases.save(tx, Changes(entries=[(message, entry(1, message, sent_at=claimed))]), NOW)
        assert cases.conversation(tx, 1)[0].sent_at is None


def test_ids_are_given_once_even_if_they_are_not_used(store: Store) -> None:
    with store.begin() as tx:
        assert list(cases.reserve_ids(tx, 3)) == [1, 2, 3]
    with store.begin() as tx:
        assert list(cases.reserve_ids(tx, 2)) == [4, 5]


def test_the_list_is_in_the_order_of_the_key_and_pages_neither_repeat_nor_skip(store: Store) -> None:
    keys = [5, 1, 3, 3, 3, 2, 9]
    with store.begin() as tx:
        for number, key in enumerate(keys, 1):
            opened(tx, number, place=at(key))
        page, shown = cases.top(tx, cases.Filters(), 2), []
        while page:
            shown += page
            page = cases.top(tx, cases.Filters(), 2, after=(shown[-1].place.order_key, shown[-1].id))
    assert [case.id for case in shown] == [2, 6, 3, 4, 5, 1, 7]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3]),
        ({"channel": "support-mail"}, [1, 2]),
        ({"category": "account"}, [2]),
        ({"topic": "login"}, [2]),
        ({"urgency": Urgency.HIGH}, [2]),
        ({"urgency": Urgency.LOW}, []),
        ({"language": "es"}, [3]),
        ({"assignee": "bob"}, [3]),
        ({"channel": "telegram", "language": "es", "urgency": Urgency.NORMAL}, [3]),
        ({"status": "resolved"}, [4]),
        ({"status": Status.RESOLVED}, [4]),
        ({"text": "t3-testtest"}, [3]),
        ({"text": "t4-testtest", "status": None}, [4]),
        ({"text": "t4-testtest"}, []),
    ],
)
def test_the_list_shows_what_the_filters_ask_for(store: Store, wanted: dict[str, object], found: list[int]) -> None:
    with store.begin() as tx:
        opened(tx, 1)
        login = a_verdict(category="account", topic="login", urgency=Urgency.HIGH)
        opened(tx, 2, verdict=login, place=at(2_000_000_000), summary="Account locked_50% of the time")
        opened(tx, 3, channel="telegram", language="es", assignee="bob", place=at(3_000_000_000))
        opened(tx, 4, status=Status.RESOLVED, resolved_at=NOW)
        assert [case.id for case in cases.top(tx, cases.Filters(**wanted))] == found  # type: ignore[arg-type]


def test_a_number_that_cannot_be_an_id_names_no_case(store: Store) -> None:
    with store.begin() as tx:
        for number in (0, -1, 2**63, 10**40):
            assert cases.get(tx, number) is None
        assert cases.known(tx, [], [], [10**40, 5], LONG_AGO).cases == {}
        with pytest.raises(NoSuchCase, match="no case 5"):
            cases.take(tx, 5, "bob", NOW)
        with pytest.raises(NoSuchCase):
            cases.take(tx, 10**40, "bob", NOW)


def test_matching_learns_a_persons_open_and_lately_resolved_cases_newest_first(store: Store) -> None:
    with store.begin() as tx:
        ada, bob = person(tx), person(tx, "bob@example.org")
        opened(tx, 1, 5)
        opened(tx, 2, status=Status.RESOLVED, resolved_at=NOW)
        opened(tx, 3, status=Status.RESOLVED, resolved_at=LONG_AGO - timedelta(days=1))
        opened(tx, 4, person_id=bob)
        known = cases.known(tx, [ada], [], [], LONG_AGO)
        assert known.by_person == {ada: (5, 2, 1)}
        assert set(known.cases) == {1, 2, 5}
        both = cases.known(tx, [ada, bob], [], [3], LONG_AGO)
        assert both.by_person == {ada: (5, 2, 1), bob: (4,)}
        assert set(both.cases) == {1, 2, 3, 4, 5}


def test_matching_learns_threads_texts_writers_and_languages(store: Store) -> None:
    texts = [f"text {i}" for i in range(7)]
    with store.begin() as tx:
        ada = person(tx)
        opened(tx, 1)
        said = [a_message(text, external_id=text) for text in texts]
        entries = [(m, entry(1, m, language="es" if m.text == "text 3" else "und")) for m in said]
        threads = [("<a@x>", 1), ("<b@x>", 1), ("<" + "long" * 4000 + "@x>", 1)]
        joined = [(1, "email:ada@example.org"), (1, "telegram:5"), (1, "telegram:5")]
        cases.save(tx, Changes(entries=entries, threads=threads, participants=joined), NOW)
        known = cases.known(tx, [ada], ["<b@x>", "<none@x>", threads[2][0]], [], LONG_AGO)
    assert known.by_thread == {"<b@x>": 1, threads[2][0]: 1}
    assert known.recent_texts == {1: ("text 6", "text 5", "text 4", "text 3", "text 2")}
    assert known.participants == {1: frozenset({"email:ada@example.org", "telegram:5"})}
    assert known.recent_languages == {ada: "es"}


def test_a_thread_leads_where_its_first_writer_said(store: Store) -> None:
    with store.begin() as tx:
        opened(tx, 1, 2)
        cases.save(tx, Changes(threads=[("<a@x>", 1), ("<a@x>", 2)]), NOW)
        cases.save(tx, Changes(threads=[("<a@x>", 2)]), NOW)
        assert cases.known(tx, [], ["<a@x>"], [], LONG_AGO).by_thread == {"<a@x>": 1}


def test_what_matching_asks_takes_six_queries_whatever_the_size_of_the_batch(store: Store) -> None:
    with store.begin() as tx:
        persons = [person(tx, f"user{i}@example.org") for i in range(200)]
        cases.save(tx, Changes(opened=[a_case(i, person_id=p) for i, p in enumerate(persons, 1)]), NOW)
        cases.save(tx, Changes(threads=[(f"<{i}@x>", i) for i in range(1, 200)]), NOW)
    asked: list[str] = []
    with store.begin() as tx:
        event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        known = cases.known(tx, persons, [f"<{i}@x>" for i in range(500)], range(300), LONG_AGO)
    assert len(known.cases) == 200
    assert len(asked) == 6


def test_an_empty_batch_is_nothing_to_write_and_nothing_to_know(store: Store) -> None:
    with store.begin() as tx:
        cases.save(tx, Changes(), NOW)
        assert cases.known(tx, [], [], [], LONG_AGO) == cases.Known()
        assert people.resolve(tx, [], NOW) == {}


def test_a_changed_case_is_saved_in_its_last_state(store: Store) -> None:
    with store.begin() as tx:
        [case] = opened(tx, 1)
        raised = a_case(
            1, person_id=case.person_id, verdict=a_verdict(urgency=Urgency.CRITICAL), place=at(1), follow_ups=4
        )
        cases.save(tx, Changes(changed=[raised]), NOW)
        assert cases.get(tx, 1) == raised
        assert cases.top(tx, cases.Filters(urgency=Urgency.CRITICAL)) == [raised]


def test_an_agent_takes_resolves_and_reopens_a_case_and_all_of_it_is_written_down(store: Store) -> None:
    later = NOW + timedelta(hours=1)
    with store.begin() as tx:
        opened(tx, 1)
        assert cases.take(tx, 1, "bob", NOW).assignee == "bob"
        done = cases.resolve(tx, 1, "bob", later)
        assert (done.status, done.resolved_at, done.first_unanswered_at) == (Status.RESOLVED, later, None)
        assert cases.top(tx, cases.Filters()) == []
        again = cases.reopen(tx, 1, "eve", later, place=at(4))
        assert (again.status, again.resolved_at, again.place.order_key) == (Status.OPEN, None, 4)
        assert cases.top(tx, cases.Filters()) == [again]
        assert [(e.who, e.action) for e in audit.of_case(tx, 1)] == [
            ("bob", "case.taken"),
            ("bob", "case.resolved"),
            ("eve", "case.reopened"),
        ]


def test_pressing_a_button_twice_is_one_action(store: Store) -> None:
    with store.begin() as tx:
        opened(tx, 1)
        first = cases.resolve(tx, 1, "bob", NOW)
        assert cases.resolve(tx, 1, "eve", NOW + timedelta(hours=1)) == first
        cases.take(tx, 1, "bob", NOW)
        cases.take(tx, 1, "bob", NOW)
        assert [e.action for e in audit.of_case(tx, 1)] == ["case.resolved", "case.taken"]


def test_a_correction_changes_the_verdict_pins_it_and_is_kept_for_training(store: Store) -> None:
    with store.begin() as tx:
        opened(tx, 1)
        case = labels.correct(tx, 1, "bob", category="account", urgency=Urgency.HIGH, now=NOW, place=at(5))
        # A topic belongs to its category.
        assert (case.verdict.category, case.verdict.urgency, case.verdict.topic) == ("account", Urgency.HIGH, "")
        assert case.pinned == ("category", "urgency")
        assert cases.top(tx, cases.Filters(category="account", urgency=Urgency.HIGH)) == [case]
        made = [(c.field, c.was, c.now, c.model, c.who, c.at) for c in labels.since(tx, NOW)]
        assert made == [
            ("category", "transaction", "account", "test", "bob", NOW),
            ("urgency", "normal", "high", "test", "bob", NOW),
        ]
        [done] = audit.of_case(tx, 1)
        assert done.details["category"] == ["transaction", "account"]


def test_what_the_model_had_right_is_pinned_and_kept_as_a_confirmation(store: Store) -> None:
    with store.begin() as tx:
        opened(tx, 1)
        for _ in range(2):
            assert labels.correct(tx, 1, "bob", topic="pending", now=NOW).pinned == ("topic",)
        labels.correct(tx, 1, "eve", topic="pending", now=NOW)
        assert [(c.who, c.field, c.was, c.now) for c in labels.since(tx, NOW)] == [
            ("bob", "topic", "pending", "pending"),
            ("eve", "topic", "pending", "pending"),
        ]
        assert [(e.who, e.action) for e in audit.of_case(tx, 1) if e.action == "case.confirmed"] == [
            ("bob", "case.confirmed"),
            ("eve", "case.confirmed"),
        ]


def test_a_correction_comes_back_with_its_case_and_what_was_said(store: Store) -> None:
    message = a_message()
    with store.begin() as tx:
        opened(tx, 1)
        opened(tx, 2)
        entries = [
            (message, entry(2, message)),
            (other := a_message(external_id="2"), entry(2, other, disposition=Disposition.REPEAT)),
        ]
        cases.save(tx, Changes(entries=entries), NOW)
        labels.correct(tx, 2, "bob", category="account", now=NOW)
        [found] = labels.labelled(tx)
    assert found.case.id == 2
    assert [m.external_id for m, _ in found.said] == [message.external_id]
    assert [(c.field, c.was, c.now) for c in found.corrections] == [("category", "transaction", "account")]


def test_an_address_belongs_to_one_person_until_evidence_moves_it(store: Store) -> None:
    with store.begin() as tx:
        found = people.resolve(tx, [an_address("a@x"), an_address("b@x"), an_address("a@x", name="Ada")], NOW)
        assert found["email:a@x"] != found["email:b@x"]
        assert people.resolve(tx, [an_address("a@x")], NOW) == {"email:a@x": found["email:a@x"]}
        people.link(tx, "email:b@x", found["email:a@x"], "triage", "quoted the case number", NOW)
        assert set(people.resolve(tx, [an_address("a@x"), an_address("b@x")], NOW).values()) == {found["email:a@x"]}
        [moved] = audit.of_no_case(tx)
        assert (moved.action, moved.details["why"]) == ("address.linked", "quoted the case number")


def test_the_totals_account_for_every_message(store: Store) -> None:
    from triage.store import inbox, quarantine

    messages = [a_message(external_id=str(i)) for i in range(6)]
    with store.begin() as tx:
        inbox.receive(tx, "support-mail", [(m, ()) for m in messages], None, NOW)
        waiting = inbox.claim(tx, 5, NOW)
        opened(tx, 1)
        kinds = [Disposition.NEW, Disposition.FOLLOW_UP, Disposition.REPEAT, Disposition.ROBOT]
        entries = [(w.message, entry(0, w.message, disposition=d)) for w, d in zip(waiting, kinds, strict=False)]
        cases.save(tx, Changes(entries=entries, audit=[AuditEntry(who="triage", action="x")]), NOW)
        inbox.finish(tx, [w.id for w in waiting[:4]])
        quarantine.keep_waiting(tx, waiting[4], "poison", NOW)
        figures = cases.totals(tx)
    assert figures["received"] == 6
    assert (figures["messages"], figures["waiting"], figures["quarantined"], figures["lost"]) == (4, 1, 1, 0)
    assert [figures[f"messages.{d.value}"] for d in kinds] == [1, 1, 1, 1]
    assert (figures["cases"], figures["open"], figures["open.normal"], figures["open.critical"]) == (1, 1, 1, 0)
