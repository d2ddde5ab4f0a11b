"""Whose turn it is in the inbox: a flood from one sender delays nobody else, on both databases."""

from dataclasses import dataclass, field

from builders import NOW, a_message, an_address
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from triage.message import Message
from triage.store import Store, Tx, inbox, quarantine
from triage.store.turns import last_turns


def from_(sender: str, number: int) -> Message:
    return a_message(external_id=f"{sender}/{number}", sender=an_address(sender))


def received(tx: Tx, *messages: Message) -> None:
    inbox.receive(tx, "support-mail", [(m, ()) for m in messages], None, NOW)


def claimed(tx: Tx, limit: int) -> list[str]:
    """Claim and finish; who wrote, and her how manyeth it is."""
    waiting = inbox.claim(tx, limit, NOW)
    inbox.finish(tx, [w.id for w in waiting])
    return [w.message.external_id for w in waiting]


def test_who_writes_one_message_is_heard_though_thousands_of_another_wait(store: Store) -> None:
    with store.begin() as tx:
        received(tx, *(from_("flood@example.org", n) for n in range(3_000)))
        assert len(claimed(tx, 64)) == 64
        received(tx, from_("ann@example.org", 1), from_("bob@example.org", 1))
        assert set(claimed(tx, 64)) >= {"ann@example.org/1", "bob@example.org/1"}
        received(tx, *(from_("flood@example.org", n) for n in range(3_000, 4_000)), from_("cem@example.org", 1))
        assert "cem@example.org/1" in claimed(tx, 8)


def test_what_follows_a_plus_makes_nobody_another_sender(store: Store) -> None:
    with store.begin() as tx:
        received(tx, *(from_(f"flood+{n}@example.org", n) for n in range(500)), from_("ann@example.org", 1))
        assert "ann@example.org/1" in claimed(tx, 3)


def test_a_new_stream_of_strangers_never_starves_who_waits(store: Store) -> None:
    with store.begin() as tx:
        received(tx, *(from_("ann@example.org", n) for n in range(3)))
        heard: list[str] = []
        for moment in range(8):
            received(tx, *(from_(f"s{moment}-{n}@example.org", 1) for n in range(10)))
            heard += claimed(tx, 10)
        assert [one for one in heard if one.startswith("ann")] == [f"ann@example.org/{n}" for n in range(3)]


def test_what_is_released_from_the_quarantine_gets_a_turn_like_any_other(store: Store) -> None:
    with store.begin() as tx:
        received(tx, from_("ann@example.org", 1))
        [waiting] = inbox.claim(tx, 1, NOW)
        quarantine.keep_waiting(tx, waiting, "it failed", NOW)
        received(tx, *(from_("flood@example.org", n) for n in range(100)))
        [kept] = quarantine.listing(tx)
        quarantine.release(tx, kept.id, NOW)
        assert "ann@example.org/1" in claimed(tx, 3)


@dataclass
class Crowd:
    """What waits, as the test knows it: who wrote what, and how often each was heard since both waited."""

    waiting: dict[str, list[str]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    overtaken: dict[tuple[str, str], int] = field(default_factory=dict)

    def writes(self, sender: str) -> Message:
        number = self.sent[sender] = self.sent.get(sender, 0) + 1
        message = from_(sender, number)
        self.waiting.setdefault(sender, []).append(message.external_id)
        return message

    def is_heard(self, name: str) -> None:
        sender = name.rpartition("/")[0]
        assert self.waiting[sender].pop(0) == name, "a sender's own messages keep their order"
        for other, waits in self.waiting.items():
            if other != sender and waits:
                seen = self.overtaken[sender, other] = self.overtaken.get((sender, other), 0) + 1
                assert seen <= 2, f"{sender} was heard {seen} times while {other} waited"
        for other in self.waiting:
            self.overtaken[other, sender] = 0


SENDERS = [f"{name}@example.org" for name in ("flood", "ann", "bob", "cem")]
steps = st.lists(
    st.one_of(
        st.lists(st.tuples(st.sampled_from(SENDERS), st.integers(1, 12)), min_size=1, max_size=4),
        st.integers(1, 9),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_nobody_is_heard_more_than_twice_while_another_waits_and_everybody_is_heard(store: Store, steps) -> None:
    crowd = Crowd()
    with store.begin() as tx:
        for step in [*steps, *([50] * 30)]:
            if isinstance(step, int):
                for name in claimed(tx, step):
                    crowd.is_heard(name)
            else:
                received(tx, *(crowd.writes(sender) for sender, count in step for _ in range(count)))
        assert not any(crowd.waiting.values())
        tx.rollback()  # so that the next example finds nothing


def plan_of(tx: Tx, statement) -> str:
    asked = statement.compile(tx.engine, compile_kwargs={"literal_binds": True})
    words = "EXPLAIN QUERY PLAN" if tx.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in tx.execute(text(f"{words} {asked}")))


def test_turns_are_looked_up_in_indexes_however_much_waits(store: Store) -> None:
    with store.begin() as tx:
        received(tx, *(from_(f"p{n % 7}@example.org", n) for n in range(4_000)))
    with store.begin() as tx:
        tx.execute(text("ANALYZE inbox"))
        next_, last = plan_of(tx, inbox.next_waiting(64)), plan_of(tx, last_turns([1, 2, 3]))
    assert "ix_inbox_turn" in next_
    assert "ix_inbox_line" in last
    assert [word for word in ("TEMP B-TREE", "Sort", "Seq Scan on inbox") if word in next_ + last] == []
