"""How a message opens or changes a case: values in, a new value out."""

from dataclasses import replace

from triage.case import Case, Disposition, FollowUp, Reading, Reason, Status, Urgency, Verdict
from triage.message import Message
from triage.rules.priority import Targets, place

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
        reasons=(EXPOSED, *verdict.reasons),
    )


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
    since = message.received_at
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
        place=place(
            since=since, urgency=verdict.urgency, channel=message.channel, follow_ups=0, repeats=0, targets=targets
        ),
        opened_at=since,
        last_message_at=since,
        first_unanswered_at=since,
        secret_exposed=secret_exposed,
        linked_to=linked_to,
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

    The clock stays at the first unanswered message; urgency only rises; a repeat changes the count and little
    else. A case that is resolved stays so ("thanks").
    """
    repeat = follow_up.disposition is Disposition.REPEAT
    grown = replace(
        case,
        follow_ups=case.follow_ups + (not repeat),
        repeats=case.repeats + repeat,
        last_message_at=max(case.last_message_at, message.received_at),
        language=reading.language if reading.language != "und" else case.language,
        secret_exposed=case.secret_exposed or secret_exposed,
    )
    if case.status is Status.RESOLVED:
        return grown
    since = case.first_unanswered_at or message.received_at
    judged = case.verdict if repeat and not secret_exposed else _risen(case, verdict)
    return placed(replace(grown, first_unanswered_at=since, verdict=judged), targets)


def placed(case: Case, targets: Targets) -> Case:
    """Return the case with its place computed from what it holds now."""
    return replace(
        case,
        place=place(
            since=case.first_unanswered_at or case.last_message_at,
            urgency=case.verdict.urgency,
            channel=case.channel,
            follow_ups=case.follow_ups,
            repeats=case.repeats,
            targets=targets,
        ),
    )


def _risen(case: Case, new: Verdict) -> Verdict:
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
