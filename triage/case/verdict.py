"""What the rules read in a message, and what it was judged to be."""

from dataclasses import asdict, dataclass, field
from enum import IntEnum


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

    def named(self) -> dict[str, list[str]]:
        """Return what is named, by kind, without the kinds of which nothing is."""
        return {kind: list(values) for kind, values in asdict(self).items() if values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the rules read in one message, before anything is judged.

    Attributes:
        text: What the person newly said: subject and body without quotes, signature and HTML. In an answer to us the
            subject is ours and left out.
        language: BCP 47 tag, one of the desk's ("zh-Hans"), or "und".
        references: The identifiers found in `text` and in the subject.
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
        confidence: Calibrated probability of `category`'s first choice, 0 to 1; of what is unsorted, that it is a
            request of that category at all.
        second: The runner-up category and its probability.
        likely: The likeliest topics ("category/topic") and their probabilities, likeliest first, a handful of them:
            how near two messages are in what they are about.
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
    likely: tuple[tuple[str, float], ...] = ()
