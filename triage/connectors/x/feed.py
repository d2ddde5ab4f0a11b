"""One timeline being read: which page is next, what was gathered, and when to look again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pydantic import ValidationError

from triage.connectors.x.posts import number_of, objects, unreadable
from triage.connectors.x.walk import Walk
from triage.message import Message, Unreadable

GATHER = 3
"""Pages that are held back until the walk has reached its end, so that they can be given oldest first."""


class Read(Protocol):
    """Turns one thing of a page into a message, or None; raises `ValidationError`."""

    def __call__(
        self, raw: Any, people: dict[str, dict[str, Any]], me: str, channel: str, now: datetime
    ) -> Message | None:
        """Return the message."""
        ...


Ask = Callable[[Walk], Awaitable[dict[str, Any]]]


@dataclass(slots=True, kw_only=True)
class Feed:
    """The mentions, or the direct messages.

    X gives the newest first. Up to `GATHER` pages (some 300 messages) are put in order before they are handed
    over; of a longer backlog the newest pages come first, each lot in order.

    Attributes:
        every: Seconds between two looks.
        price: What one thing costs when it is read for the first time in a day.
        walk: The place after the pages gathered.
        due_at: When to look again, on the monotonic clock.
        limited: X itself makes us wait until `due_at`.
        restarted: This walk was begun again from its top, because X no longer knew the name of a page.
        handed: Ids that are stored and may come again in the overlap.
    """

    name: str
    ask: Ask
    read: Read
    every: float
    price: float
    walk: Walk
    due_at: float
    limited: bool = False
    restarted: bool = False
    handed: set[int] = field(default_factory=set)
    gathered: list[dict[str, Any]] = field(default_factory=list)

    def take(self, page: dict[str, Any]) -> bool:
        """Keep what is new of a page; return whether it is time to hand over what was gathered."""
        things, until = things_of(page), self.walk.until
        # Direct messages know no `since_id`: a page reaches back beyond what we want. What has no id is always kept.
        wanted = [thing for thing in things if not 0 < number_of(thing) <= until]
        self.gathered.append(page | {"data": wanted})
        self.limited = False
        meta = page.get("meta")
        token = meta.get("next_token") if isinstance(meta, dict) else None
        ids = [number for thing in things if (number := number_of(thing))]
        self.walk = self.walk.after(ids, token if isinstance(token, str) else "")
        return not self.walk.token or len(self.gathered) >= GATHER

    def items(self, me: str, channel: str, now: datetime) -> tuple[Message | Unreadable, ...]:
        """Return what was gathered and is not stored yet, oldest first."""
        found: list[tuple[int, Message | Unreadable]] = []
        for page in self.gathered:
            people = _people(page)
            for thing in things_of(page):
                if (number := number_of(thing)) in self.handed:
                    continue
                try:
                    item: Message | Unreadable | None = self.read(thing, people, me, channel, now)
                except ValidationError as error:
                    item = unreadable(thing, error, channel, now)
                found += [(number, item)] if item else []
        return tuple(item for _, item in sorted(found, key=lambda pair: pair[0]))

    def stored(self, next_look: float) -> None:
        """Forget what was gathered: it is stored. Look again at `next_look`, or at once if the walk goes on."""
        self.handed |= {number_of(thing) for page in self.gathered for thing in things_of(page)} - {0}
        self.handed = {number for number in self.handed if number > self.walk.until}
        self.gathered = []
        if not self.walk.token and not self.limited:
            self.due_at = next_look
            self.restarted = False

    def restart(self) -> bool:
        """Begin the walk again from its top, once; return whether that was possible. Nothing is lost by it."""
        if self.restarted or not self.walk.token:
            return False
        self.walk = self.walk.again()
        self.gathered = []
        self.restarted = True
        return True


def things_of(page: dict[str, Any]) -> list[Any]:
    """Return the posts or events of a page, newest first."""
    data = page.get("data")
    return data if isinstance(data, list) else []


def _people(page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the authors that came along with a page, by id."""
    includes = page.get("includes")
    users = includes.get("users") if isinstance(includes, dict) else None
    return {str(user.get("id")): user for user in objects(users)}
