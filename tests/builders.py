"""Values for tests: each builder gives a whole, plausible value; a test names only what it is about."""

from datetime import UTC, datetime
from typing import Any

from triage.message import Address, Message, Reply

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
