"""Cases: what the pipeline writes, and the list."""

from datetime import datetime, timedelta, timezone

import pytest
from asking import of_no_case
from builders import NOW, a_case, a_message, a_verdict, an_address
from store.made import entry, opened

from triage.case import Disposition, Entry, Place, Reason, Status, Urgency
from triage.store import Store, cases, lists, people
from triage.store.cases import AuditEntry, Changes, NoSuchCase

LONG_AGO = NOW - timedelta(days=30)


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


def test_a_changed_case_is_saved_in_its_last_state(store: Store) -> None:
    with store.begin() as tx:
        [case] = opened(tx, 1)
        raised = a_case(
            1, person_id=case.person_id, verdict=a_verdict(urgency=Urgency.CRITICAL), place=at(1), follow_ups=4
        )
        cases.save(tx, Changes(changed=[raised]), NOW)
        assert cases.get(tx, 1) == raised
        assert cases.top(tx, cases.Filters(urgency=Urgency.CRITICAL)) == [raised]


def test_an_address_belongs_to_one_person_until_evidence_moves_it(store: Store) -> None:
    with store.begin() as tx:
        found = people.resolve(tx, [an_address("a@x"), an_address("b@x"), an_address("a@x", name="Ada")], NOW)
        assert found["email:a@x"] != found["email:b@x"]
        assert people.resolve(tx, [an_address("a@x")], NOW) == {"email:a@x": found["email:a@x"]}
        people.link(tx, "email:b@x", found["email:a@x"], "triage", "quoted the case number", NOW)
        assert set(people.resolve(tx, [an_address("a@x"), an_address("b@x")], NOW).values()) == {found["email:a@x"]}
        [moved] = of_no_case(tx)
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
