"""The leases of this process: who may read an account, work the inbox, send for an account. One holder each."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from triage.store import Store, Tx, leases

TIME_TO_LIVE = timedelta(seconds=30)
"""So long does a lease of a process on another machine outlive it."""

RENEWAL = 10.0
"""Seconds between two renewals."""

TRIAGE = "triage"


def reading(channel: str) -> str:
    """Return the name of the lease to pull from a channel."""
    return f"acc/{channel}"


def sending(channel: str) -> str:
    """Return the name of the lease to send through a channel."""
    return f"send/{channel}"


def telling(webhook: str) -> str:
    """Return the name of the lease to tell a webhook."""
    return f"hook/{webhook}"


class Leases:
    """The leases that one process holds, all or none. Every method but `fence` blocks."""

    def __init__(self, store: Store, names: Iterable[str]) -> None:
        """Name the leases; none is held yet."""
        self._store = store
        self._names = tuple(names)
        self._epochs: dict[str, int] = {}

    def acquire(self, now: datetime) -> None:
        """Take all of them; raises `InUse`, which names the holder, and takes none when one is held."""
        holder = leases.this_process()
        self._epochs = self._store.run(
            lambda tx: {name: leases.acquire(tx, name, holder, now, TIME_TO_LIVE) for name in self._names}
        )

    def renew(self, now: datetime) -> None:
        """Hold them for another `TIME_TO_LIVE`; raises `LeaseLost` when one was taken over."""

        def work(tx: Tx) -> None:
            for name, epoch in self._epochs.items():
                leases.renew(tx, name, epoch, now, TIME_TO_LIVE)

        self._store.run(work)

    def fence(self, name: str) -> Callable[[Tx], None]:
        """Return what raises `LeaseLost` inside a transaction if the lease `name` is no longer ours."""
        return lambda tx: leases.fence(tx, name, self._epochs[name])

    def release(self) -> None:
        """Give all of them up, so that another process need not wait."""
        held, self._epochs = self._epochs, {}

        def work(tx: Tx) -> None:
            for name, epoch in held.items():
                leases.release(tx, name, epoch)

        if held:
            self._store.run(work)
