"""The audit is only added to, and whatever is changed behind its back is seen."""

import threading

import pytest
from builders import NOW
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from triage.store import Store, audit, chain


@pytest.fixture
def three(store: Store) -> Store:
    with store.begin() as tx:
        for n in range(3):
            audit.record(tx, "mia", f"case.step-{n}", 0, {"n": n, "text": "提币\x00\ud800"}, NOW)
    return store


def behind_its_back(store: Store, statement: str) -> None:
    """As somebody would who owns the database."""
    with store.begin() as tx:
        if store.dialect == "sqlite":
            for name in ("audit_no_update", "audit_no_delete"):
                tx.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            tx.execute(text("SET LOCAL session_replication_role = replica"))
        tx.execute(text(statement))


def verified(store: Store, noted: str = "") -> chain.Verified:
    with store.read() as tx:
        return chain.verify(tx, noted)


def test_an_audit_that_nobody_touched_is_whole(three: Store) -> None:
    found = verified(three)
    assert (found.whole, found.entries) == (True, 3)


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'leo'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_or_remove_an_entry(three: Store, statement: str) -> None:
    with pytest.raises((DBAPIError, IntegrityError), match="only added to"), three.begin() as tx:
        tx.execute(text(statement))
    assert verified(three).entries == 3


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET who = 'leo' WHERE id = 2", 2),
        ("UPDATE audit SET details = '{}' WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 1", 2),
    ],
)
def test_a_changed_or_removed_entry_is_found(three: Store, statement: str, broken_at: int) -> None:
    behind_its_back(three, statement)
    assert verified(three).broken_at == broken_at


def test_entries_gone_from_the_end_are_missed(three: Store) -> None:
    behind_its_back(three, "DELETE FROM audit WHERE id > 1")
    assert verified(three).missing == 2


def test_an_end_that_was_noted_is_found_again_until_the_audit_was_made_anew(three: Store) -> None:
    noted = verified(three).end
    three.run(lambda tx: audit.record(tx, "leo", "case.taken", 0, {}, NOW))
    assert verified(three, noted).whole
    assert not verified(three, "ab" * 32).whole


def test_those_who_write_at_once_make_one_chain(store: Store) -> None:
    def write(who: str) -> None:
        for n in range(15):
            store.run(lambda tx, n=n: audit.record(tx, who, f"a.{n}", 0, {}, NOW))

    threads = [threading.Thread(target=write, args=(who,)) for who in ("mia", "leo", "zoe")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verified(store)
    assert (found.whole, found.entries) == (True, 45)


def test_the_newest_entries_come_first_and_by_whom_or_what(three: Store) -> None:
    three.run(lambda tx: audit.record(tx, "leo", "user.added", 0, {}, NOW))
    with three.read() as tx:
        assert [e.who for e in audit.newest(tx, 2)] == ["leo", "mia"]
        assert [e.action for e in audit.newest(tx, 9, who="leo")] == ["user.added"]
        assert len(audit.newest(tx, 9, action="case.")) == 3
        assert [e.id for e in audit.newest(tx, 9, before=2)] == [1]
