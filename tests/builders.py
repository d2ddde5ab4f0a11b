"""Values for tests: each builder gives a whole, plausible value; a test names only what it is about."""

from datetime import UTC, datetime
from typing import Any

from triage.case import Case, Reading, Status, Urgency, Verdict
from triage.message import Address, Message, Reply
from triage.rules.priority import place
from triage.rules.targets import Matter, Targets

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)


def an_address(value: str = "ada@example.org", kind: str = "email", **other: Any) -> Address:
    return Address(kind=kind, value=value, **other)


def a_message(text: str = "My withdrawal is stuck since yesterday.", **other: Any) -> Message:
    sender = other.pop("sender", "ada@example.org")
    kind = other.pop("kind", "email")
    values: dict[str, Any] = {
        "channel": "support-mail",
        "kind": kind,
        "external_id": "INBOX/1/1",
        "sender": sender if isinstance(sender, Address) else an_address(sender, kind),
        "received_at": NOW,
        "text": text,
    }
    return Message(**(values | other))


def a_reply(text: str = "We have your message.", **other: Any) -> Reply:
    values: dict[str, Any] = {
        "key": "1:acknowledgement",
        "kind": "acknowledgement",
        "channel": "support-mail",
        "to": an_address(),
        "language": "en",
        "created_at": NOW,
        "case_id": 1,
    }
    return Reply(**(values | {"text": text} | other))


def a_reading(text: str = "My withdrawal is stuck since yesterday.", **other: Any) -> Reading:
    return Reading(**({"text": text, "language": "en"} | other))


def a_verdict(**other: Any) -> Verdict:
    values: dict[str, Any] = {
        "nature": "request",
        "category": "transaction",
        "topic": "pending",
        "urgency": Urgency.NORMAL,
        "confidence": 0.9,
        "model": "test",
    }
    return Verdict(**(values | other))


def a_case(case_id: int = 1, **other: Any) -> Case:
    since = other.get("opened_at", NOW)
    verdict = other.get("verdict", a_verdict())
    values: dict[str, Any] = {
        "id": case_id,
        "number": f"T{case_id}-TESTTEST",
        "status": Status.OPEN,
        "person_id": 1,
        "channel": "support-mail",
        "kind": "email",
        "language": "en",
        "summary": "My withdrawal is stuck since yesterday.",
        "verdict": verdict,
        "place": place(since=since, matter=Matter(urgency=verdict.urgency, channel="support-mail"), targets=Targets()),
        "opened_at": since,
        "last_message_at": since,
        "first_unanswered_at": since,
    }
    return Case(**(values | other))
