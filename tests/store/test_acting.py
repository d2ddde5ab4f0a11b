"""What agents do with cases, and what is written down of it."""

from datetime import timedelta

from builders import NOW, a_message
from store.made import entry, opened

from triage.case import Disposition, Place, Status, Urgency
from triage.store import Store, audit, cases, labels
from triage.store.cases import Changes


def at(order_key: int) -> Place:
    return Place(due_at=NOW, order_key=order_key, parts=())


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


def test_only_a_case_that_was_urgent_and_is_called_less_is_one_that_was_calmed(store: Store) -> None:
    said = {1: (Urgency.HIGH, Urgency.NORMAL), 2: (Urgency.HIGH, Urgency.HIGH), 3: (Urgency.NORMAL, Urgency.LOW)}
    with store.begin() as tx:
        for number, words in said.items():
            opened(tx, number)
            for urgency in words:
                labels.correct(tx, number, "bob", urgency=urgency, now=NOW)
        labels.correct(tx, 1, "eve", category="account", now=NOW)
        [found] = labels.calmed(tx)
    assert found.case.id == 1
    assert [(c.field, c.now) for c in found.corrections][1:] == [("urgency", "normal"), ("category", "account")]
