"""How far each folder of an account was read, as a text that the store keeps. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far one folder was read.

    Attributes:
        validity: The folder's UIDVALIDITY: under another one the UIDs mean other mail.
        uid: The last mail that was handed over.
        first: The last mail before we began; what is not newer was never ours.
        since: The day we began ("2026-11-02"), or "" for all mail: says where to begin when UIDs change.
    """

    validity: int
    uid: int
    first: int = 0
    since: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The places of all folders; what the store keeps is its text."""

    places: Mapping[str, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str | None) -> "Cursor":
        """Return the cursor in `text`; a text that is none of ours begins anew, and known mail stays known."""
        try:
            found = json.loads(text or "{}")
            return cls({name: Place(validity=v, uid=u, first=f, since=s) for name, (v, u, f, s) in found.items()})
        except (ValueError, TypeError, AttributeError):
            return cls()

    def at(self, folder: str, place: Place) -> "Cursor":
        """Return the cursor with one folder's place changed."""
        return Cursor({**self.places, folder: place})

    def __str__(self) -> str:
        return json.dumps(
            {n: [p.validity, p.uid, p.first, p.since] for n, p in self.places.items()}, ensure_ascii=False
        )
