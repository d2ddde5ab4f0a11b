"""How many places one sender may hold: a flood of matters from one person makes few cases."""

from collections.abc import Sequence

from triage.case import MAYBE_NEW, Case, Disposition, FollowUp, Reading, Reason, Status, Verdict
from triage.message import Message
from triage.rules.followup import says_nothing_new


def crowded(own: Sequence[Case], most: int) -> Case | None:
    """Return the case that takes in whatever else its person writes, because `most` of hers are open; or None.

    It is the one that stands first, so that a cry for help is not laid under an older question.
    """
    waiting = [case for case in own if case.status is Status.OPEN]
    if not most or len(waiting) < most:
        return None
    return min(waiting, key=lambda case: (case.place.order_key, case.id))


def joined(
    message: Message, reading: Reading, verdict: Verdict, case: Case, before: Sequence[str], count: int
) -> FollowUp:
    """Return the decision that a message which would open one case too many continues `case`; it can be split off."""
    nothing_new = says_nothing_new(message, reading, verdict, before)
    text = f"its writer has {count} open cases already; maybe a new matter"
    return FollowUp(
        case_id=case.id,
        disposition=Disposition.REPEAT if nothing_new else Disposition.FOLLOW_UP,
        reason=Reason(code=f"crowded{MAYBE_NEW}", text=text, weight=0.0),
    )
