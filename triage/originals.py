"""Taking the sealed originals of a case along, to where the key is that opens them; it is written down who did.

This desk cannot open them, and neither can its pages: the key must never come near it.
"""

from dataclasses import dataclass
from datetime import datetime

from triage.errors import TriageError
from triage.store import Tx, audit, cases, lists


class NothingSealed(TriageError):
    """No message of the case was sealed: it held no secret, or the desk has no key to seal to. Nothing is kept."""


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
