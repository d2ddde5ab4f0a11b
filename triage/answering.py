"""What we say by ourselves: acknowledgements, and answers to commands; decided by the rules, put into words here.

An `Answering` lasts for one batch and counts what it queues, so that the limits hold within the batch too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.case import Case, Disposition, Promise, Reading, Reason, Status, Urgency
from triage.desk import Desk
from triage.message import Message, Reply
from triage.replies import Fact
from triage.rules import acknowledge, lifecycle, missing, rating
from triage.rules.acknowledge import WARNING, Acknowledgement, Spent
from triage.rules.commands import STATUS
from triage.rules.forecast import Forecast
from triage.rules.mail_domains import domain_of
from triage.store.spent import Lately

TELL_HOW_LONG = frozenset({"acknowledgement", WARNING})
"""Texts that say how long an answer will take."""

SWITCHED_OFF = Reason(code="silent.switched-off", text="automatic replies are switched off on this channel")
DEAD = Reason(code="silent.dead", text="mail to this address comes back")


@dataclass(slots=True, kw_only=True)
class Answering:
    """The automatic replies of one batch.

    Attributes:
        now: When the replies are written.
        lately: What was said to the senders of the batch before it.
        asked: `Address.key` to how many of its commands were answered within a day.
        forecast: What the queue is like; None where nobody looked.
        dead: `Address.key`s whose mail comes back.
        replies: What is to be sent, in order.
        promises: Case id to the waiting time that its customer is told now.
    """

    desk: Desk
    now: datetime
    lately: Lately = field(default_factory=Lately)
    asked: Mapping[str, int] = field(default_factory=dict)
    forecast: Forecast | None = None
    dead: frozenset[str] = frozenset()
    replies: list[Reply] = field(default_factory=list)
    promises: dict[int, Promise] = field(default_factory=dict)
    _asked: dict[str, int] = field(init=False)
    _spent: dict[str, list[datetime]] = field(init=False)
    _warned: dict[str, list[datetime]] = field(init=False)
    _domains: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        """Copy what the batch will change."""
        self._asked = dict(self.asked)
        self._spent = {key: list(times) for key, times in self.lately.to_address.items()}
        self._warned = {key: list(times) for key, times in self.lately.warnings.items()}
        self._domains = Counter(self.lately.to_domain)

    def acknowledge(
        self, message: Message, reading: Reading, case: Case, disposition: Disposition, *, exposed: bool
    ) -> Reason:
        """Queue what answers a message of a case, if anything may; return why, or why not."""
        if message.channel in self.desk.silent:
            return SWITCHED_OFF
        if message.sender.key in self.dead:
            return DEAD
        key = message.sender.key
        domain = domain_of(key)
        answer = acknowledge.decide(
            message,
            reading,
            case,
            disposition,
            redacted=exposed,
            answerable=message.channel in self.desk.answers_through,
            answer_unauthenticated=self.desk.answer_unauthenticated,
            limits=self.desk.limits,
            spent=Spent(to_sender=self._spent.get(key, ()), to_domain=self._domains[domain]),
            warned=Spent(to_sender=self._warned.get(key, ()), to_domain=self._domains[domain]),
        )
        if answer.text:
            not_before = None if answer.text == WARNING else self._after_quiet(case)
            facts = self._facts(message, reading, case)
            if answer.text in TELL_HOW_LONG:
                facts |= self._promise(message, case, not_before or self.now)
            self._queue(message, case.language, answer, facts, case_id=case.id, not_before=not_before)
            self._spent.setdefault(key, []).append(message.received_at)
            if answer.text == WARNING:
                self._warned.setdefault(key, []).append(message.received_at)
            self._domains[domain] += bool(domain)
        return answer.why

    def joined(self, case: Case) -> None:
        """Count a new case: those after it in the batch stand behind it."""
        if self.forecast is not None:
            self.forecast.joined(case.place.order_key)

    def command(self, message: Message, reading: Reading, command: str, cases: Sequence[Case]) -> Reason:
        """Queue the answer to a command, "status" or any other, which "start" answers; return why, or why not.

        `cases` holds the sender's own cases that she asks for; none makes the number unknown. Commands have a limit
        of their own: they do not use up what acknowledgements may spend.
        """
        key, limits = message.sender.key, self.desk.limits
        if (silent := self._silence(message, reading)) is not None:
            return silent
        if command.startswith(rating.TAP):
            return Reason(code="silent.nothing-to-rate", text="no case of hers waits for a rating")
        most = limits.mailed_commands_per_day if message.kind == "email" else limits.commands_per_day
        if self._asked.get(key, 0) >= most:
            return Reason(code="silent.limit-commands", text="this address sent too many commands within a day")
        self._asked[key] = self._asked.get(key, 0) + 1
        name, facts = self._status(message, reading, cases) if command == STATUS else ("start", {})
        why = Reason(code="ack.command", text=f"/{command}")
        answer = Acknowledgement(why=why, text=name, key=f"command:{message.keys[0]}")
        self._queue(message, reading.language, answer, facts)
        return why

    def rated(self, message: Message, reading: Reading, case: Case) -> Reason:
        """Queue our thanks for a rating in a chat, where silence looks like a fault; return why, or why not."""
        why = self._silence(message, reading)
        if why is None and message.kind == "email":
            why = Reason(code="silent.rating", text="a rating by mail needs no answer")
        if why is None:
            why = Reason(code="ack.rating", text="a rating")
            answer = Acknowledgement(why=why, text="rated", key=f"{case.id}:rated")
            self._queue(message, case.language, answer, {}, case_id=case.id)
        return why

    def _silence(self, message: Message, reading: Reading) -> Reason | None:
        """Return why a command is not answered, or None."""
        if message.channel in self.desk.silent:
            return SWITCHED_OFF
        if message.sender.key in self.dead:
            return DEAD
        return acknowledge.silence(
            message,
            reading,
            answerable=message.channel in self.desk.answers_through,
            answer_unauthenticated=self.desk.answer_unauthenticated,
        )

    def _facts(self, message: Message, reading: Reading, case: Case) -> dict[str, Fact]:
        """Return what a text about a case is filled with: facts of ours, and the names of what is missing."""
        language = self.desk.replies.language_for(case.language)
        topic = case.verdict.topic
        return {
            "number": case.number,
            "missing": missing.missing(topic, message, reading),
            "faq": self.desk.help_page(topic, language),
            "stolen": topic in missing.STOLEN,
        }

    def _promise(self, message: Message, case: Case, told_at: datetime) -> dict[str, Fact]:
        """Return how long it will take, told at a moment, and keep it as a promise of ours."""
        language, targets = self.desk.replies.language_for(case.language), self.desk.targets
        matter = lifecycle.matter_of(case)
        latest = targets.due(matter, told_at, targets.seconds(matter))
        low, ahead = 0.0, 0
        if self.forecast is not None:
            ahead = self.forecast.ahead(case.place.order_key)
            wait = self.forecast.waiting(matter, case.place.order_key, targets.calendar_of(matter), told_at)
            if wait is not None:
                low, latest = (wait.earliest - told_at).total_seconds(), wait.latest
        high = self.desk.replies.longest((latest - told_at).total_seconds())
        promise = Promise(made_at=told_at, by=told_at + timedelta(seconds=high), ahead=ahead)
        if not self.desk.dry_run:
            self.promises[case.id] = promise
        return {
            "wait": self.desk.replies.waiting(language, low, high),
            "by": self._in_her_zone(message, promise.by, language),
        }

    def _after_quiet(self, case: Case) -> datetime | None:
        """Return when the quiet hours end that a text about a case waits for; None if it does not wait.

        Who is being robbed is told at once what to do; and a text that an agent's answer may overtake is not held.
        """
        end = self.desk.quiet_until(self.now)
        if end is None or case.verdict.urgency is Urgency.CRITICAL:
            return None
        return end if case.place.due_at > end else None

    def _in_her_zone(self, message: Message, moment: datetime, language: str) -> str:
        """Return a moment in the customer's words, in the zone that her mail names; "" if it names none.

        Zero is what a server writes that knows nothing of its users, so it names none.
        """
        zone = message.sent_at.tzinfo if message.sent_at and message.sent_at.utcoffset() else None
        if zone is None:
            return ""
        return self.desk.replies.moment(language, moment.astimezone(zone))

    def _status(self, message: Message, reading: Reading, cases: Sequence[Case]) -> tuple[str, dict[str, Fact]]:
        if not cases:
            return "status-unknown", {}
        case = cases[0]
        end = case.promise.by if case.promise is not None else case.place.due_at
        left = int((end - message.received_at).total_seconds())
        waits = "late" if left <= 0 else "open"
        return "status", {
            "number": case.number,
            "state": waits if case.status is Status.OPEN else case.status.value,
            "wait": self.desk.replies.waiting(self.desk.replies.language_for(reading.language), 0, max(left, 60)),
        }

    def _queue(
        self,
        message: Message,
        language: str,
        answer: Acknowledgement,
        facts: Mapping[str, Fact],
        *,
        case_id: int = 0,
        not_before: datetime | None = None,
    ) -> None:
        reply = self.desk.reply(
            message,
            answer.text,
            key=answer.key,
            language=language,
            now=self.now,
            facts=facts,
            case_id=case_id,
            not_before=not_before,
        )
        self.replies.append(reply)
