"""What agents say about verdicts: corrected, confirmed, taken back; and which cases they should look at first.

Every function works in the caller's transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.case import Case, Urgency
from triage.classifier import Judge, feedback
from triage.classifier.feedback import Judged, Opinion
from triage.classifier.likeness import near_pairs
from triage.desk import Desk
from triage.errors import TriageError, Word
from triage.rules import lifecycle
from triage.store import Tx, cases, labels
from triage.store.labels import Labelled

_ALIKE = 0.4
"""Share of common pieces from which two messages teach the same: only one of them is asked about."""

_LOOKED_AT = 5
"""So many times as many cases are looked at as are asked about, so that copies can be left out."""

LOOKED_BACK = timedelta(days=30)
"""Cases of so long are asked about on the pages and by the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What an agent says about a case; what is None she does not say."""

    category: str | None = None
    topic: str | None = None
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A case that somebody should look at.

    Attributes:
        text: What its customer wrote.
        why: "second agent" (somebody called it not urgent, and is alone with that) or "unsure".
    """

    case: Case
    text: str
    why: str


def give(tx: Tx, desk: Desk, judge: Judge, case_id: int, who: str, label: Label, now: datetime) -> Case:
    """Write down what an agent says about a case, and return the case.

    Raises `NoSuchCase`, and `TriageError` for a category or topic that the model does not know.
    """
    check_category(judge, label)
    before = cases.locked(tx, case_id)
    _check_topic(judge, before, label)
    place = None
    if label.urgency is not None:
        verdict = replace(before.verdict, urgency=label.urgency)
        place = lifecycle.placed(replace(before, verdict=verdict), desk.targets).place
    return labels.correct(
        tx, case_id, who, category=label.category, topic=label.topic, urgency=label.urgency, place=place, now=now
    )


def take_back(tx: Tx, before: Case, after: Case, who: str, at: datetime, now: datetime) -> Case:
    """Undo what an agent said at a moment, and return the case as it was before.

    Raises `TriageError` when somebody else has changed the verdict meanwhile.
    """
    if cases.locked(tx, before.id).verdict != after.verdict:
        raise TriageError("%(number)s was changed meanwhile: it stays as it is", number=before.number)
    return labels.withdraw(tx, before, who, at, now)


def check_category(judge: Judge, label: Label) -> None:
    """Raise `TriageError` for a category that the model does not know."""
    if label.category is not None and label.category not in judge.categories:
        raise TriageError(
            'there is no category "%(category)s"; there are %(known)s',
            category=label.category,
            known=", ".join(judge.categories),
        )


def _check_topic(judge: Judge, case: Case, label: Label) -> None:
    category = label.category or case.verdict.category
    topics = topics_of(judge, category)
    if label.topic and topics and label.topic not in topics:
        raise TriageError(
            'there is no topic "%(topic)s" in %(category)s; there are %(known)s',
            topic=label.topic,
            category=Word(category),
            known=", ".join(topics),
        )


def topics_of(judge: Judge, category: str) -> list[str]:
    """Return the topics of a category that the model knows."""
    return [topic for owner, topic in judge.topics if owner == category and topic]


def queue(tx: Tx, who: str, since: datetime, limit: int) -> list[Asked]:
    """Return the cases that an agent should look at: first those that need a second agent, then the least sure.

    Of messages that are nearly the same only one is asked about: ten labels of one story teach what one does.
    """
    waiting = [Asked(case=one.case, text=_text(one), why="second agent") for one in _need_second(tx, who)]
    unsure = labels.unlabelled(tx, since, _LOOKED_AT * limit)
    found = waiting + [Asked(case=one.case, text=_text(one), why="unsure") for one in unsure]
    return _different([asked for asked in found if asked.text.strip()])[:limit]


def _need_second(tx: Tx, who: str) -> Iterator[Labelled]:
    """Yield the cases that somebody else, alone, called not urgent."""
    for one in labels.calmed(tx):
        if feedback.calmed_alone(_opinions(one)) and all(c.who != who for c in one.corrections):
            yield one


def judged(one: Labelled, desk: Desk) -> Judged:
    """Return what agents said about a case, with the text that its verdict was about."""
    verdict = one.case.verdict
    # The message that named the case: the first one, unless a later one was more urgent.
    said = [(m, e.verdict.urgency if e.verdict else Urgency.LOW) for m, e in one.said]
    message = max(said, key=lambda pair: pair[1])[0] if said else None
    reading = desk.read(message) if message else None
    return Judged(
        number=one.case.number,
        text=reading.text if reading else "",
        lang=reading.language if reading else one.case.language,
        called={"category": verdict.category, "topic": verdict.topic, "urgency": verdict.urgency.label},
        opinions=_opinions(one),
    )


def _opinions(one: Labelled) -> list[Opinion]:
    return [Opinion(who=c.who, at=c.at, field=c.field, was=c.was, now=c.now) for c in one.corrections]


def _text(one: Labelled) -> str:
    """Return what the customer wrote: subject and new text of the messages that said something, oldest first."""
    return "\n\n".join("\n".join(filter(None, (entry.subject, entry.new_text))) for _, entry in one.said)


def _different(found: Sequence[Asked]) -> list[Asked]:
    """Return those that are not nearly the same as one before them."""
    copies = {pair.other for pair in near_pairs([asked.text for asked in found], near=_ALIKE)}
    return [asked for place, asked in enumerate(found) if place not in copies]
