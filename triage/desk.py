"""What one desk has decided: its name, key, languages, targets, limits and texts, as one immutable value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage import replies
from triage.case import Reading
from triage.message import Message, Reply
from triage.replies import FALLBACK, Fact, Replies
from triage.rules import case_number, followup
from triage.rules.acknowledge import Limits
from triage.rules.automatic import Own
from triage.rules.language import LANGUAGES
from triage.rules.own_words import OwnWords
from triage.rules.quiet import Quiet
from triage.rules.reading import read
from triage.rules.surges import Sensitivity
from triage.rules.targets import Targets
from triage.sealing import PLAIN, Guarding
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
        faq: Topic to its help pages by language; "" is the language of one that is for all.
        silent: Channels on which nothing is said by ourselves.
        quiet: When what we say by ourselves waits; None for never.
        asks_rating: Customers are asked how they liked our help.
        dry_run: Everything is decided and kept, and nothing is sent.
        window: How far back a guess looks for an open case.
        guarding: What becomes of secrets.
        surges: When a burst is proposed as an incident.
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
    faq: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    quiet: Quiet | None = None
    asks_rating: bool = False
    dry_run: bool = False
    guarding: Guarding = PLAIN
    window: timedelta = followup.WINDOW
    surges: Sensitivity = field(default_factory=Sensitivity)
    longest_limit: timedelta = timedelta(days=7)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Desk":
        """Return the desk that a configuration describes; raises `ConfigError` when its key or texts cannot be used."""
        desk = settings.desk
        addresses = frozenset(a.casefold() for a in (*desk.own_addresses, *_channel_addresses(settings)))
        texts = replies.load(settings.replies.folder, desk.languages)
        return cls(
            name=desk.name,
            keys=tuple(key.read().encode() for key in (desk.key, *desk.old_keys)),
            replies=texts,
            own=Own(
                addresses=addresses,
                domains_of_message_ids=frozenset(a.rpartition("@")[2] for a in addresses),
                words=OwnWords(replies.sources(settings.replies.folder, texts.languages)),
            ),
            trusted=desk.trusted_authserv,
            answer_unauthenticated=(
                not desk.trusted_authserv if desk.answer_unauthenticated is None else desk.answer_unauthenticated
            ),
            faq=settings.replies.pages(),
            silent=frozenset(settings.replies.silent),
            quiet=settings.replies.quiet(),
            asks_rating=settings.replies.rating,
            dry_run=settings.replies.dry_run,
            guarding=settings.guard.guarding(),
            answers_through={
                name: through for name in settings.channels if (through := settings.answers_through(name))
            },
            targets=settings.targets.targets(settings.calendars),
            surges=Sensitivity(at_least=settings.incidents.at_least, times=settings.incidents.times),
            limits=Limits(
                per_day=settings.limits.per_day,
                per_week=settings.limits.per_week,
                per_domain_per_day=settings.limits.per_domain_per_day,
                per_minute_total=settings.limits.per_minute_total,
                open_cases=settings.limits.open_cases,
                commands_per_day=settings.limits.commands_per_day,
            ),
        )

    def read(self, message: Message) -> Reading:
        """Return what the rules read in a message."""
        return read(message, own=self.own, trusted=self.trusted, languages=self.languages)

    def help_page(self, topic: str, language: str) -> str:
        """Return the address of the page that may answer a question on its own, or "" if there is none."""
        pages = self.faq.get(topic, {})
        return next((pages[tag] for tag in (language, "", FALLBACK) if tag in pages), "")

    def reply(
        self,
        message: Message,
        name: str,
        *,
        key: str,
        language: str,
        now: datetime,
        facts: Mapping[str, Fact],
        case_id: int = 0,
        not_before: datetime | None = None,
    ) -> Reply:
        """Return one of our texts as the reply to a message, in the nearest language that we have.

        The channel of the message must be one that is answered (`answers_through`).
        """
        tag = self.replies.language_for(language)
        subject, text = self.replies.render(name, tag, desk=self.name, **facts)
        return Reply(
            key=key,
            kind=name,
            channel=self.answers_through[message.channel],
            to=message.sender,
            text=text,
            language=tag,
            created_at=now,
            subject=subject,
            reply_to=message.reply_to,
            in_reply_to=(*message.known_as, *message.refers_to),
            case_id=case_id,
            not_before=not_before,
        )

    def may_speak_first(self, message: Message) -> bool:
        """Tell whether we may write by ourselves to who wrote this, long after: she can be answered, and in private."""
        through = message.channel in self.answers_through and message.channel not in self.silent
        return through and bool(message.sender.value) and not message.public

    def quiet_until(self, moment: datetime) -> datetime | None:
        """Return when the quiet hours end that a moment lies in; None when it lies in none."""
        return self.quiet.until(moment) if self.quiet is not None else None

    def number(self, case_id: int) -> str:
        """Return the number of a case, with its check code."""
        return case_number.case_number(case_id, self.keys[0])

    def case_ids(self, reading: Reading) -> tuple[int, ...]:
        """Return the ids of the cases whose numbers are quoted with a true check code, in order.

        Every path that looks a number up goes through here.
        """
        found = (case_number.case_id_of(number, self.keys) for number in reading.references.case_numbers)
        return tuple(case_id for case_id in found if case_id is not None)


def _channel_addresses(settings: Settings) -> list[str]:
    """Return the mail addresses our channels write from."""
    found = (getattr(channel.settings, "address", None) for channel in settings.channels.values())
    return [address for address in found if isinstance(address, str)]
