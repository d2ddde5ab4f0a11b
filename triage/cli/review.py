"""`triage review`: the cases of which the model is least sure, a label at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from rich.panel import Panel
from rich.text import Text

from triage.case import Case, Urgency
from triage.classifier import Judge
from triage.cli.case_views import about
from triage.cli.terminal import URGENCY_STYLES, Columns, out, plain, print_table, say
from triage.desk import Desk
from triage.errors import TriageError
from triage.labelling import Asked, Label, give, take_back, topics_of
from triage.store import Store

LEVELS = {"c": Urgency.CRITICAL, "h": Urgency.HIGH, "n": Urgency.NORMAL, "l": Urgency.LOW}
KEYS = "digit: category   t: topic   c h n l: urgency   Enter: right so   s: skip   u: undo   q: quit"
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class _Done:
    """A label that was given, so that it can be taken back."""

    place: int
    before: Case
    after: Case
    at: datetime


@dataclass(slots=True)
class Review:
    """One agent's session: shows a case, hears keys, writes labels, and can undo each of them."""

    store: Store
    desk: Desk
    judge: Judge
    who: str
    asked: list[Asked]
    key: Callable[[], str]
    given: list[_Done] = field(default_factory=list)

    def run(self) -> int:
        """Ask about one case after the other until all are done or the agent quits; return how many were labelled."""
        place = 0
        while 0 <= place < len(self.asked):
            step = self._ask(place)
            if step is None:
                break
            place = step
        return len(self.given)

    def _ask(self, place: int) -> int | None:
        """Ask about one case; return which is asked about next, or None to quit."""
        asked = self.asked[place]
        label = Label()
        self._show(place, label)
        while True:
            key = self.key()
            if key in ("q", "\x03", "\x04", ""):
                return None
            if key in ("s", " "):
                return place + 1
            if key == "u":
                if self.given:
                    return self._undo()
                say("nothing to undo", "yellow")
            elif key in ("\r", "\n"):
                if self._write(place, _whole(asked.case, label)):
                    return place + 1
            else:
                label = self._changed(asked.case, label, key)
                say(_called(asked.case, label), "bold")

    def _changed(self, case: Case, label: Label, key: str) -> Label:
        """Return the label after a key; a key that means nothing changes nothing."""
        if key in LEVELS:
            return replace(label, urgency=LEVELS[key])
        if key.isdecimal() and 0 < int(key) <= len(self.judge.categories):
            category = self.judge.categories[int(key) - 1]
            return replace(label, category=category, topic=None if category == case.verdict.category else "")
        if key == "t" and (topics := topics_of(self.judge, label.category or case.verdict.category)):
            now = case.verdict.topic if label.topic is None else label.topic
            after = topics[(topics.index(now) + 1) % len(topics)] if now in topics else topics[0]
            return replace(label, topic=after)
        say(KEYS, "dim")
        return label

    def _write(self, place: int, label: Label) -> bool:
        """Write a label; say why not when it cannot be."""
        case, now = self.asked[place].case, datetime.now(UTC)
        try:
            after = self.store.run(lambda tx: give(tx, self.desk, self.judge, case.id, self.who, label, now))
        except TriageError as error:
            say(str(error), "red")
            return False
        self.given.append(_Done(place, case, after, now))
        say(f"{case.number}: {after.verdict.urgency.label} {about(after)}", "green")
        return True

    def _undo(self) -> int:
        """Take the last label back and return the place of its case."""
        done = self.given.pop()
        try:
            self.store.run(lambda tx: take_back(tx, done.before, done.after, self.who, done.at, datetime.now(UTC)))
            say(f"{done.before.number}: taken back", "yellow")
        except TriageError as error:
            say(str(error), "red")
        return done.place

    def _show(self, place: int, label: Label) -> None:
        asked = self.asked[place]
        verdict = asked.case.verdict
        second = f", else {verdict.second[0]} {verdict.second[1]:.0%}" if verdict.second else ""
        head = f"{place + 1} of {len(self.asked)}  {asked.case.number}  {asked.case.language}  {asked.why}"
        out().print(Panel(Text(plain(asked.text[:_LONGEST])), title=Text(head), title_align="left"))
        line = Text(f"{_called(asked.case, label)}  ({verdict.confidence:.0%}{second})  ")
        line.stylize(URGENCY_STYLES.get(verdict.urgency.label, ""), 0, len(verdict.urgency.label))
        out().print(line)
        say("  ".join(f"{n} {name}" for n, name in enumerate(self.judge.categories, 1)), "cyan")
        say(KEYS, "dim")


def _whole(case: Case, label: Label) -> Label:
    """Return everything that is said by Enter: what was changed, and that the rest is right."""
    verdict = case.verdict
    category = label.category or verdict.category
    topic = verdict.topic if label.topic is None and category == verdict.category else label.topic
    urgency = verdict.urgency if label.urgency is None else label.urgency
    return Label(category=category, topic=topic or None, urgency=urgency)


def _called(case: Case, label: Label) -> str:
    whole = _whole(case, label)
    level = case.verdict.urgency if whole.urgency is None else whole.urgency
    return f"{level.label} {whole.category}/{whole.topic or '-'}"


def as_object(asked: Asked) -> dict[str, Any]:
    """Return a case that should be looked at as programs get it."""
    verdict = asked.case.verdict
    return {
        "number": asked.case.number,
        "why": asked.why,
        "language": asked.case.language,
        "text": asked.text,
        "category": verdict.category,
        "topic": verdict.topic,
        "urgency": verdict.urgency.label,
        "confidence": verdict.confidence,
        "second": verdict.second,
    }


def print_queue(asked: Iterable[Asked]) -> None:
    """Print the cases as a table, where nobody sits at a keyboard."""
    names = ("Case", "Sure", "Is called", "Why")
    columns: Columns = (*((name, {}) for name in names), ("Text", {"ratio": 1}))
    print_table(columns, (_line(one) for one in asked))


def _line(asked: Asked) -> tuple[str, ...]:
    verdict = asked.case.verdict
    called = f"{verdict.urgency.label} {about(asked.case)}"
    return asked.case.number, f"{verdict.confidence:.0%}", called, asked.why, " ".join(asked.text.split())
