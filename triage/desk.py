"""What one desk has decided: its name, key, languages, targets, limits and texts, as one immutable value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from triage import replies
from triage.case import Reading, Urgency
from triage.message import Message
from triage.replies import Replies
from triage.rules import case_number, followup
from triage.rules.acknowledge import Limits
from triage.rules.automatic import Own
from triage.rules.language import LANGUAGES
from triage.rules.priority import Targets
from triage.rules.reading import read
from triage.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything the decisions need that is the same for every message.

    Attributes:
        name: What customers know us by.
        keys: Keys of the case numbers' check code; the first signs, all are accepted.
        replies: The canned texts.
        own: Our own addresses and Message-ID domains.
        trusted: Mail servers whose Authentication-Results we believe.
        answer_unauthenticated: Acknowledge mail whose sender nobody vouches for.
        answers_through: Channel name to the channel that sends its replies; absent: nothing is sent.
        languages: Languages a message may be in.
        window: How far back a guess looks for an open case.
        longest_limit: The longest span that `limits` counts over.
    """

    name: str
    keys: tuple[bytes, ...]
    replies: Replies
    own: Own
    trusted: tuple[str, ...] = ()
    answer_unauthenticated: bool = True
    answers_through: Mapping[str, str] = field(default_factory=dict)
    targets: Targets = field(default_factory=Targets)
    limits: Limits = field(default_factory=Limits)
    languages: tuple[str, ...] = LANGUAGES
    window: timedelta = followup.WINDOW
    longest_limit: timedelta = timedelta(days=7)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Desk":
        """Return the desk that a configuration describes; raises `ConfigError` when its key or texts cannot be used."""
        desk = settings.desk
        addresses = frozenset(a.casefold() for a in (*desk.own_addresses, *_channel_addresses(settings)))
        hours = settings.targets
        return cls(
            name=desk.name,
            keys=tuple(key.read().encode() for key in (desk.key, *desk.old_keys)),
            replies=replies.load(settings.replies.folder, desk.languages),
            own=Own(addresses=addresses, domains_of_message_ids=frozenset(a.rpartition("@")[2] for a in addresses)),
            trusted=desk.trusted_authserv,
            answer_unauthenticated=desk.answer_unauthenticated,
            answers_through={
                name: through for name in settings.channels if (through := settings.answers_through(name))
            },
            targets=Targets(
                hours={u: hours.within("", u.label).total_seconds() / 3600 for u in Urgency},
                by_channel={
                    name: {u: hours.within(name, u.label).total_seconds() / 3600 for u in Urgency}
                    for name in hours.channels
                },
            ),
            limits=Limits(
                per_day=settings.limits.per_day,
                per_week=settings.limits.per_week,
                per_minute_total=settings.limits.per_minute_total,
                commands_per_day=settings.limits.commands_per_day,
            ),
        )

    def read(self, message: Message) -> Reading:
        """Return what the rules read in a message."""
        return read(message, own=self.own, trusted=self.trusted, languages=self.languages)

    def number(self, case_id: int) -> str:
        """Return the number of a case, with its check code."""
        return case_number.case_number(case_id, self.keys[0])

    def case_ids(self, reading: Reading) -> tuple[int, ...]:
        """Return the ids of the cases whose numbers are quoted with a true check code, in order.

        Every path that looks a number up goes through here.
        """
        found = (case_number.case_id_of(number, self.keys) for number in reading.references.case_numbers)
        return tuple(case_id for case_id in found if case_id is not None)

    @staticmethod
    def references_of(reading: Reading) -> dict[str, list[str]]:
        """Return the references that were found, by kind, without the empty kinds."""
        return {name: list(found) for name, found in asdict(reading.references).items() if found}


def _channel_addresses(settings: Settings) -> list[str]:
    """Return the mail addresses our channels write from."""
    found = (getattr(channel.settings, "address", None) for channel in settings.channels.values())
    return [address for address in found if isinstance(address, str)]
