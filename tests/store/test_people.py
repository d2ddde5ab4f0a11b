"""Who writes: the person behind an address, and whether she wrote before."""

import threading

from builders import NOW, an_address
from sqlalchemy import text

from triage.store import Store, Tx, people


def test_who_writes_for_the_first_time_is_not_among_those_who_wrote_before(store: Store) -> None:
    with store.begin() as tx:
        both, before = people.meet(tx, [an_address("ada@example.org"), an_address("bob@example.org")], NOW)
        assert before == set()
        again, before = people.meet(tx, [an_address("bob@example.org"), an_address("cora@example.org")], NOW)
    assert before == {both["email:bob@example.org"]} == {again["email:bob@example.org"]}


def test_two_processes_that_meet_the_same_person_at_once_both_look_for_what_she_wrote(
    postgres_store: Store,
) -> None:
    """The slower one cannot have seen her a moment ago; the faster one has opened a case for her by now."""
    other = Store(postgres_store.url.render_as_string(hide_password=False))
    ada = [an_address("ada@example.org")]
    found = {}
    with other.begin() as first:
        found["faster"] = people.meet(first, ada, NOW)
        slower = threading.Thread(
            target=lambda: found.update(slower=postgres_store.run(lambda tx: people.meet(tx, ada, NOW)))
        )
        slower.start()
        _until_it_waits(first)
    slower.join()
    other.close()
    assert found["faster"][1] == set()
    assert found["slower"] == (found["faster"][0], set(found["faster"][0].values()))


def _until_it_waits(tx: Tx) -> None:
    """Come back once another transaction waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not tx.execute(waiting).scalar_one():
        pass
