"""A case, its place in the list, and how a message continues it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.case.verdict import Reason, Verdict


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"  # a message of the customer has no answer yet
    ANSWERED = "answered"  # an agent answered; it is the customer's turn
    RESOLVED = "resolved"  # nothing is left to do
    MERGED = "merged"  # an agent made it a part of another case


class Disposition(StrEnum):
    """What became of a message; every message in the store has exactly one."""

    NEW = "new"  # opened a case
    FOLLOW_UP = "follow-up"  # continued one and said something new
    REPEAT = "repeat"  # continued one and said nothing new
    ROBOT = "robot"  # a machine wrote it: kept, never a case
    SPAM = "spam"  # advertising or fraud: kept, out of the list
    COMMAND = "command"  # "/start", "/status NUMBER": answered, no case
    EMPTY = "empty"  # nothing was said, and no case was open


MAYBE_NEW = ".maybe-new"
"""Ends the code of a reason that joined a message whose subject and text are both new."""


AHEAD = frozenset({"urgency", "claimed", "promise", "kept"})
"""Parts that move a case ahead of the moment its answer is due; all others make that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One named part of a place in the list, in seconds; negative moves the case forward."""

    name: str
    seconds: int
    text: str

    @property
    def goes_ahead(self) -> bool:
        """Tell whether it changes where the case stands and not when its answer is due."""
        return self.name in AHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a case stands in the list, and why.

    Attributes:
        due_at: When a first human answer is due.
        order_key: Seconds since 1970; the list is sorted by it, smallest first. It is exactly the sum of
            `parts`, and no clock changes it.
        parts: Explain `order_key`.
    """

    due_at: datetime
    order_key: int
    parts: tuple[Part, ...]

    @property
    def ahead(self) -> int:
        """Return by how many seconds the case goes ahead of the moment its answer is due: it is no date itself."""
        return -sum(part.seconds for part in self.parts if part.goes_ahead)


class Kept(StrEnum):
    """What became of a waiting time that we told a customer."""

    RUNNING = "running"
    KEPT = "kept"  # an agent answered in time
    BROKEN = "broken"  # nobody did; the case rose, and the customer was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A waiting time that we told a customer.

    Attributes:
        made_at: From when on it counts: when we told it.
        by: Until when a first human answer was to come.
        ahead: How many cases stood before this one then.
    """

    made_at: datetime
    by: datetime
    ahead: int
    state: Kept = Kept.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The decision that a message continues a case.

    Attributes:
        case_id: The case it continues.
        disposition: FOLLOW_UP or REPEAT.
        reason: Why, for the agent; its weight is the strength of the evidence, 0 to 1.
    """

    case_id: int
    disposition: Disposition
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One matter of one person, from first message to answer.

    Attributes:
        id: The store's; 0 before it is stored.
        number: What people say ("T7K-4Q2M9XRC"): carries a keyed check code.
        language: The customer's, as of her last message that told.
        first_unanswered_at: When the oldest message came that no agent answered; None when all are answered.
        first_answered_at: When an agent first answered; None until then.
        answered_at: When an agent last answered.
        follow_ups: Messages since the opening or the last answer that said something new, the first of them aside.
        repeats: Those that said nothing new.
        secret_exposed: A secret of the customer was redacted from this case.
        rating: How the customer liked the help, 1 to 5; None until she told.
        linked_to: The case this one was split from or refers to; 0 for none.
        merged_into: The case that an agent made this one a part of; 0 for none.
        pinned: Fields an agent corrected ("category", "urgency", "topic"): a new message may raise the
            urgency, but changes nothing else of them.
        promise: The waiting time that its customer was told; None: none was.
        claimed: The largest sum its customer spoke of, in US dollars, down to a step of `triage.rules.worth`; 0: none.
        snoozed_until: An agent put it off: until then it is not in the list. Over, or None: it is not put off.
    """

    id: int
    number: str
    status: Status
    person_id: int
    channel: str
    kind: str
    language: str
    summary: str
    verdict: Verdict
    place: Place
    opened_at: datetime
    last_message_at: datetime
    first_unanswered_at: datetime | None = None
    resolved_at: datetime | None = None
    first_answered_at: datetime | None = None
    answered_at: datetime | None = None
    assignee: str = ""
    follow_ups: int = 0
    repeats: int = 0
    secret_exposed: bool = False
    rating: int | None = None
    linked_to: int = 0
    merged_into: int = 0
    pinned: tuple[str, ...] = ()
    promise: Promise | None = None
    snoozed_until: datetime | None = None
    claimed: int = 0
