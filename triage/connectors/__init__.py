"""The contract of a channel kind: one module or package each, found by its name.

A module of this package (or any importable one: `kind = "acme.sms"`) offers `Settings`, a pydantic
model of its part of the configuration, and `connect(name, settings)`, which returns a `Connector`.
`tests/connectors/contract.py` holds what every kind must keep.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from triage.errors import ConfigError
from triage.message import Message, Reply, Sent, Unreadable

LONGEST_SILENCE = 60.0
"""Seconds: a reader yields at least this often, an empty batch if nothing came, to show that it lives."""


class Unread(ABC):
    """Something that came in and costs time to read: whoever has the time reads it, be it in another process."""

    @abstractmethod
    def read(self) -> Iterable[Message | Unreadable]:
        """Return what is in it, in order: of a mail one, of a file any number. Only a file may raise `OSError`."""

    def unreadable(self, why: str) -> Unreadable | None:  # noqa: ARG002
        """Return what is kept of it if it cannot be read in time; None for what is no single message."""
        return None


Item = Message | Unreadable | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came, oldest first, and the cursor that follows it.

    Attributes:
        items: At most a few hundred; empty to show progress.
        cursor: Where to go on after these items; opaque to everybody but the connector. None keeps the last.
    """

    items: tuple[Item, ...] = ()
    cursor: str | None = None


class Connector(Protocol):
    """One configured account of one kind. It never touches the store, and never another channel.

    A kind that can send several replies at once says how many with an attribute `sends_at_once`.
    """

    name: str
    kind: str
    answers_through: str
    """The channel whose connector sends the replies: this one's own name, another's, or "" for none."""

    def messages(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what came after `cursor`, oldest first, for ever; each batch names the cursor that follows it.

        The code after a `yield` runs only once the batch is stored: mark mail as read there, never before.
        It yields at least every `LONGEST_SILENCE` seconds. A message is handed over again after a crash; its
        keys make it one. Raises `ChannelDown` (try again) or `ChannelRefused` (a person must act).
        """
        ...

    async def send(self, reply: Reply) -> Sent:
        """Send one reply, within one deadline, and return the ids it will be known by.

        Raises `SendRefused` (never for this reply), `SendLater` (not this one now), `SendUnknown` (it may have
        gone out), `ChannelDown` (it certainly did not go out; try again) or `ChannelRefused`.
        """
        ...

    async def find_sent(self, reply: Reply) -> Sent | None:
        """Look up a reply whose fate is unknown: `Sent` if the far side has it, None if it says that it has not.

        Raises `SendUnknown` when this kind cannot tell, `ChannelDown` when it cannot tell now.
        """
        ...

    async def check(self) -> str:
        """Try the account and return one line of what was found; raises as `messages`."""
        ...

    async def close(self) -> None:
        """Let go of every connection; never raises."""
        ...


def read(items: Iterable[Item]) -> Iterator[Message | Unreadable]:
    """Yield what items say, in order, once they were read."""
    for item in items:
        if isinstance(item, Unread):
            yield from item.read()
        else:
            yield item


def module_of(kind: str) -> ModuleType:
    """Return the module of a channel kind; raises `ConfigError` when there is none of that name, or it is broken."""
    name = kind if "." in kind else f"triage.connectors.{kind}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigError(f'there is no channel kind "{kind}": {error}') from None
    except Exception as error:  # noqa: BLE001 - whatever a module of somebody else's does when it is loaded
        why = f"{type(error).__name__}: {error}"
        raise ConfigError(f'the channel kind "{kind}" cannot be loaded: {" ".join(why.split())}') from None
