"""Which addresses are one person's: shown, linked and taken apart by agents, and suggested to them by evidence.

Only a case number that she quotes makes an address a person's by itself. Everything weaker (a shared transaction, a
mail address in a text) is a suggestion: what it joins would be told to somebody who may be a stranger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.case import Case, Entry, Reason
from triage.errors import TriageError
from triage.message import Address
from triage.rules.references import find_references
from triage.store import Tx, audit, cases, people, searching

STRENGTH = {
    "transaction-and-address": 0.9,
    "transaction": 0.8,
    "wallet-address": 0.6,
    "mail-address": 0.5,
    "handle": 0.4,
}
"""How surely each kind of evidence tells that two addresses are one person's; a quoted case number is 1."""

MOST_NAMED = 10
"""Of each kind of reference so many are looked up in other cases."""


MOST_READ = 200
"""Messages of a case, the newest, that are searched for what others name too."""

MOST_BESIDE = 10
"""Other cases of a person that are shown beside one of them."""


class NotLinked(TriageError):
    """The address cannot be linked or taken apart so; the text says why. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A case of somebody else who may be the same person, and why; the weight of the reason is its strength."""

    case: Case
    addresses: tuple[Address, ...]
    why: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person of a case: her addresses, the oldest first, and her other cases, the newest first."""

    addresses: list[Address]
    cases: list[Case]


def person(tx: Tx, case_id: int) -> Person:
    """Return the person of a case, with `MOST_BESIDE` other cases at most; raises `NoSuchCase`."""
    case, addresses = of_case(tx, case_id)
    return Person(addresses=addresses, cases=people.cases_beside(tx, case, MOST_BESIDE))


def of_case(tx: Tx, case_id: int) -> tuple[Case, list[Address]]:
    """Return a case and every address of its person; raises `NoSuchCase`."""
    case = cases.get(tx, case_id)
    if case is None:
        raise cases.NoSuchCase("there is no case %(id)s", id=case_id)
    return case, people.addresses_of(tx, case.person_id)


def link(tx: Tx, address_key: str, case_id: int, who: str, now: datetime) -> Case:
    """Say that an address is the person's of a case, with the cases in which it alone writes; return that case.

    What is written from it later may continue her cases. `unlink` takes it back. Raises `NoSuchCase`, or `NotLinked`
    for an address that never wrote, or is hers already.
    """
    case = cases.locked(tx, case_id)
    before = _person(tx, address_key)
    if before == case.person_id:
        raise NotLinked("%(address)s is this person's already", address=address_key)
    moved = people.cases_of(tx, before, address_key)
    people.hand_over(tx, address_key, moved, case.person_id)
    details = {"address": address_key, "from": before, "to": case.person_id, "cases": moved}
    audit.record(tx, who, "address.linked", case.id, details, now)
    return case


def unlink(tx: Tx, address_key: str, who: str, now: datetime, of: int = 0) -> list[int]:
    """Take an address away from its person, with the cases in which it alone writes; return these.

    Raises `NotLinked` for an address that never wrote, is the only one of its person, or, where a case is named (`of`),
    is not of its person; `NoSuchCase`.
    """
    person_id = _person(tx, address_key)
    if of and cases.locked(tx, of).person_id != person_id:
        raise NotLinked("%(address)s is not this person's", address=address_key)
    if len(people.addresses_of(tx, person_id)) == 1:
        raise NotLinked("%(address)s is the only address of its person", address=address_key)
    moved = people.cases_of(tx, person_id, address_key)
    alone = people.new_person(tx, now)
    people.hand_over(tx, address_key, moved, alone)
    details = {"address": address_key, "from": person_id, "to": alone, "cases": moved}
    for case_id in moved or [0]:
        audit.record(tx, who, "address.unlinked", case_id, details, now)
    return moved


def suggestions(tx: Tx, case_id: int) -> list[Suggestion]:
    """Return cases of others who may be the person of this one, the surest first, each case once."""
    case, own = of_case(tx, case_id)
    found: dict[int, tuple[float, Reason]] = {}
    for other_id, reason in _evidence(tx, cases.conversation(tx, case_id, MOST_READ), own, case.person_id):
        if reason.weight > found.get(other_id, (0.0, reason))[0]:
            found[other_id] = reason.weight, reason
    best = []
    for other_id, (_, why) in sorted(found.items(), key=lambda item: (-item[1][0], item[0])):
        other = cases.get(tx, other_id)
        if other is not None and other.person_id != case.person_id and not other.merged_into:
            theirs = tuple(people.addresses_of(tx, other.person_id))
            best.append(Suggestion(case=other, addresses=theirs, why=why))
    return best


def _evidence(tx: Tx, entries: list[Entry], own: list[Address], person_id: int) -> Iterator[tuple[int, Reason]]:
    """Yield (case, reason) for each thing that is named here and there."""
    named = [find_references(f"{entry.subject}\n{entry.text}") for entry in entries]
    transactions = _cases_with(tx, (one for found in named for one in found.transactions))
    wallets = _cases_with(tx, (one for found in named for one in found.addresses))
    for case_id in transactions & wallets:
        yield case_id, _reason("transaction-and-address", "names the same transaction and the same wallet address")
    for case_id in transactions:
        yield case_id, _reason("transaction", "names the same transaction")
    for case_id in wallets:
        yield case_id, _reason("wallet-address", "names the same wallet address")
    handles = [address.handle for address in own]
    for case_id in people.same_handle(tx, handles, person_id, MOST_BESIDE):
        yield case_id, _reason("handle", "goes by the same handle on another platform")
    mails = {f"email:{one}" for found in named for one in found.emails} - {address.key for address in own}
    # The index holds who wrote a message as well as what it says.
    hers = (address.value for address in own if address.kind == "email")
    for case_id in _cases_with(tx, (*(key.partition(":")[2] for key in sorted(mails)), *hers)):
        yield case_id, _reason("mail-address", "one of the two names the mail address of the other")


def _cases_with(tx: Tx, named: Iterator[str] | tuple[str, ...]) -> set[int]:
    wanted = list(dict.fromkeys(named))[:MOST_NAMED]
    return {case_id for one in wanted if (found := searching.find(tx, one)) for case_id in found}


def _reason(code: str, text: str) -> Reason:
    return Reason(code=code, text=text, weight=STRENGTH[code])


def _person(tx: Tx, address_key: str) -> int:
    person_id = people.behind(tx, address_key)
    if person_id is None:
        raise NotLinked(
            'nobody ever wrote from "%(address)s": an address looks like email:ada@example.org', address=address_key
        )
    return person_id
