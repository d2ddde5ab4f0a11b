"""What came in, as it came: the whole message with its secrets replaced, and the sealed originals of a case.

The sealed ones are taken along to where the key is that opens them, and it is written down who did. This desk cannot
open them, and neither can its pages: the key must never come near it.
"""

from dataclasses import dataclass
from datetime import datetime

from triage.errors import TriageError
from triage.message import Message
from triage.store import Tx, audit, cases, lists, regrouping


class NoSuchMessage(TriageError):
    """The case has no message of this id. Nothing was changed."""


class NothingSealed(TriageError):
    """No message of the case was sealed: it held no secret, or the desk has no key to seal to. Nothing is kept."""


def message(tx: Tx, case_id: int, message_id: int) -> Message:
    """Return a message of a case as it came in, its secrets replaced; raises `NoSuchMessage`."""
    try:
        found, of = regrouping.message(tx, message_id)
    except TriageError:
        of = 0
    if of != case_id:
        raise NoSuchMessage("there is no message %(id)s", id=message_id)
    return found


def written(message: Message) -> str:
    """Return a message as text: its headers, or who wrote and when; its words, or HTML as source; its files of text."""
    said = [f"{name}: {value}" for name, value in message.headers]
    said = said or [f"From: {message.sender.name} <{message.sender.key}>", f"Date: {message.since.isoformat()}"]
    files = [part for one in message.attachments for part in ("", f"--- {one.name} ({one.content_type})", one.text)]
    return "\n".join([*said, "", message.text or message.html, *files])


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One original as `triage seal open` reads it.

    Attributes:
        id: The message's id at its channel.
        received_at: When it came, ISO 8601.
        sealed: The box, in base64.
    """

    id: str
    received_at: str
    sealed: str


def count(tx: Tx, case_id: int) -> int:
    """Return how many messages of a case have an original that was sealed."""
    return len(lists.sealed(tx, case_id))


def take(tx: Tx, case_id: int, who: str, now: datetime) -> list[Box]:
    """Return the sealed originals of a case, oldest first; raises `NothingSealed`, `NoSuchCase`."""
    case = cases.present(tx, case_id)
    found = lists.sealed(tx, case_id)
    if not found:
        raise NothingSealed("%(number)s: no message of this case was sealed", number=case.number)
    audit.record(tx, who, "case.sealed-taken", case_id, {"messages": [one.external_id for one in found]}, now)
    return [Box(id=one.external_id, received_at=one.received_at.isoformat(), sealed=one.sealed) for one in found]
