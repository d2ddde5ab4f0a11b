"""Whether a delivery report is about a mail of ours, and whether its address is dead (RFC 3464, RFC 3463)."""

import re
from dataclasses import dataclass

from triage.message import Message
from triage.rules import own_ids

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_GONE = re.compile(
    r"user unknown|unknown (?:user|recipient|address)|no such (?:user|mailbox|address|recipient|person)"
    r"|(?:user|mailbox|address|recipient|account)(?: \S{1,80})? (?:does not|doesn't|not) (?:exist|found)"
    r"|account (?:is |has been )?(?:disabled|deactivated|closed)|用户不存在|邮箱不存在|收件人不存在",
    re.IGNORECASE,
)
_LONGEST = 20_000  # characters of a report that are read

_SOFT_SUBJECTS = {"2.2", "2.3", "3.1", "3.4", "4.7"}
"""Full, too long, system full, too big, too old: said with a 5 by some servers, and yet not for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A mail of ours that did not arrive.

    Attributes:
        ids: Message-IDs of ours that the report names.
        dead: The address does not exist, or will never take a mail of ours.
        status: "5.1.1", or empty.
        why: What the far side says, at most 200 characters; it is a stranger's word.
    """

    ids: tuple[str, ...]
    dead: bool
    status: str
    why: str


def find_bounce(message: Message) -> Bounce | None:
    """Return what a machine's mail tells of a mail of ours that did not arrive, or None.

    Only a report that names the Message-ID of a mail counts. One that says the mail is only late does not.
    """
    text = message.text[:_LONGEST]
    named = dict.fromkeys((*message.refers_to, *own_ids.found_in(text)))
    ids = tuple(one for one in named if own_ids.domain_of(one))
    fields = dict(reversed(message.report))  # the first recipient: each mail of ours has one
    action = fields.get("action", "").strip().lower()
    if not ids or action in {"delayed", "delivered", "relayed", "expanded"}:
        return None
    said = fields.get("diagnostic-code", "").partition(";")[2] or fields.get("diagnostic-code", "")
    found = _STATUS.search(fields.get("status", "")) or _STATUS.search(said) or _STATUS.search(text)
    status = found[0] if found else ""
    words = " ".join((said or _line(text, status)).split())[:200]
    return Bounce(ids=ids, dead=_is_dead(status, said or text), status=status, why=words)


def _is_dead(status: str, said: str) -> bool:
    if status:
        return status.startswith("5.") and status[2:] not in _SOFT_SUBJECTS
    return bool(_GONE.search(said))


def _line(text: str, status: str) -> str:
    """Return the line of a report that tells the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = (line for line in lines if (status and status in line) or _GONE.search(line))
    return next(told, lines[0] if lines else "")
