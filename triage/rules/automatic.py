"""Whether a machine wrote a message, and whether the sender is who it says."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.case import Reason
from triage.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What is ours, so that we never answer ourselves.

    Attributes:
        addresses: Our mail addresses in lower case, without "+tag".
        domains_of_message_ids: The domains in the Message-IDs that we make.
    """

    addresses: frozenset[str] = frozenset()
    domains_of_message_ids: frozenset[str] = frozenset()


def find_robot(message: Message, own: Own) -> Reason | None:
    """Return why a machine is held to be the writer of `message`, or None for a person."""
    if message.sender.is_bot:
        return Reason(code="robot.bot", text="the platform says that a program writes")
    if message.sender.value in own.addresses:
        return Reason(code="robot.own-address", text="it comes from one of our own addresses")
    return None


def authentic(message: Message, trusted: Sequence[str]) -> bool | None:
    """Return whether our own mail server vouches for the sender; None when nobody can tell."""
    del message, trusted
    return None
