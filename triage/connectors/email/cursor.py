"""How far each folder of an account was read, as a text that the store keeps. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

_ACCOUNT = ""  # beside the folders, none of which has an empty name
_NO_VALIDITY = 0  # none that a server gives (RFC 9051, 2.3.1.1)


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
class Account:
    """Whose folders they are: mailboxes of other accounts may have the same UIDVALIDITY and the same UIDs."""

    address: str = ""
    host: str = ""
    login: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The places of all folders; what the store keeps is its text.

    Attributes:
        places: How far each folder was read.
        account: Whose folders they are; of none in a cursor that was written before accounts were.
        tag: Stands before the ids of its mail; empty for the first account that a channel had.
    """

    places: Mapping[str, Place] = field(default_factory=dict)
    account: Account = Account()
    tag: str = ""

    @classmethod
    def of(cls, text: str | None) -> "Cursor":
        """Return the cursor in `text`; a text that is none of ours begins anew, and known mail stays known."""
        try:
            found = json.loads(text or "{}")
            *account, tag = found.pop(_ACCOUNT, ("", "", "", ""))
            places = {name: Place(validity=v, uid=u, first=f, since=s) for name, (v, u, f, s) in found.items()}
            return cls(places, Account(*account), tag)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def of_account(self, account: Account) -> "Cursor":
        """Return the cursor with which this account goes on, if the channel had another one until now.

        A new address begins as any new account does. An address that moved to another server or login is read again
        from the day we began: its folders came along, or did not, and what is known is known by what it says.
        """
        if account == self.account:
            return self
        if self.account == Account():
            return replace(self, account=account)
        moved = {n: replace(p, validity=_NO_VALIDITY) for n, p in self.places.items()}
        places = moved if account.address == self.account.address else {}
        return Cursor(places, account, hashlib.sha256(repr(account).encode()).hexdigest()[:8] + "/")

    def at(self, folder: str, place: Place) -> "Cursor":
        """Return the cursor with one folder's place changed."""
        return replace(self, places={**self.places, folder: place})

    def __str__(self) -> str:
        account = (self.account.address, self.account.host, self.account.login, self.tag)
        places = {n: [p.validity, p.uid, p.first, p.since] for n, p in self.places.items()}
        return json.dumps({_ACCOUNT: account, **places}, ensure_ascii=False)
