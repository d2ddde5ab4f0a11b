"""What we say by ourselves: acknowledgements, and answers to commands; decided by the rules, put into words here.

An `Answering` lasts for one batch and counts what it queues, so that the limits hold within the batch too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.case import Case, Disposition, Reading, Reason, Status
from triage.desk import Desk
from triage.message import Message, Reply
from triage.replies import waiting_time
from triage.rules import acknowledge
from triage.rules.acknowledge import Acknowledgement, Spent


@dataclass(slots=True, kw_only=True)
class Answering:
    """The automatic replies of one batch.

    Attributes:
        now: When the replies are written.
        spent: `Address.key` (and "" for all) to when acknowledgements were queued before, oldest first.
        asked: `Address.key` to how many of its commands were answered within a day.
        replies: What is to be sent, in order.
    """

    desk: Desk
    now: datetime
    spent: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    _asked: dict[str, int] = field(init=False)
    _spent: dict[str, list[datetime]] = field(init=False)

    def __post_init__(self) -> None:
        """Copy what the batch will change."""
        self._asked = dict(self.asked)
        self._spent = {key: list(times) for key, times in self.spent.items()}

    def acknowledge(
        self, message: Message, reading: Reading, case: Case, disposition: Disposition, *, exposed: bool
    ) -> Reason:
        """Queue what answers a message of a case, if anything may; return why, or why not."""
        answer = acknowledge.decide(
            message,
            reading,
            case,
            disposition,
            redacted=exposed,
            answerable=message.channel in self.desk.answers_through,
            answer_unauthenticated=self.desk.answer_unauthenticated,
            limits=self.desk.limits,
            spent=Spent(to_sender=self._spent.get(message.sender.key, ()), to_anybody=self._spent.get("", ())),
        )
        if answer.text:
            wait = self.desk.targets.seconds(case.verdict.urgency, case.channel)
            self._queue(message, case.language, answer, {"number": case.number}, wait=wait, case_id=case.id)
            for key in (message.sender.key, ""):
                self._spent.setdefault(key, []).append(message.received_at)
        return answer.why

    def command(self, message: Message, reading: Reading, cases: Sequence[Case]) -> Reason:
        """Queue the answer to "/start" or "/status"; return why, or why not.

        `cases` holds the sender's own cases that she asks for; none makes the number unknown. Commands have a limit
        of their own: they do not use up what acknowledgements may spend.
        """
        key = message.sender.key
        if message.channel not in self.desk.answers_through:
            return Reason(code="silent.no-way-back", text="the channel sends no replies")
        if self._asked.get(key, 0) >= self.desk.limits.commands_per_day:
            return Reason(code="silent.limit-commands", text="this address sent too many commands within a day")
        self._asked[key] = self._asked.get(key, 0) + 1
        name, facts = ("start", {}) if message.command != "status" else self._status(message, reading, cases)
        why = Reason(code="ack.command", text=f"/{message.command}")
        answer = Acknowledgement(why=why, text=name, key=f"command:{message.keys[0]}")
        self._queue(message, reading.language, answer, facts)
        return why

    def _status(self, message: Message, reading: Reading, cases: Sequence[Case]) -> tuple[str, dict[str, str]]:
        if not cases:
            return "status-unknown", {}
        case = cases[0]
        left = int((case.place.due_at - message.received_at).total_seconds())
        state = "late" if left <= 0 else "open"
        return "status", {
            "number": case.number,
            "state": state if case.status is Status.OPEN else "resolved",
            "wait": waiting_time(max(left, 60), self.desk.replies.language_for(reading.language)),
        }

    def _queue(
        self,
        message: Message,
        language: str,
        answer: Acknowledgement,
        facts: Mapping[str, str],
        *,
        wait: int = 0,
        case_id: int = 0,
    ) -> None:
        language = self.desk.replies.language_for(language)
        facts = {"desk": self.desk.name, "wait": waiting_time(wait, language), **facts}
        subject, text = self.desk.replies.render(answer.text, language, **facts)
        self.replies.append(
            Reply(
                key=answer.key,
                kind=answer.text,
                channel=self.desk.answers_through[message.channel],
                to=message.sender,
                text=text,
                language=language,
                created_at=self.now,
                subject=subject,
                reply_to=message.reply_to,
                in_reply_to=(*message.known_as, *message.refers_to),
                case_id=case_id,
            )
        )
