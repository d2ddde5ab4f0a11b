"""Whether a message continues an open case of the same person that it does not point at: by what it says, and when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import sqrt

from triage.case import Case, Reading, Reason, Urgency, Verdict
from triage.message import Message
from triage.rules import likeness
from triage.rules.asking_again import is_nudge, speaks_of_before

CHAT_PAUSE = timedelta(minutes=30)
"""People type one matter in several lines: within this pause a private chat is still at the same matter."""

CHAT_DAY = timedelta(hours=24)
SUBJECT_WINDOW = timedelta(days=7)
TOPIC_WINDOW = timedelta(days=7)
"""So long an open case is taken for what the same person writes about under the same topic."""

STRENGTH = {
    "thread": 1.0,
    "number": 1.0,
    "same-text": 0.95,
    "same-reference": 0.95,
    "same-address": 0.8,
    "same-sum": 0.75,
    "same-subject": 0.7,
    "thanks": 0.7,
    "nudge": 0.6,
    "same-chat": 0.6,
    "same-topic": 0.5,
    "wrote-before": 0.45,
}
"""How surely each kind of evidence ties a message to a case: 1 is what the sender's client or our check code says."""

OWN_STORY = 60
"""Columns (a Chinese character has two) from which a text tells a story that stands for itself."""

SURE = 0.8
"""Confidence from which another category is taken for another matter."""

SOON = timedelta(days=2)
"""Who gets no answer mostly writes again within this time; other matters come at any."""

NEAR_SOON, NEAR, FAR = 0.22, 0.40, 0.1
"""How near two messages are by their likely topics (0 to 1): so much above what their categories alone make likely and
they are about the same topic (`SOON`, and later); below `FAR` about something else. Of texts of one matter in other
words nine of ten are as near soon, of different matters four of a hundred, and later one (`make bench-matching`)."""

BY_CATEGORY = 0.2
"""How near two different matters of one category are anyway: the model spreads what it is unsure of over its topics."""


def reason_of(code: str, text: str) -> Reason:
    """Return a reason that weighs what its kind of evidence is worth."""
    return Reason(code=code, text=text, weight=STRENGTH[code])


def why_same(
    message: Message, reading: Reading, verdict: Verdict, case: Case, before: Sequence[str], *, inside: bool
) -> Reason | None:
    """Return the strongest evidence that a message continues a case of the same person, or None.

    `before` is what was last said in it; `inside` tells that this very address writes in it.
    """
    told = _by_text(reading, before)
    if told is not None:
        return told
    if _same_subject(message, case):
        return reason_of("same-subject", "the same person writes under the same subject")
    if verdict.nature == "thanks":
        return reason_of("thanks", "thanks of somebody with an open case")
    if verdict.nature == "empty" or is_nudge(reading.text):
        return reason_of("nudge", "a bare nudge of somebody with an open case")
    # Who came by a number that he was given (a second address) joins what he points at, not what he might mean.
    if not inside or likeness.apart(reading.text, before):
        return None
    return (
        _same_chat(message, reading, verdict, case)
        or _same_topic(message, verdict, case)
        or _wrote_before(message, reading, verdict, case)
    )


def _by_text(reading: Reading, before: Sequence[str]) -> Reason | None:
    if any(likeness.same_words(reading.text, text) for text in before):
        return reason_of("same-text", "the same person writes the same again")
    if likeness.matters(reading.text) & likeness.all_of(map(likeness.matters, before)):
        return reason_of("same-reference", "names the same transaction or order")
    # The same form with another order in it is another matter.
    if likeness.apart(reading.text, before):
        return None
    if any(likeness.alike(reading.text, text) for text in before):
        return reason_of("same-text", "the same person tells the same story again")
    shared = (
        (likeness.addresses, "same-address", "names the same wallet address"),
        (likeness.sums, "same-sum", "names the same sum"),
    )
    found = (reason_of(code, text) for of, code, text in shared if of(reading.text) & likeness.all_of(map(of, before)))
    return next(found, None)


def _same_subject(message: Message, case: Case) -> bool:
    subject = likeness.plain_subject(message.subject)
    near = message.since - case.last_message_at <= SUBJECT_WINDOW
    return near and len(subject) >= likeness.SHORTEST_ALIKE and likeness.plain_subject(case.summary).startswith(subject)


def _same_chat(message: Message, reading: Reading, verdict: Verdict, case: Case) -> Reason | None:
    """A private chat goes on: at once with anything but another story, within a day with a line of the same kind."""
    if message.kind not in {"telegram", "x"} or message.public or _another_story(reading, verdict, case):
        return None
    pause: timedelta = message.since - case.last_message_at
    if pause <= CHAT_PAUSE:
        return reason_of("same-chat", f"the same chat, {_minutes(message.since, case)} minutes later")
    line = likeness.width(reading.text) < OWN_STORY and case.channel == message.channel
    alike = verdict.category == case.verdict.category and nearness(verdict, case) >= FAR
    if pause <= CHAT_DAY and line and alike:
        return reason_of("same-chat", "the same chat and the same kind of matter within a day")
    return None


def _another_story(reading: Reading, verdict: Verdict, case: Case) -> bool:
    """Tell whether a line of a chat is surely about something else: long enough to stand alone, of another topic.

    An alarm stays where it is raised: what began as a stuck payment may turn out to be a theft.
    """
    other = verdict.category != case.verdict.category or nearness(verdict, case) < FAR
    known = "unsorted" not in {verdict.category, case.verdict.category}
    alarm = verdict.urgency is Urgency.CRITICAL and case.verdict.urgency is not Urgency.CRITICAL
    sure = verdict.nature == "request" and verdict.confidence >= SURE
    return other and known and sure and not alarm and likeness.width(reading.text) >= OWN_STORY


def _same_topic(message: Message, verdict: Verdict, case: Case) -> Reason | None:
    """The same person, the same topic, within days: the same matter in other words."""
    pause = message.since - case.last_message_at
    enough = NEAR_SOON if pause <= SOON else NEAR
    if verdict.nature != "request" or pause > TOPIC_WINDOW:
        return None
    if nearness(verdict, case) - _by_category(verdict, case) < enough:
        return None
    return reason_of("same-topic", f"the same person writes about the same topic within {TOPIC_WINDOW.days} days")


def _wrote_before(message: Message, reading: Reading, verdict: Verdict, case: Case) -> Reason | None:
    """She says that she wrote before: about an open case of hers, the one that is nearest in topic or newest."""
    near = message.since - case.last_message_at <= TOPIC_WINDOW
    if verdict.nature == "spam" or not near or not speaks_of_before(reading.text):
        return None
    return reason_of("wrote-before", "says that she wrote before")


def nearest(verdict: Verdict, case: Case, reason: Reason) -> float:
    """Return what decides between cases that evidence of one kind points at: how near they are, if it is the topic."""
    return nearness(verdict, case) if reason.code in {"same-topic", "wrote-before"} else 0.0


def nearness(verdict: Verdict, case: Case) -> float:
    """Return how near a message is to a case by their likely topics: 0 for none in common, 1 for the same.

    It is the Bhattacharyya coefficient of the two distributions, of which a verdict holds the likeliest few. An
    agent's correction counts more than what the model said.
    """
    topic = case.verdict.category, case.verdict.topic
    if not verdict.likely or not case.verdict.likely or {"category", "topic"} & set(case.pinned):
        return float(bool(verdict.topic) and (verdict.category, verdict.topic) == topic)
    return _common(verdict.likely, case.verdict.likely)


def _by_category(verdict: Verdict, case: Case) -> float:
    """Return how near a message would be to a case by their likely categories, were they two matters."""
    mine, its = (_categories(likely) for likely in (verdict.likely, case.verdict.likely))
    return BY_CATEGORY * _common(mine, its)


def _categories(likely: Sequence[tuple[str, float]]) -> Sequence[tuple[str, float]]:
    shares: dict[str, float] = {}
    for name, share in likely:
        category = name.partition("/")[0]
        shares[category] = shares.get(category, 0.0) + share
    return tuple(shares.items())


def _common(one: Sequence[tuple[str, float]], other: Sequence[tuple[str, float]]) -> float:
    known = dict(other)
    return sum(sqrt(share * known.get(name, 0.0)) for name, share in one)


def _minutes(now: datetime, case: Case) -> int:
    return max(0, int((now - case.last_message_at).total_seconds() // 60))
