"""What a batch says about those who hunt our customers: pitches are labelled, contacts of reports are written down."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triage.case import Entry, Reason, Verdict
from triage.desk import Desk
from triage.message import Message
from triage.rules import pitches
from triage.rules.contacts import Contact, contacts
from triage.store import Tx, impostors
from triage.store.impostors import Sighting
from triage.studying import Prepared

DAY = timedelta(days=1)
"""So long ago others may have sent a text for this one to be the same pitch."""

_REPORT = ("security", "impostor")
_REPORT_FROM = 0.25
"""So probable it is that a message of its category reports an impostor: one who was given a key is both."""


def labelled(tx: Tx, desk: Desk, prepared: Sequence[Prepared], now: datetime) -> list[Prepared]:
    """Return a batch in which each pitch is labelled as one: it gets no answer and no place in the list."""
    return [_labelled(tx, desk, one, now) for one in prepared]


def _labelled(tx: Tx, desk: Desk, one: Prepared, now: datetime) -> Prepared:
    message, reading = one.message, one.reading
    if reading.robot is not None or one.exposed:
        return one
    there = _contacts(desk, one)
    why = pitches.find_pitch(reading.text, there)
    if why is None and len(reading.text) >= pitches.LEAST and pitches.solicits(reading.text, there):
        mark = pitches.fingerprint(reading.text)
        if impostors.senders(tx, mark, message.sender.key, now, now - DAY) >= pitches.MANY_SENDERS:
            why = pitches.reason("many-senders")
    return one if why is None else replace(one, verdict=_as_pitch(one.verdict, why))


def _as_pitch(verdict: Verdict, why: Reason) -> Verdict:
    return replace(verdict, nature="spam", reasons=(why, *verdict.reasons))


def write_down(tx: Tx, desk: Desk, prepared: Iterable[Prepared], entries: Iterable[tuple[Message, Entry]]) -> None:
    """Write down the contacts that a batch's reports name and its pitches lead to."""
    by_message = {id(one.message): one for one in prepared}
    found: list[Sighting] = []
    for message, entry in entries:
        why = _why(entry)
        one = by_message.get(id(message))
        if why and one is not None:
            found += [_sighting(desk, message, entry, contact, why) for contact in _contacts(desk, one)]
    impostors.add(tx, found)


def _why(entry: Entry) -> str:
    verdict = entry.verdict
    if verdict is None:
        return ""
    if entry.case_id and _reports(verdict):
        return "reported"
    first = verdict.reasons[0].code if verdict.reasons else ""
    return first if verdict.nature == "spam" and first.startswith("pitch.") else ""


def _reports(verdict: Verdict) -> bool:
    category, topic = _REPORT
    share = dict(verdict.likely).get("/".join(_REPORT), 0.0)
    return verdict.category == category and (verdict.topic == topic or share >= _REPORT_FROM)


def _contacts(desk: Desk, one: Prepared) -> tuple[Contact, ...]:
    return contacts(one.reading.text, one.reading.references, desk.own.addresses)


def _sighting(desk: Desk, message: Message, entry: Entry, contact: Contact, why: str) -> Sighting:
    return Sighting(
        kind=contact.kind,
        value=contact.value,
        why=why,
        channel=message.channel,
        sender=message.sender.key,
        number=desk.number(entry.case_id) if entry.case_id else "",
        at=message.received_at,
        source=message.keys[0],
    )
