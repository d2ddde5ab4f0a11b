"""A waiting time that a customer was told: how it ends, and what that does to her case."""

from dataclasses import replace
from datetime import datetime

from triage.case import Case, Kept, Promise


def ended(promise: Promise | None, now: datetime) -> Promise | None:
    """Return a promise after the case was answered or closed."""
    if promise is None or promise.state is not Kept.RUNNING:
        return promise
    return replace(promise, state=Kept.KEPT if now <= promise.by else Kept.BROKEN)


def resumed(promise: Promise | None) -> Promise | None:
    """Return a promise after it turned out that the case was not answered: what was announced stays broken."""
    return replace(promise, state=Kept.RUNNING) if promise is not None and promise.state is Kept.KEPT else promise


def sooner(one: Promise | None, other: Promise | None) -> Promise | None:
    """Return the promise that ends first of those that still run; else the first there is."""
    running = [p for p in (one, other) if p is not None and p.state is Kept.RUNNING]
    return min(running, key=lambda promise: promise.by) if running else one or other


def is_late(case: Case) -> bool:
    """Tell whether the customer waits for an answer for longer than she was told."""
    since, promise = case.first_unanswered_at, case.promise
    if promise is None or promise.state is not Kept.BROKEN or since is None:
        return False
    # A message after an answer waits anew; nobody told it anything.
    return since <= promise.by
