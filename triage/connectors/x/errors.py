"""What X's answers mean for the channel: one place for reading, one for sending."""

from triage.connectors.x.client import Refused, Unanswered
from triage.errors import ChannelDown, ChannelError, ChannelRefused, SendRefused, SendUnknown

LONGEST_WAIT = 900.0
"""Seconds: X's windows last 15 minutes; a reset farther away is a wrong clock, here or there."""

DEFAULT_WAIT = 60.0
"""Seconds to wait when X does not say how long, or names a time that is over."""

OUR_APP = {"oauth1-permissions", "client-forbidden", "unsupported-authentication", "not-authorized-for-resource"}
"""Problems of a 403 that a person must settle: they hit every request, not this one reply."""


class Limited(ChannelDown):
    """X makes one kind of request wait; the channel's other requests go on."""


def wait_of(refused: Refused, now: float) -> float:
    """Return the seconds until a limit ends, believable or not: at least 1, at most `LONGEST_WAIT`."""
    left = (refused.reset or 0) - now
    return min(max(1.0, left), LONGEST_WAIT) if left > 0 else DEFAULT_WAIT


def reading_error(channel: str, error: Refused | Unanswered, now: float) -> ChannelError:
    """Return what a question that brought no answer means."""
    if isinstance(error, Unanswered):
        return ChannelDown(channel, str(error))
    common = _common_error(channel, error, now)
    if common:
        return common
    if error.status >= 500 or error.status in (408, 409):
        return ChannelDown(channel, f"X has trouble of its own ({error})")
    return ChannelRefused(channel, f"X refuses the question ({error})")


def sending_error(channel: str, error: Refused | Unanswered, now: float) -> ChannelError:
    """Return what a reply that brought no success means; a duplicate is the caller's to look up."""
    if isinstance(error, Unanswered):
        if error.left:
            return SendUnknown(channel, f"nobody can tell whether the reply went out: {error}")
        return ChannelDown(channel, str(error))
    common = _common_error(channel, error, now)
    if common:
        return common
    if error.status >= 500 or error.status in (408, 409):
        return SendUnknown(channel, f"nobody can tell whether the reply went out: {error}")
    return SendRefused(channel, f"X refuses the reply ({error})")


def is_duplicate(error: Exception) -> bool:
    """Return whether X says that these very words were posted before; it has no code for it, only a sentence."""
    return isinstance(error, Refused) and error.status == 403 and "duplicate" in error.detail.lower()


def _common_error(channel: str, error: Refused, now: float) -> ChannelError | None:
    if error.status == 429:
        wait = wait_of(error, now)
        return Limited(channel, f"X's own limit is reached: wait {wait:.0f} s", wait)
    if error.status == 401:
        return ChannelRefused(channel, f"X refuses the keys ({error})")
    if error.status == 402:
        return ChannelRefused(channel, "the X account has no credits left (402): buy some in the developer console")
    if error.status == 403 and (error.problem in OUR_APP or error.title == "Unsupported Authentication"):
        return ChannelRefused(channel, f"the X app may not do this ({error}): check its permissions")
    return None
