"""What was said in a case: messages that came in, replies that went out, notes."""

from dataclasses import dataclass
from datetime import datetime

from triage.case.matter import MAYBE_NEW, Disposition
from triage.case.verdict import Reason, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stored message, as its case shows it.

    Attributes:
        id: The store's; 0 before it is stored.
        case_id: 0 for a message that belongs to no case (robot, spam, command).
        why: Why it has this disposition.
        acknowledged: Why an acknowledgement was queued, or why none.
        text: Everything the sender wrote, secrets replaced.
        new_text: Without quotes and signature.
        redacted: What kinds of secrets were replaced.
        received_at: When we pulled it.
        since: From when its sender waits (`Message.since`).
    """

    case_id: int
    channel: str
    kind: str
    external_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    new_text: str
    language: str
    received_at: datetime
    since: datetime
    disposition: Disposition
    why: Reason
    acknowledged: str = ""
    redacted: tuple[str, ...] = ()
    sent_at: datetime | None = None
    verdict: Verdict | None = None
    attachments: tuple[str, ...] = ()
    id: int = 0

    @property
    def maybe_new(self) -> bool:
        """Tell whether it was joined by a header alone, and may be a matter of its own (`triage split`)."""
        return self.why.code.endswith(MAYBE_NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply of ours, as its case shows it.

    Attributes:
        id: The outbox row.
        kind: As `Reply.kind`: "answer" is an agent's, everything else we said by ourselves.
        who: The agent who wrote it; "" for what we said by ourselves.
        state: "queued", "sending", "sent", "unknown", "refused", "withdrawn", "withheld" or
            "bounced".
        why: What went wrong, or empty.
        at: When it was written.
        due: When it is sent at the earliest.
    """

    id: int
    kind: str
    channel: str
    who: str
    text: str
    state: str
    why: str
    at: datetime
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What an agent wrote down about a case, for agents only."""

    case_id: int
    who: str
    at: datetime
    text: str
    id: int = 0
