"""Cases and entries in a store, for its tests."""

from builders import NOW, a_case, an_address

from triage.case import Case, Disposition, Entry, Reason
from triage.message import Message
from triage.store import Tx, cases, people
from triage.store.cases import Changes


def entry(case_id: int, message: Message, **other: object) -> Entry:
    values: dict[str, object] = {
        "case_id": case_id,
        "channel": message.channel,
        "kind": message.kind,
        "external_id": message.external_id,
        "sender": message.sender.key,
        "sender_name": message.sender.name,
        "subject": message.subject,
        "text": message.text,
        "new_text": message.text,
        "language": "en",
        "received_at": message.received_at,
        "since": message.since,
        "disposition": Disposition.NEW,
        "why": Reason(code="new", text="a new matter"),
    }
    return Entry(**(values | other))  # type: ignore[arg-type]


def person(tx: Tx, value: str = "ada@example.org") -> int:
    return people.resolve(tx, [an_address(value)], NOW)[f"email:{value}"]


def opened(tx: Tx, *numbers: int, **other: object) -> list[Case]:
    values = {"person_id": person(tx)} | other
    new = [a_case(number, **values) for number in numbers]
    cases.save(tx, Changes(opened=new), NOW)
    return new
