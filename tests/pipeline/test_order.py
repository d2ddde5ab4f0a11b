"""The order of the list comes from what people wrote and when, not from how it was handed over."""

import random
from datetime import timedelta

import pytest
from builders import NOW
from rooms import Room

from triage.store import Store, upgrade

STORIES = (
    "My withdrawal is stuck since yesterday, it is still pending.",
    "I sent you my documents for the verification and nobody looked at them.",
    "It would be nice to have a dark mode.",
    "My wallet was hacked and all my ETH was stolen an hour ago.",
)
LATER = (
    "Now it shows error 17 on my phone.",
    "Any news?",
    "Now my funds are gone too, somebody moved them!",
    "Any news?",
)


def a_day(room):
    """Return what eight people wrote within a day, in the order in which it came."""
    chance = random.Random(7)
    heard = []
    for n in range(8):
        at, known = NOW + timedelta(minutes=chance.randrange(300)), (f"<{n}@example.org>",)
        sender = f"p{n}@example.org"
        heard.append(room.mail(STORIES[n % 4], sender=sender, received_at=at, known_as=known))
        for k, text in enumerate(LATER[: n % 5]):
            at += timedelta(minutes=chance.randrange(5, 200))
            heard.append(
                room.mail(f"{text}", sender=sender, received_at=at, known_as=(f"<{n}.{k}@e>",), refers_to=known)
            )
    return sorted(heard, key=lambda message: message.received_at)


@pytest.fixture
def new_room(tmp_path, desk, judge):
    made = []

    def make():
        store = Store(f"sqlite:///{tmp_path}/{len(made)}.db")
        upgrade.upgrade(store)
        made.append(store)
        return Room(store=store, desk=desk, judge=judge)

    yield make
    for store in made:
        store.close()


def test_the_order_does_not_depend_on_how_messages_were_batched(new_room):
    orders = []
    for seed in range(4):
        room, chance = new_room(), random.Random(seed)
        heard, at = a_day(room), 0
        room.now = NOW + timedelta(days=1)
        while at < len(heard):
            size = len(heard) if seed == 0 else chance.randrange(1, 6)
            room.hear(*heard[at : at + size])
            at += size
        orders.append([(c.place, c.follow_ups, c.repeats, c.verdict.urgency) for c in room.cases()])
    assert len(orders[0]) == 8
    assert all(order == orders[0] for order in orders)


def test_nobody_goes_back_by_writing(new_room):
    room = new_room()
    keys: dict[int, int] = {}
    for message in a_day(room):
        room.hear(message)
        for case in room.cases():
            assert case.place.order_key <= keys.get(case.id, case.place.order_key)
            assert sum(part.seconds for part in case.place.parts) == case.place.order_key
            keys[case.id] = case.place.order_key
