"""Which case a message continues, and whether it says anything new. Surest evidence first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from rapidfuzz import fuzz

from triage.case import Case, Disposition, FollowUp, Reading, Reason, Status, Verdict
from triage.message import Message
from triage.rules.references import find_references

WINDOW = timedelta(days=30)
"""A guess never reaches further back; what the sender's own client says (a reply) always counts."""

CHAT_PAUSE = timedelta(minutes=30)
"""People type one matter in several lines: within this pause a private chat is still at the same matter."""

CHAT_DAY = timedelta(hours=24)
SUBJECT_WINDOW = timedelta(days=7)
ALIKE = 90.0
"""`partial_ratio` of rapidfuzz from which two texts of one person are the same story told again (0 to 100)."""

LONGEST_ALIKE = 1000
"""Characters of a text that are compared; what comes after them hardly ever tells."""

MOST_CASES = 10
"""Open cases of one person that a guess looks at, newest first: a flood of them must not cost the others time."""

SHORTEST_ALIKE = 16
"""Characters: below it texts are alike by chance ("hello", "any news?")."""

_REPLY_MARK = re.compile(
    r"^(?:\s*(?:re|aw|sv|rv|fwd?|wg|tr|回复|答复|回覆|转发|轉寄)\s*(?:\[\d+\])?\s*[:：])+\s*", re.IGNORECASE
)
_NOISE = re.compile(r"\W+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the store knows that could tie a message to a case.

    Attributes:
        numbered: Cases whose number the message quotes with a true check code.
        threaded: Cases that hold a message this one answers, nearest first.
        own: The sender's own cases, newest first: open ones, and those resolved within `WINDOW`.
        recent_texts: Case id to what was last said in it, newest first.
        participants: Case id to the `Address.key` of everybody who wrote in it.
    """

    numbered: Sequence[Case] = ()
    threaded: Sequence[Case] = ()
    own: Sequence[Case] = ()
    recent_texts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    participants: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was found.

    Attributes:
        follow_up: The open case that is continued, or None for a new matter.
        linked_to: For a new matter: the case it points at but may not join (a closed one, or a stranger's); 0 for none.
        why: For a new matter with a link: why it was not joined.
    """

    follow_up: FollowUp | None = None
    linked_to: int = 0
    why: Reason | None = None


def find_follow_up(message: Message, reading: Reading, verdict: Verdict, evidence: Evidence) -> Match:
    """Return the case that `message` continues and why, or that it is a new matter.

    What the sender's own client says (a reply, a number) outranks what we guess. A guess never joins two
    people's messages, and never one older than `WINDOW`. A stranger who quotes a number or forges a header
    gets a new case that is linked, and learns nothing.
    """
    link = Match()
    forged = reading.authentic is False
    for case, reason, certain in _pointed_at(message, evidence):
        if forged or not _may_join(message, case, evidence, by_number=not certain):
            link = link if link.linked_to else _link(case, "stranger", "points at a case of somebody else")
        elif case.status is Status.RESOLVED and verdict.nature != "thanks" and not message.edited:
            link = link if link.linked_to else _link(case, "closed", "points at a case that is resolved")
        else:
            return Match(follow_up=_joined(message, reading, verdict, case, reason, evidence))
    guess = None if forged else _guess(message, reading, verdict, evidence)
    return link if guess is None else Match(follow_up=guess)


def plain_subject(subject: str) -> str:
    """Return a subject without reply marks in any language, case-folded, for comparing."""
    return _NOISE.sub(" ", _REPLY_MARK.sub("", subject)).strip().casefold()


def says_nothing_new(message: Message, reading: Reading, verdict: Verdict, before: Sequence[str]) -> bool:
    """Return True when a message adds nothing to what the case holds: a copy, an echo, or a bare nudge.

    A picture, a new transaction id, address or amount is always something new.
    """
    if message.attachments:
        return False
    if verdict.nature in {"empty", "thanks"} or any(_same_words(reading.text, text) for text in before):
        return True
    if _named(reading.text) - frozenset[str]().union(*map(_named, before)):
        return False
    return any(_alike(reading.text, text) and len(reading.text) <= 1.25 * len(text) for text in before)


def _pointed_at(message: Message, evidence: Evidence) -> list[tuple[Case, Reason, bool]]:
    numbered = [(c, Reason(code="number", text=f"quotes the case number {c.number}"), False) for c in evidence.numbered]
    what = {"telegram": "answers a message of this case", "x": "is part of this conversation"}
    text = what.get(message.kind, "answers a mail of this case")
    threaded = [(c, Reason(code="thread", text=text), True) for c in evidence.threaded]
    return threaded + numbered


def _may_join(message: Message, case: Case, evidence: Evidence, *, by_number: bool) -> bool:
    """A case is joined by who already writes in it, or with its number from a kind of channel it does not know yet.

    The second is the customer who follows up elsewhere; a second person on the same kind of channel who has
    the number (a forwarded mail, somebody in Cc) stays outside.
    """
    people = evidence.participants.get(case.id, frozenset())
    if not message.sender.value:
        return False  # nobody in particular: a mail without a usable From
    if message.sender.key in people:
        return True
    return by_number and not message.public and not any(p.startswith(f"{message.sender.kind}:") for p in people)


def _link(case: Case, code: str, text: str) -> Match:
    return Match(linked_to=case.id, why=Reason(code=f"linked.{code}", text=f"{text} ({case.number})"))


def _joined(
    message: Message, reading: Reading, verdict: Verdict, case: Case, reason: Reason, evidence: Evidence
) -> FollowUp:
    before = evidence.recent_texts.get(case.id, ())
    nothing_new = says_nothing_new(message, reading, verdict, before)
    # The subject of our own acknowledgement carries the number and says nothing about the matter.
    subject = "" if case.number in message.subject else plain_subject(message.subject)
    fresh = bool(subject) and subject not in _NOISE.sub(" ", "\n".join((case.summary, *before))).casefold()
    stray = fresh and not nothing_new and not any(_alike(reading.text, text) for text in before)
    return FollowUp(
        case_id=case.id,
        disposition=Disposition.REPEAT if nothing_new else Disposition.FOLLOW_UP,
        reason=reason,
        maybe_new=stray and reason.code == "thread",
    )


def _guess(message: Message, reading: Reading, verdict: Verdict, evidence: Evidence) -> FollowUp | None:
    """Return which of the sender's own open cases a message most likely continues; the newest few are looked at."""
    alive = [c for c in evidence.own if c.status is Status.OPEN and message.received_at - c.last_message_at <= WINDOW]
    for case in alive[:MOST_CASES]:
        before = evidence.recent_texts.get(case.id, ())
        inside = message.sender.key in evidence.participants.get(case.id, frozenset())
        reason = _why_same(message, reading, verdict, case, before) or (
            _same_chat(message, verdict, case) if inside else None
        )
        if reason is not None:
            nothing_new = says_nothing_new(message, reading, verdict, before)
            kind = Disposition.REPEAT if nothing_new else Disposition.FOLLOW_UP
            return FollowUp(case_id=case.id, disposition=kind, reason=reason)
    return None


def _why_same(message: Message, reading: Reading, verdict: Verdict, case: Case, before: Sequence[str]) -> Reason | None:
    found, known = _matters(reading.text), frozenset[str]().union(*map(_matters, before))
    if any(_same_words(reading.text, text) for text in before):
        return Reason(code="same-text", text="the same person writes the same again")
    if found & known:
        return Reason(code="same-reference", text="names the same transaction or order")
    # The same form with another order in it is another matter.
    if not found and any(_alike(reading.text, text) for text in before):
        return Reason(code="same-text", text="the same person tells the same story again")
    if _same_subject(message, case):
        return Reason(code="same-subject", text="the same person writes under the same subject")
    if verdict.nature in {"empty", "thanks"}:
        return Reason(code="nudge", text="a bare nudge of somebody with an open case")
    return None


@lru_cache(maxsize=512)
def _matters(text: str) -> frozenset[str]:
    """Return what a text names that belongs to one matter only: transactions and orders."""
    found = find_references(text[:LONGEST_ALIKE])
    return frozenset((*found.transactions, *found.orders))


@lru_cache(maxsize=512)
def _named(text: str) -> frozenset[str]:
    """Return everything that a text names exactly."""
    found = find_references(text[:LONGEST_ALIKE])
    return frozenset((*found.transactions, *found.orders, *found.addresses, *found.amounts))


def _same_subject(message: Message, case: Case) -> bool:
    subject = plain_subject(message.subject)
    near = message.received_at - case.last_message_at <= SUBJECT_WINDOW
    return near and len(subject) >= SHORTEST_ALIKE and plain_subject(case.summary).startswith(subject)


def _same_chat(message: Message, verdict: Verdict, case: Case) -> Reason | None:
    """A private chat goes on: at once with anything, within a day with the same kind of matter."""
    if message.kind not in {"telegram", "x"} or message.public:
        return None
    pause: timedelta = message.received_at - case.last_message_at
    if pause <= CHAT_PAUSE:
        return Reason(code="same-chat", text=f"the same chat, {_minutes(message.received_at, case)} minutes later")
    if pause <= CHAT_DAY and case.channel == message.channel and verdict.category == case.verdict.category:
        return Reason(code="same-chat", text="the same chat and the same kind of matter within a day")
    return None


def _minutes(now: datetime, case: Case) -> int:
    return max(0, int((now - case.last_message_at).total_seconds() // 60))


def _same_words(text: str, other: str) -> bool:
    words = _plain(text)
    return bool(words) and words == _plain(other)


def _alike(text: str, other: str) -> bool:
    if min(len(text), len(other)) < SHORTEST_ALIKE:
        return _same_words(text, other)
    return _overlap(text[:LONGEST_ALIKE], other[:LONGEST_ALIKE])


@lru_cache(maxsize=64)  # the same two texts are asked about up to three times in a row
def _overlap(text: str, other: str) -> bool:
    """Tell whether one text is in the other, whole or with few changes."""
    if text in other or other in text:
        return True
    pieces, others = _pieces(text), _pieces(other)
    # The fine comparison costs a millisecond; texts that share few pieces need none.
    if 2 * len(pieces & others) < min(len(pieces), len(others)):
        return False
    return bool(fuzz.partial_ratio(text, other, score_cutoff=ALIKE) >= ALIKE)


@lru_cache(maxsize=512)
def _pieces(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 4] for i in range(len(text) - 3))


@lru_cache(maxsize=512)
def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()
