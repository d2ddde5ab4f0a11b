"""What happened, as it is read on: nothing is left out, however many write at once."""

import threading

from builders import NOW, a_message
from store.made import entry

from triage.case import Disposition
from triage.store import Store, cases, events
from triage.store.cases import Changes


def from_a_robot(channel: str) -> Changes:
    message = a_message(channel=channel)
    return Changes(entries=[(message, entry(0, message, disposition=Disposition.ROBOT))])


def test_a_message_that_is_committed_late_is_not_left_out(store: Store) -> None:
    store.run(lambda tx: cases.save(tx, from_a_robot("first"), NOW))
    with store.read() as tx:
        place = events.newest(tx)
    other = threading.Thread(target=lambda: store.run(lambda tx: cases.save(tx, from_a_robot("fast"), NOW)))
    with store.begin() as slow:
        cases.save(slow, from_a_robot("slow"), NOW)
        other.start()
        other.join(timeout=1)  # on both databases it waits for the slow one, or was done before it
        with store.read() as tx:
            seen = events.since(tx, place)
    other.join()
    with store.read() as tx:
        seen += events.since(tx, seen[-1].place if seen else place)
    assert len(seen) == 2
