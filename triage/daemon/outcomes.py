"""What became of the replies that were sent, and what is written down about each as the table of actions says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.daemon.actions import LONGEST_ASKED, Action, action_for
from triage.errors import SendUnknown, TriageError
from triage.message import Reply, Sent
from triage.store import Tx, outbox

OF_ONE_REPLY = (Action.POSTPONE_REPLY, Action.CLOSE_REPLY, Action.DOUBT_REPLY)
"""What is done about one reply, and does not concern its channel."""

FIRST_AGAIN = 5.0
LONGEST_AGAIN = 1800.0
"""Seconds until a reply that did not go out is due again: doubles with its attempts, up to the longest."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one reply: it was sent, or there was an error."""

    reply: Reply
    sent: Sent | None = None
    error: TriageError | None = None


def record(tx: Tx, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down what became of replies, as the table of actions says."""
    outbox.sent(tx, {o.reply.id: o.sent.known_as for o in outcomes if o.sent is not None}, now)
    for outcome in outcomes:
        reply, error = outcome.reply, outcome.error
        if error is None:
            continue
        action = action_for(error)
        if isinstance(error, SendUnknown):
            outbox.unknown(tx, reply.id, error.known_as, str(error), now)
        elif action is Action.CLOSE_REPLY:
            outbox.refused(tx, reply.id, str(error), now)
        elif action in (Action.RETRY, Action.RETRY_SLOWLY, Action.POSTPONE_REPLY):
            outbox.retry(tx, reply.id, now + _later(reply, error), str(error), now)


def trouble(outcomes: Sequence[Outcome]) -> Iterator[TriageError]:
    """Yield what concerns the whole channel, not one reply."""
    for outcome in outcomes:
        if outcome.error is not None and action_for(outcome.error) not in OF_ONE_REPLY:
            yield outcome.error


def _later(reply: Reply, error: TriageError) -> timedelta:
    """Return after what time a reply is due again: one that never goes through must not hold up the others."""
    own = min(FIRST_AGAIN * 2.0 ** min(reply.attempts - 1, 30), LONGEST_AGAIN)
    asked = getattr(error, "retry_after", None) or 0.0
    return timedelta(seconds=max(own, min(asked, LONGEST_ASKED)))
