"""What comes into the inbox and what waits in it."""

from dataclasses import dataclass

from triage.message import Message, Unreadable

Fresh = tuple[Message, tuple[str, ...]]
"""A guarded message with the kinds of secrets that were replaced in it."""

Item = Fresh | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message in the inbox.

    Attributes:
        redacted: What kinds of secrets were replaced before it was stored.
        attempts: How often handling it was begun, this time included.
    """

    id: int
    message: Message
    redacted: tuple[str, ...]
    attempts: int
