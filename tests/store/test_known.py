"""What matching asks of the store."""

from datetime import timedelta

from builders import NOW, a_case, a_message
from sqlalchemy import event
from store.made import entry, opened, person

from triage.case import Status
from triage.store import Store, cases, people
from triage.store.cases import Changes

LONG_AGO = NOW - timedelta(days=30)


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
