"""What we make of messages: readings, verdicts, cases and their place in the list. Values only, no I/O."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class Urgency(IntEnum):
    """How soon a person must be touched, whatever the category; comparable."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def label(self) -> str:
        """Return the word that people and programs see ("critical")."""
        return self.name.lower()


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class Disposition(StrEnum):
    """What became of a message; every message in the store has exactly one."""

    NEW = "new"  # opened a case
    FOLLOW_UP = "follow-up"  # continued one and said something new
    REPEAT = "repeat"  # continued one and said nothing new
    ROBOT = "robot"  # a machine wrote it: kept, never a case
    SPAM = "spam"  # advertising or fraud: kept, out of the list
    COMMAND = "command"  # "/start", "/status NUMBER": answered, no case
    EMPTY = "empty"  # nothing was said, and no case was open


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that speaks for a decision.

    Attributes:
        code: Never changes, for programs ("rule.leaked-key", "word").
        text: One clause for people ("says that a recovery phrase was entered on a site").
        weight: How much it counted, in the decision's own unit; 0 when it decided alone.
    """

    code: str
    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What a text names exactly, checked by checksum where one exists; in order of appearance, no doubles.

    Attributes:
        case_numbers: Claimed case numbers in canonical form; whether they are true is not known yet.
        transactions: Transaction ids or hashes.
        addresses: Wallet addresses.
        amounts: Amounts with their coin ("700 USDT").
        coins: Tickers ("BTC").
        networks: "TRON", "Ethereum", ...
        emails: Mail addresses named in the text.
        orders: Order, ticket or invoice numbers of other systems.
    """

    case_numbers: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    coins: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the rules read in one message, before anything is judged.

    Attributes:
        text: What the person newly said: subject and body without quotes, signature and HTML.
        language: BCP 47 tag, one of the desk's ("zh-Hans"), or "und".
        references: The identifiers found in `text`.
        robot: Why a machine is held to be the writer; None for a person.
        authentic: Our own mail server vouches for the sender; None when nobody can tell.
    """

    text: str
    language: str
    references: References = field(default_factory=References)
    robot: Reason | None = None
    authentic: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a message is about and how urgent it is.

    Attributes:
        nature: "request"; "other" for mail that is not for this desk (a case all the same); or "spam", "thanks",
            "empty" for what asks for nothing.
        category: One of the model's categories, or "unsorted" below its threshold.
        topic: Second level under the category, or empty.
        confidence: Calibrated probability of `category`'s first choice, 0 to 1.
        second: The runner-up category and its probability.
        reasons: What decided, strongest first.
        model: The model's version; "rules" when no model was usable.
    """

    nature: str
    category: str
    topic: str
    urgency: Urgency
    confidence: float
    model: str
    second: tuple[str, float] | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One named part of a place in the list, in seconds; negative moves the case forward."""

    name: str
    seconds: int
    text: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The decision that a message continues a case.

    Attributes:
        case_id: The case it continues.
        disposition: FOLLOW_UP or REPEAT.
        reason: Why, for the agent.
        maybe_new: The evidence is a header, yet subject and text are new: an agent may split it off.
    """

    case_id: int
    disposition: Disposition
    reason: Reason
    maybe_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One matter of one person, from first message to answer.

    Attributes:
        id: The store's; 0 before it is stored.
        number: What people say ("T7K-4Q2M9XRC"): carries a keyed check code.
        language: The customer's, as of her last message that told.
        first_unanswered_at: When the oldest message came that no agent answered; None when all are answered.
        follow_ups: Messages after the first that said something new.
        repeats: Messages that said nothing new.
        secret_exposed: A secret of the customer was redacted from this case.
        linked_to: The case this one was split from or refers to; 0 for none.
        pinned: Fields an agent corrected ("category", "urgency", "topic"): a new message may raise the
            urgency, but changes nothing else of them.
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
    assignee: str = ""
    follow_ups: int = 0
    repeats: int = 0
    secret_exposed: bool = False
    linked_to: int = 0
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stored message, as its case shows it.

    Attributes:
        id: The store's; 0 before it is stored.
        case_id: 0 for a message that belongs to no case (robot, spam, command).
        why: Why it has this disposition.
        acknowledged: Why an acknowledgement was queued, or why none.
        text: Everything the sender wrote, secrets replaced.
        new_text: Without quotes and signature.
        redacted: What kinds of secrets were replaced.
    """

    case_id: int
    channel: str
    kind: str
    external_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    new_text: str
    language: str
    received_at: datetime
    disposition: Disposition
    why: Reason
    acknowledged: str = ""
    redacted: tuple[str, ...] = ()
    sent_at: datetime | None = None
    verdict: Verdict | None = None
    attachments: tuple[str, ...] = ()
    id: int = 0
