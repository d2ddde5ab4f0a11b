"""Settling a batch: each message finds its case, its place and its answer, in order, before anything is written.

A `Settling` holds what the store knew when the batch began, and what the batch has changed since, so that the
second message of a person finds the case that her first one opened a moment ago. It does no I/O: the pipeline
gives it what it needs and writes what it returns.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from triage.answering import Answering
from triage.case import Case, Disposition, Entry, FollowUp, Reading, Reason, Verdict
from triage.desk import Desk
from triage.message import Message
from triage.rules import lifecycle
from triage.rules.followup import Evidence, Match, find_follow_up
from triage.store.cases import Changes, Known
from triage.store.inbox import Waiting

NO_ANSWER = Reason(code="silent.no-case", text="it belongs to no case")


def thread_keys(message: Message) -> tuple[str, ...]:
    """Return every key by which an earlier message's case could be found, nearest first.

    A conversation on X holds many people, so it is a key only together with its writer.
    """
    place = (f"{message.conversation}|{message.sender.key}",) if message.kind == "x" and message.conversation else ()
    return (*message.refers_to, *message.known_as, *place)


@dataclass(slots=True, kw_only=True)
class Settling:
    """The working set of one batch.

    Attributes:
        new_ids: Ids for the cases that the batch opens.
        persons: `Address.key` to person.
        known: What the store holds that could matter.
        answers: Decides what we say by ourselves, and collects it.
        links: (`Address.key`, person): addresses that proved to be a person's by a case number.
    """

    desk: Desk
    answers: Answering
    new_ids: range
    persons: Mapping[str, int] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    links: list[tuple[str, int]] = field(default_factory=list)
    _ids: Iterator[int] = field(init=False)
    _cases: dict[int, Case] = field(init=False)
    _own: dict[int, list[int]] = field(init=False)
    _threads: dict[str, int] = field(init=False)
    _texts: dict[int, tuple[str, ...]] = field(init=False)
    _people: dict[int, frozenset[str]] = field(init=False)
    _languages: dict[int, str] = field(init=False)
    _opened: dict[int, None] = field(default_factory=dict)
    _touched: dict[int, None] = field(default_factory=dict)
    _entries: list[tuple[Message, Entry]] = field(default_factory=list)
    _new_threads: list[tuple[str, int]] = field(default_factory=list)
    _joined: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Copy what the batch will change."""
        self._ids = iter(self.new_ids)
        self._cases = dict(self.known.cases)
        self._own = {person: list(ids) for person, ids in self.known.by_person.items()}
        self._threads = dict(self.known.by_thread)
        self._texts = dict(self.known.recent_texts)
        self._people = dict(self.known.participants)
        self._languages = dict(self.known.recent_languages)

    def settle(self, waiting: Waiting, reading: Reading, verdict: Verdict) -> Entry:
        """Decide one message and remember the outcome; return its entry."""
        message = waiting.message
        if reading.robot is not None:
            return self._outside(waiting, reading, verdict, Disposition.ROBOT, reading.robot)
        reading = self._with_language(message, reading)
        if _is_command(message, reading):
            return self._command(waiting, reading, verdict)
        match = find_follow_up(message, reading, verdict, self._evidence(message, reading))
        if match.follow_up is not None:
            return self._continue(waiting, reading, verdict, match.follow_up)
        nothing = {"spam": Disposition.SPAM, "empty": Disposition.EMPTY, "thanks": Disposition.EMPTY}
        # A picture without words may be the whole story; one that comes with advertising is more of it.
        if verdict.nature in nothing and (verdict.nature == "spam" or not message.attachments):
            why = Reason(code=f"nature.{verdict.nature}", text=f"it asks for nothing ({verdict.nature})")
            return self._outside(waiting, reading, verdict, nothing[verdict.nature], why)
        return self._open(waiting, reading, verdict, match)

    def changes(self) -> Changes:
        """Return everything the batch changes, each case once and in its last state."""
        return Changes(
            opened=[self._cases[i] for i in self._opened],
            changed=[self._cases[i] for i in self._touched if i not in self._opened],
            entries=self._entries,
            threads=self._new_threads,
            participants=self._joined,
            audit=[],
        )

    # -- the four ways a message can go ---------------------------------------------------------------

    def _open(self, waiting: Waiting, reading: Reading, verdict: Verdict, match: Match) -> Entry:
        message = waiting.message
        case_id = next(self._ids)
        case = lifecycle.open_case(
            case_id=case_id,
            number=self.desk.number(case_id),
            person_id=self.persons.get(message.sender.key, 0),
            message=message,
            reading=reading,
            verdict=verdict,
            targets=self.desk.targets,
            linked_to=match.linked_to,
            secret_exposed=lifecycle.exposed(waiting.redacted),
        )
        self._cases[case_id] = case
        self._opened[case_id] = None
        self._own.setdefault(case.person_id, []).insert(0, case_id)
        why = match.why or Reason(code="new", text="a new matter")
        return self._enter(waiting, reading, verdict, case, Disposition.NEW, why)

    def _continue(self, waiting: Waiting, reading: Reading, verdict: Verdict, follow_up: FollowUp) -> Entry:
        message = waiting.message
        case = lifecycle.continue_case(
            self._cases[follow_up.case_id],
            message=message,
            reading=reading,
            verdict=verdict,
            follow_up=follow_up,
            targets=self.desk.targets,
            secret_exposed=lifecycle.exposed(waiting.redacted),
        )
        self._cases[case.id] = case
        self._touched[case.id] = None
        if follow_up.reason.code == "number" and self._proves_address(message, reading, case):
            self.links.append((message.sender.key, case.person_id))
        why = follow_up.reason
        if follow_up.maybe_new:
            why = replace(why, text=f"{why.text}; maybe a new matter: subject and text are new")
        return self._enter(waiting, reading, verdict, case, follow_up.disposition, why)

    def _outside(
        self, waiting: Waiting, reading: Reading, verdict: Verdict, disposition: Disposition, why: Reason
    ) -> Entry:
        """A message that belongs to no case: kept, with its reason, and never answered."""
        entry = _entry(waiting, reading, verdict, 0, disposition, why, NO_ANSWER.text)
        self._entries.append((waiting.message, entry))
        return entry

    def _command(self, waiting: Waiting, reading: Reading, verdict: Verdict) -> Entry:
        """Answer "/start" and "/status NUMBER"; a number that is not the asker's own is unknown to her."""
        message = waiting.message
        own = [self._cases[i] for i in self.desk.case_ids(reading) if i in self._cases and self._writes_in(message, i)]
        acknowledged = self.answers.command(message, reading, [] if message.public else own)
        why = Reason(code="command", text=f"the command /{message.command}")
        entry = _entry(waiting, reading, verdict, 0, Disposition.COMMAND, why, acknowledged.text)
        self._entries.append((message, entry))
        return entry

    # -- what they share ------------------------------------------------------------------------------

    def _enter(
        self,
        waiting: Waiting,
        reading: Reading,
        verdict: Verdict,
        case: Case,
        disposition: Disposition,
        why: Reason,
    ) -> Entry:
        message = waiting.message
        acknowledged = self.answers.acknowledge(
            message, reading, case, disposition, exposed=lifecycle.exposed(waiting.redacted)
        )
        entry = _entry(waiting, reading, verdict, case.id, disposition, why, acknowledged.text)
        self._entries.append((message, entry))
        self._remember(message, reading, case)
        return entry

    def _remember(self, message: Message, reading: Reading, case: Case) -> None:
        """Let the next message of the batch find this one."""
        for key in thread_keys(replace(message, refers_to=())):
            if self._threads.setdefault(key, case.id) == case.id:
                self._new_threads.append((key, case.id))
        self._texts[case.id] = (reading.text, *self._texts.get(case.id, ()))[:5]
        if not self._writes_in(message, case.id):
            self._people[case.id] = self._people.get(case.id, frozenset()) | {message.sender.key}
            self._joined.append((case.id, message.sender.key))
        if reading.language != "und":
            self._languages[case.person_id] = reading.language

    def _evidence(self, message: Message, reading: Reading) -> Evidence:
        threaded = dict.fromkeys(self._threads[k] for k in thread_keys(message) if k in self._threads)
        # A mail without a usable From is nobody's in particular: two of them are not one person's.
        own = self._own.get(self.persons.get(message.sender.key, 0), ()) if message.sender.value else ()
        return Evidence(
            numbered=[self._cases[i] for i in self.desk.case_ids(reading) if i in self._cases],
            threaded=[self._cases[i] for i in threaded if i in self._cases],
            own=[self._cases[i] for i in own],
            recent_texts=self._texts,
            participants=self._people,
        )

    def _writes_in(self, message: Message, case_id: int) -> bool:
        return message.sender.key in self._people.get(case_id, frozenset())

    def _proves_address(self, message: Message, reading: Reading, case: Case) -> bool:
        """Tell whether a quoted number shows that one more address is the person's.

        Anybody can write a From: a thief who quotes the number of his own case would make a victim's address his.
        So mail counts only if our server vouches for it; Telegram and X vouch for theirs.
        """
        another = self.persons.get(message.sender.key) != case.person_id
        return another and (message.sender.kind != "email" or reading.authentic is True)

    def _with_language(self, message: Message, reading: Reading) -> Reading:
        """A text too short to tell its language is in the one its writer used before."""
        if reading.language != "und":
            return reading
        before = self._languages.get(self.persons.get(message.sender.key, 0), "und")
        return replace(reading, language=before)


def _is_command(message: Message, reading: Reading) -> bool:
    """Tell whether a command is all there is to a message.

    "/help my wallet was drained" is a customer's story, and so is one behind "/start"; the one word that a link
    puts there is none. In public what follows a command is meant for whoever knows it.
    """
    if not message.command or message.command == "status" or message.public:
        return bool(message.command)
    return len(reading.text.split()) <= (message.command == "start")


def _entry(
    waiting: Waiting,
    reading: Reading,
    verdict: Verdict,
    case_id: int,
    disposition: Disposition,
    why: Reason,
    acknowledged: str,
) -> Entry:
    message = waiting.message
    return Entry(
        case_id=case_id,
        channel=message.channel,
        kind=message.kind,
        external_id=message.external_id,
        sender=message.sender.key,
        sender_name=message.sender.name,
        subject=message.subject,
        text=message.text or reading.text,
        new_text=reading.text,
        language=reading.language,
        received_at=message.received_at,
        sent_at=message.sent_at,
        disposition=disposition,
        why=why,
        acknowledged=acknowledged,
        redacted=waiting.redacted,
        verdict=verdict,
        attachments=tuple(a.name or a.content_type for a in message.attachments),
    )
