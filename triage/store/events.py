"""What happened, in the order in which it was written: messages that were handled, and what was done to cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from triage.store.lists import version
from triage.store.tables import audit, cases, messages

MOST = 200
"""Events that are read at once, of each kind."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Up to where somebody has read: the ids of the last message and of the last action. Written "MESSAGE.ACTION"."""

    message: int
    action: int

    def __str__(self) -> str:
        """Return it as `place_of` reads it."""
        return f"{self.message}.{self.action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. It holds no word of a customer: who wants to know more reads the case.

    Attributes:
        place: Whoever read this one goes on from here.
        name: "message.new" (or another disposition), or the action of the audit ("case.answered").
        number: Of the case; "" for what concerns none.
        who: Who did it: an agent, or "triage"; "" for a message.
        channel: Of a message, else "".
    """

    place: Place
    name: str
    number: str
    who: str
    channel: str
    at: datetime


def newest(tx: Connection) -> Place:
    """Return the place after everything that happened."""
    return Place(*version(tx))


def place_of(text: str) -> Place | None:
    """Return a place as it was written, or None for what is none."""
    message, _, action = text.partition(".")
    good = all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (message, action))
    return Place(int(message), int(action)) if good else None


def since(tx: Connection, place: Place) -> list[Event]:
    """Return up to `MOST` messages and as many actions after a place; none when nothing happened."""
    found = []
    said = select(messages.c.id, messages.c.disposition, messages.c.channel, messages.c.stored_at, cases.c.number)
    said = said.outerjoin(cases, cases.c.id == messages.c.case_id).where(messages.c.id > place.message)
    for row in tx.execute(said.order_by(messages.c.id).limit(MOST)):
        place = Place(row.id, place.action)
        name = f"message.{row.disposition}"
        found.append(
            Event(place=place, name=name, number=row.number or "", who="", channel=row.channel, at=row.stored_at)
        )
    done = select(audit.c.id, audit.c.who, audit.c.action, audit.c.at, cases.c.number)
    done = done.outerjoin(cases, cases.c.id == audit.c.case_id).where(audit.c.id > place.action)
    for row in tx.execute(done.order_by(audit.c.id).limit(MOST)):
        place = Place(place.message, row.id)
        found.append(Event(place=place, name=row.action, number=row.number or "", who=row.who, channel="", at=row.at))
    return found
