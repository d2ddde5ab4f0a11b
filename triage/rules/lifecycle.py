"""How a message opens or changes a case: values in, a new value out."""

from dataclasses import replace
from datetime import datetime

from triage.case import Case, Disposition, FollowUp, Place, Reading, Reason, Status, Urgency, Verdict
from triage.message import Message
from triage.rules import promise
from triage.rules.language import UNKNOWN
from triage.rules.priority import place
from triage.rules.targets import Matter, Targets
from triage.rules.worth import claimed

SUMMARY_LENGTH = 120


EXPOSING = frozenset({"seed phrase", "private key", "keystore"})

EXPOSED = Reason(code="rule.secret-sent", text="the customer sent a secret; it was replaced before it was stored")


def exposed(redacted: tuple[str, ...]) -> bool:
    """Return True when what was replaced opens the wallet by itself; a one-time code is worthless in a minute."""
    return not EXPOSING.isdisjoint(redacted)


def with_secret(verdict: Verdict) -> Verdict:
    """Return the verdict of a message that held a secret: security, critical, whatever the model says."""
    return replace(
        verdict,
        nature="request",
        category="security",
        topic="leaked-secret",
        urgency=Urgency.CRITICAL,
        confidence=1.0,
        second=None,
        reasons=(EXPOSED, *without_words(verdict).reasons),
        likely=(("security/leaked-secret", 1.0),),
    )


def without_words(verdict: Verdict) -> Verdict:
    """Return the verdict without the words that decided: they are the message's own, and may be parts of its secret."""
    return replace(verdict, reasons=tuple(reason for reason in verdict.reasons if reason.code != "word"))


def open_case(  # noqa: PLR0913 - a case is born from all of these
    *,
    case_id: int,
    number: str,
    person_id: int,
    message: Message,
    reading: Reading,
    verdict: Verdict,
    targets: Targets,
    linked_to: int = 0,
    secret_exposed: bool = False,
) -> Case:
    """Return the new case of a first message."""
    since = message.since
    stake = claimed(reading.references.amounts, targets.worths)
    return Case(
        id=case_id,
        number=number,
        status=Status.OPEN,
        person_id=person_id,
        channel=message.channel,
        kind=message.kind,
        language=reading.language,
        summary=summary_of(message, reading),
        verdict=verdict,
        place=place(since=since, matter=_matter(verdict, message.channel), targets=targets, claimed=stake),
        opened_at=since,
        last_message_at=since,
        first_unanswered_at=since,
        secret_exposed=secret_exposed,
        linked_to=linked_to,
        claimed=stake,
    )


def continue_case(
    case: Case,
    *,
    message: Message,
    reading: Reading,
    verdict: Verdict,
    follow_up: FollowUp,
    targets: Targets,
    secret_exposed: bool = False,
) -> Case:
    """Return the case after one more message of the customer.

    Whatever she writes brings back a case that was put off. The clock stays at the first unanswered message; urgency
    and the claimed sum only rise; a repeat changes the count and little else, thanks not even that. A case that is
    resolved stays so, and one that was answered is open again unless all she says is "thanks".
    """
    repeat = follow_up.disposition is Disposition.REPEAT
    thanks = verdict.nature == "thanks" and not secret_exposed
    grown = replace(
        case,
        follow_ups=case.follow_ups + (not repeat),
        repeats=case.repeats + (repeat and not thanks),
        last_message_at=max(case.last_message_at, message.since),
        language=reading.language if reading.language != UNKNOWN else case.language,
        secret_exposed=case.secret_exposed or secret_exposed,
        snoozed_until=None,
        claimed=max(case.claimed, claimed(reading.references.amounts, targets.worths)),
    )
    empty = verdict.nature == "empty" and not secret_exposed
    content = case.status is Status.ANSWERED and (thanks or empty)
    if case.status is Status.RESOLVED or content:
        return grown
    since = case.first_unanswered_at or message.since
    judged = case.verdict if repeat and not secret_exposed else risen(case, verdict)
    if case.status is Status.ANSWERED:
        # The first message after an answer is what waits now; only what comes on top of it presses.
        grown = replace(grown, follow_ups=0, repeats=0)
    before = case.place if case.status is Status.OPEN else None
    return placed(replace(grown, status=Status.OPEN, first_unanswered_at=since, verdict=judged), targets, before)


def answered(case: Case, who: str, now: datetime, *, resolve: bool = False) -> Case:
    """Return the case after an agent's answer: nothing waits in it, and it is hers if it was nobody's.

    With `resolve` nothing is left to do; else it is the customer's turn.
    """
    return replace(
        case,
        status=Status.RESOLVED if resolve else Status.ANSWERED,
        resolved_at=now if resolve else None,
        first_unanswered_at=None,
        first_answered_at=case.first_answered_at or now,
        answered_at=now,
        assignee=case.assignee or who,
        follow_ups=0,
        repeats=0,
        promise=promise.ended(case.promise, now),
        snoozed_until=None,
    )


def placed(case: Case, targets: Targets, before: Place | None = None) -> Case:
    """Return the case with its place computed from what it holds now; never behind the one it had, if given."""
    return replace(
        case,
        place=place(
            since=case.first_unanswered_at or case.last_message_at,
            matter=matter_of(case),
            follow_ups=case.follow_ups,
            repeats=case.repeats,
            targets=targets,
            late=promise.is_late(case),
            claimed=case.claimed,
            before=before,
        ),
    )


def matter_of(case: Case) -> Matter:
    """Return what the target of a case depends on."""
    return _matter(case.verdict, case.channel)


def _matter(verdict: Verdict, channel: str) -> Matter:
    return Matter(urgency=verdict.urgency, channel=channel, category=verdict.category, topic=verdict.topic)


def risen(case: Case, new: Verdict) -> Verdict:
    """Return the case's verdict, raised by a more urgent message; what an agent corrected is never renamed."""
    old = case.verdict
    if new.nature != "request":
        return old
    if new.urgency <= old.urgency and old.category != "unsorted":
        return old
    urgency = max(new.urgency, old.urgency)
    renamed = new.category != "unsorted" and "category" not in case.pinned
    return replace(
        old,
        urgency=urgency,
        category=new.category if renamed else old.category,
        topic=new.topic if renamed and "topic" not in case.pinned else old.topic,
        confidence=new.confidence if renamed else old.confidence,
        second=new.second if renamed else old.second,
        likely=new.likely if renamed else old.likely,
        reasons=new.reasons,
        model=new.model,
    )


def summary_of(message: Message, reading: Reading) -> str:
    """Return one line that tells the case in the list: the subject and what was said first, at most 120 characters."""
    said = " ".join(reading.text[: 20 * SUMMARY_LENGTH].split())
    subject = " ".join(message.subject.split())
    line = said if not subject or said.startswith(subject) else f"{subject} · {said}"
    if not line:
        line = ", ".join(a.name or a.content_type for a in message.attachments) or "(nothing was written)"
    return line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1].rstrip() + "…"
