"""Settling a batch: each message finds its case, its place and its answer, in order, before anything is written.

A `Settling` holds what the store knew when the batch began, and what the batch has changed since, so that the
second message of a person finds the case that her first one opened a moment ago. It does no I/O: the pipeline
gives it what it needs and writes what it returns.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from triage.answering import Answering
from triage.case import Case, Disposition, Entry, FollowUp, Reading, Reason
from triage.desk import Desk
from triage.entering import entry_of, own_keys, thread_keys
from triage.message import Message
from triage.rules import crowding, language, lifecycle, promise, rating, surges
from triage.rules.commands import command_of
from triage.rules.followup import Evidence, Match, find_follow_up
from triage.store.cases import Changes, Known
from triage.store.signs import Signs
from triage.studying import Prepared

NO_ANSWER = Reason(code="silent.no-case", text="it belongs to no case")


@dataclass(slots=True, kw_only=True)
class Settling:
    """The working set of one batch.

    Attributes:
        new_ids: Ids for the cases that the batch opens.
        persons: `Address.key` to person.
        known: What the store holds that could matter.
        answers: Decides what we say by ourselves, and collects it.
        links: (`Address.key`, person): addresses that proved to be a person's by a case number.
        signs: By what the cases that the batch opens could belong with others.
    """

    desk: Desk
    answers: Answering
    new_ids: range
    persons: Mapping[str, int] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    links: list[tuple[str, int]] = field(default_factory=list)
    signs: list[Signs] = field(default_factory=list)
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
    _rated: list[Case] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Copy what the batch will change."""
        self._ids = iter(self.new_ids)
        self._cases = dict(self.known.cases)
        self._own = {person: list(ids) for person, ids in self.known.by_person.items()}
        self._threads = dict(self.known.by_thread)
        self._texts = dict(self.known.recent_texts)
        self._people = dict(self.known.participants)
        self._languages = dict(self.known.recent_languages)

    def settle(self, one: Prepared) -> Entry:
        """Decide one message and remember the outcome; return its entry."""
        if one.reading.robot is not None:
            return self._outside(one, Disposition.ROBOT, one.reading.robot)
        one = self._with_language(one)
        message, reading, verdict = one.message, one.reading, one.verdict
        stars = rating.score(message, reading) if self.desk.asks_rating else 0
        if stars and (case := self._rated_case(message)) is not None:
            return self._rate(one, case, stars)
        command = command_of(message, reading, numbered=bool(self.desk.case_ids(reading)))
        if command:
            return self._command(one, command)
        match = find_follow_up(message, reading, verdict, self._evidence(message, reading))
        if match.follow_up is not None:
            return self._continue(one, match.follow_up)
        nothing = {"spam": Disposition.SPAM, "empty": Disposition.EMPTY, "thanks": Disposition.EMPTY}
        # A picture without words may be the whole story; one that comes with advertising is more of it.
        if verdict.nature in nothing and (verdict.nature == "spam" or not message.attachments):
            why = Reason(code=f"nature.{verdict.nature}", text=f"it asks for nothing ({verdict.nature})")
            why = next((reason for reason in verdict.reasons[:1] if reason.code.startswith("pitch.")), why)
            return self._outside(one, nothing[verdict.nature], why)
        return self._begin(one, match)

    def changes(self) -> Changes:
        """Return everything the batch changes, each case once and in its last state."""
        return Changes(
            opened=[self._cases[i] for i in self._opened],
            changed=[self._cases[i] for i in self._touched if i not in self._opened],
            entries=self._entries,
            threads=self._new_threads,
            participants=self._joined,
            rated=self._rated,
        )

    # -- the five ways a message can go ---------------------------------------------------------------

    def _begin(self, one: Prepared, match: Match) -> Entry:
        """Open a case for a new matter, unless its writer has as many open cases as anybody may have."""
        most = self.desk.limits.open_cases
        case = crowding.crowded(self._own_cases(one.message), most)
        if case is None:
            return self._open(one, match)
        said = self._texts.get(case.id, ())
        return self._continue(one, crowding.joined(one.message, one.reading, one.verdict, case, said, most))

    def _open(self, one: Prepared, match: Match) -> Entry:
        case_id = next(self._ids)
        case = lifecycle.open_case(
            case_id=case_id,
            number=self.desk.number(case_id),
            person_id=self.persons.get(one.message.sender.key, 0),
            message=one.message,
            reading=one.reading,
            verdict=one.verdict,
            targets=self.desk.targets,
            linked_to=match.linked_to,
            secret_exposed=one.exposed,
        )
        self._cases[case_id] = case
        self._opened[case_id] = None
        common = surges.signs_of(one.verdict, one.reading)
        self.signs.append(Signs(case_id=case_id, person_id=case.person_id, opened_at=case.opened_at, signs=common))
        self._own.setdefault(case.person_id, []).insert(0, case_id)
        why = match.why or Reason(code="new", text="a new matter")
        entry = self._enter(one, case, Disposition.NEW, why)
        self.answers.joined(case)
        return entry

    def _continue(self, one: Prepared, follow_up: FollowUp) -> Entry:
        case = lifecycle.continue_case(
            self._cases[follow_up.case_id],
            message=one.message,
            reading=one.reading,
            verdict=one.verdict,
            follow_up=follow_up,
            targets=self.desk.targets,
            secret_exposed=one.exposed,
        )
        self._change(case)
        if follow_up.reason.code == "number" and self._proves_address(one.message, one.reading, case):
            self.links.append((one.message.sender.key, case.person_id))
        return self._enter(one, case, follow_up.disposition, follow_up.reason)

    def _outside(self, one: Prepared, disposition: Disposition, why: Reason, answered: Reason = NO_ANSWER) -> Entry:
        """A message that belongs to no case: kept, with its reason."""
        entry = entry_of(one, 0, disposition, why, answered)
        self._entries.append((one.message, entry))
        return entry

    def _command(self, one: Prepared, command: str) -> Entry:
        """Answer "/start" and "/status NUMBER"; a number that is not the asker's own is unknown to her."""
        message, reading = one.message, one.reading
        own = [case for case in self._numbered(reading) if self._writes_in(message, case.id)]
        answered = self.answers.command(message, reading, command, [] if message.public else own)
        why = Reason(code="command", text=f"the command /{command}")
        return self._outside(one, Disposition.COMMAND, why, answered)

    def _rate(self, one: Prepared, case: Case, stars: int) -> Entry:
        """Keep how the customer liked our help, once a case; to tell it opens and presses nothing."""
        case = replace(case, rating=stars)
        self._change(case)
        self._rated.append(case)
        answered = self.answers.rated(one.message, one.reading, case)
        why = Reason(code="rating", text=f"a rating of case {case.number}: {stars} of {rating.MOST}")
        return self._outside(one, Disposition.COMMAND, why, answered)

    # -- what they share ------------------------------------------------------------------------------

    def _change(self, case: Case) -> None:
        self._cases[case.id] = case
        self._touched[case.id] = None

    def _enter(self, one: Prepared, case: Case, disposition: Disposition, why: Reason) -> Entry:
        message, reading = one.message, one.reading
        answered = self.answers.acknowledge(message, reading, case, disposition, exposed=one.exposed)
        if (told := self.answers.promises.get(case.id)) is not None:
            self._cases[case.id] = replace(case, promise=promise.sooner(case.promise, told))
        entry = entry_of(one, case.id, disposition, why, answered)
        self._entries.append((message, entry))
        self._remember(message, reading, case)
        return entry

    def _remember(self, message: Message, reading: Reading, case: Case) -> None:
        """Let the next message of the batch find this one."""
        for key in own_keys(message):
            if self._threads.setdefault(key, case.id) == case.id:
                self._new_threads.append((key, case.id))
        self._texts[case.id] = (reading.text, *self._texts.get(case.id, ()))[:5]
        if not self._writes_in(message, case.id):
            self._people[case.id] = self._people.get(case.id, frozenset()) | {message.sender.key}
            self._joined.append((case.id, message.sender.key))
        if reading.language != language.UNKNOWN:
            self._languages[case.person_id] = reading.language

    def _evidence(self, message: Message, reading: Reading) -> Evidence:
        return Evidence(
            numbered=self._numbered(reading),
            threaded=self._threaded(message),
            own=self._own_cases(message),
            person_id=self._person(message),
            recent_texts=self._texts,
            participants=self._people,
        )

    def _rated_case(self, message: Message) -> Case | None:
        hers = [case for case in self._threaded(message) if self._writes_in(message, case.id)]
        return rating.rated_case(message, hers, self._own_cases(message))

    def _person(self, message: Message) -> int:
        """Return who wrote, or 0: a mail without a usable From is nobody's in particular, two are not one person's."""
        return self.persons.get(message.sender.key, 0) if message.sender.value else 0

    def _own_cases(self, message: Message) -> list[Case]:
        person = self._person(message)
        return [self._cases[i] for i in self._own.get(person, ())] if person else []

    def _threaded(self, message: Message) -> list[Case]:
        """Return the cases that hold what a message answers, nearest first."""
        ids = dict.fromkeys(self._threads[key] for key in thread_keys(message) if key in self._threads)
        return [self._cases[i] for i in ids if i in self._cases]

    def _numbered(self, reading: Reading) -> list[Case]:
        """Return the cases whose numbers are quoted; the number of a merged one leads to where it is continued."""
        leads = self.known.leads
        ids = dict.fromkeys(leads.get(i, i) for i in self.desk.case_ids(reading))
        return [self._cases[i] for i in ids if i in self._cases]

    def _writes_in(self, message: Message, case_id: int) -> bool:
        return message.sender.key in self._people.get(case_id, frozenset())

    def _proves_address(self, message: Message, reading: Reading, case: Case) -> bool:
        """Tell whether a quoted number shows that one more address is the person's.

        Anybody can write a From: a thief who quotes the number of his own case would make a victim's address his.
        So mail counts only if our server vouches for it; Telegram and X vouch for theirs.
        """
        another = self.persons.get(message.sender.key) != case.person_id
        return another and (message.sender.kind != "email" or reading.authentic is True)

    def _with_language(self, one: Prepared) -> Prepared:
        """Return the message in the language its writer used before, where a short text leaves it open."""
        reading = one.reading
        before = self._languages.get(self.persons.get(one.message.sender.key, 0), language.UNKNOWN)
        if one.message.language_hint and reading.language != language.UNKNOWN:
            return one
        told = language.remembered(reading.text, reading.language, before, allowed=self.desk.languages)
        return one if told == reading.language else replace(one, reading=replace(reading, language=told))
