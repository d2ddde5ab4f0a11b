"""Which case a message continues, and whether it says anything new. Surest evidence first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from triage.case import MAYBE_NEW, Case, Disposition, FollowUp, Reading, Reason, Status, Verdict
from triage.message import Message
from triage.rules import case_number, likeness
from triage.rules.asking_again import is_nudge
from triage.rules.likeness import plain_subject
from triage.rules.same_matter import nearest, reason_of, why_same

WINDOW = timedelta(days=30)
"""A guess never reaches further back; what the sender's own client says (a reply) always counts."""

MOST_CASES = 10
"""Open cases of one person that a guess looks at, newest first: a flood of them must not cost the others time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the store knows that could tie a message to a case.

    Attributes:
        numbered: Cases whose number the message quotes with a true check code.
        threaded: Cases that hold a message this one answers, nearest first.
        own: The sender's own cases, newest first: all but those resolved before `WINDOW`.
        person_id: Who the sender is known to be; 0 for nobody in particular.
        recent_texts: Case id to what was last said in it, newest first.
        participants: Case id to the `Address.key` of everybody who wrote in it.
    """

    numbered: Sequence[Case] = ()
    threaded: Sequence[Case] = ()
    own: Sequence[Case] = ()
    person_id: int = 0
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
    gets a new case that is linked, and learns nothing. The weight of the reason is the strength of the evidence.
    """
    link = Match()
    forged = reading.authentic is False
    for case, reason, certain in _pointed_at(message, evidence):
        if not forged and (off := _split_off(message, case, evidence)) is not None:
            return Match(follow_up=_joined(message, reading, verdict, off, reason, evidence))
        if forged or not _may_join(message, case, evidence, by_number=not certain):
            link = link if link.linked_to else _link(case, "stranger", "points at a case of somebody else")
        elif case.status is Status.RESOLVED and verdict.nature != "thanks" and not message.edited:
            link = link if link.linked_to else _link(case, "closed", "points at a case that is resolved")
        else:
            return Match(follow_up=_joined(message, reading, verdict, case, reason, evidence))
    guess = None if forged else _guess(message, reading, verdict, evidence)
    return link if guess is None else Match(follow_up=guess)


def says_nothing_new(message: Message, reading: Reading, verdict: Verdict, before: Sequence[str]) -> bool:
    """Return True when a message adds nothing to what the case holds: a copy, an echo, or a bare nudge.

    A picture, a new transaction id, address or amount is always something new.
    """
    if message.attachments:
        return False
    bare = verdict.nature in {"empty", "thanks"} or is_nudge(reading.text)
    if bare or any(likeness.same_words(reading.text, text) for text in before):
        return True
    if likeness.named(reading.text) - likeness.all_of(map(likeness.named, before)):
        return False
    return any(likeness.alike(reading.text, text) and len(reading.text) <= 1.25 * len(text) for text in before)


def _pointed_at(message: Message, evidence: Evidence) -> list[tuple[Case, Reason, bool]]:
    numbered = [(c, reason_of("number", f"quotes the case number {c.number}"), False) for c in evidence.numbered]
    what = {"telegram": "answers a message of this case", "x": "is part of this conversation"}
    text = what.get(message.kind, "answers a mail of this case")
    threaded = [(c, reason_of("thread", text), True) for c in evidence.threaded]
    return threaded + numbered


def _may_join(message: Message, case: Case, evidence: Evidence, *, by_number: bool) -> bool:
    """A case is joined by who already writes in it, from any address that was proved to be hers, or with its number.

    The number counts from a kind of channel that the case does not know yet: the customer who follows up elsewhere.
    A second person on the same kind of channel who has it (a forwarded mail, somebody in Cc) stays outside.
    """
    people = evidence.participants.get(case.id, frozenset())
    if not message.sender.value:
        return False  # nobody in particular: a mail without a usable From
    if message.sender.key in people or (evidence.person_id and evidence.person_id == case.person_id):
        return True
    return by_number and not message.public and not any(p.startswith(f"{message.sender.kind}:") for p in people)


def _split_off(message: Message, case: Case, evidence: Evidence) -> Case | None:
    """Return the sender's own open case that points at one she has no part in: split off from it, or her own question.

    She was told the number of the old one before an agent took her message out of it.
    """
    if message.sender.key in evidence.participants.get(case.id, frozenset()):
        return None
    hers = (c for c in evidence.own if c.linked_to == case.id and c.status is not Status.RESOLVED)
    return next((c for c in hers if message.sender.key in evidence.participants.get(c.id, frozenset())), None)


def _link(case: Case, code: str, text: str) -> Match:
    return Match(linked_to=case.id, why=Reason(code=f"linked.{code}", text=f"{text} ({case.number})"))


def _joined(
    message: Message, reading: Reading, verdict: Verdict, case: Case, reason: Reason, evidence: Evidence
) -> FollowUp:
    before = evidence.recent_texts.get(case.id, ())
    nothing_new = says_nothing_new(message, reading, verdict, before)
    # The subject of our own acknowledgement carries a number and says nothing about the matter.
    ours = case.number in message.subject or case_number.find(message.subject)
    subject = "" if ours else plain_subject(message.subject)
    fresh = bool(subject) and subject not in likeness.words_of("\n".join((case.summary, *before))).casefold()
    stray = fresh and not nothing_new and not any(likeness.alike(reading.text, text) for text in before)
    if stray and reason.code == "thread":
        text = f"{reason.text}; maybe a new matter: subject and text are new"
        reason = Reason(code=f"{reason.code}{MAYBE_NEW}", text=text, weight=reason.weight)
    return FollowUp(
        case_id=case.id,
        disposition=Disposition.REPEAT if nothing_new else Disposition.FOLLOW_UP,
        reason=reason,
    )


def _guess(message: Message, reading: Reading, verdict: Verdict, evidence: Evidence) -> FollowUp | None:
    """Return which of the sender's own open cases a message most likely continues; the newest few are looked at.

    The strongest evidence wins; of equals that go by the topic the nearest case, of others the newest.
    """
    alive = [c for c in evidence.own if c.status is not Status.RESOLVED and message.since - c.last_message_at <= WINDOW]
    found: list[tuple[Case, Reason]] = []
    for case in alive[:MOST_CASES]:
        inside = message.sender.key in evidence.participants.get(case.id, frozenset())
        before = evidence.recent_texts.get(case.id, ())
        reason = why_same(message, reading, verdict, case, before, inside=inside)
        found += [(case, reason)] if reason is not None else []
    if not found:
        return None
    # `max` keeps the first of equals, and the newest case comes first.
    case, reason = max(found, key=lambda one: (one[1].weight, nearest(verdict, *one)))
    nothing_new = says_nothing_new(message, reading, verdict, evidence.recent_texts.get(case.id, ()))
    kind = Disposition.REPEAT if nothing_new else Disposition.FOLLOW_UP
    return FollowUp(case_id=case.id, disposition=kind, reason=reason)
