"""What would become of a message, told and not done: nothing is stored, nothing is sent."""

from triage.answering import Answering
from triage.classifier import Judge
from triage.desk import Desk
from triage.message import Message, Unreadable
from triage.sealing import guarded
from triage.settling import Settling
from triage.store.inbox import Waiting
from triage.studying import prepare


def explain(message: Message, desk: Desk, judge: Judge) -> dict[str, object]:
    """Return what would become of one message, as values for JSON; nothing is stored or sent."""
    safe, redacted = guarded(message, desk.guarding)
    waiting = Waiting(id=0, message=safe, redacted=redacted, attempts=1)
    [p] = prepare(desk, judge, [waiting])
    settling = Settling(desk=desk, answers=Answering(desk=desk, now=message.received_at), new_ids=range(1, 2))
    entry = settling.settle(p)
    reply = next(iter(settling.answers.replies), None)
    return {
        "id": message.external_id,
        "unreadable": False,
        "language": p.reading.language,
        "text": p.reading.text,
        "robot": p.reading.robot is not None,
        "robot_why": p.reading.robot.text if p.reading.robot else None,
        "authentic": p.reading.authentic,
        "nature": p.verdict.nature,
        "category": p.verdict.category,
        "topic": p.verdict.topic,
        "urgency": p.verdict.urgency.label,
        "confidence": round(p.verdict.confidence, 3),
        "reasons": [r.text for r in p.verdict.reasons],
        "references": p.reading.references.named(),
        "redacted": list(redacted),
        "disposition": entry.disposition.value,
        "acknowledge": reply.text if reply else None,
        "why": entry.acknowledged,
    }


def explain_unreadable(item: Unreadable) -> dict[str, object]:
    """Return the same keys as `explain` for what no message could be made of: it would go to the quarantine."""
    nothing = {"robot_why": None, "authentic": None, "nature": "empty", "category": "unsorted", "topic": ""}
    return {
        "id": item.external_id,
        "unreadable": True,
        "language": "und",
        "text": "",
        "robot": False,
        **nothing,
        "urgency": "normal",
        "confidence": 0.0,
        "reasons": [],
        "references": {},
        "redacted": [],
        "disposition": "quarantine",
        "acknowledge": None,
        "why": item.why,
    }
