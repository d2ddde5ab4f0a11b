"""A message that was handled: what is kept of it, and by which keys the next one finds its case."""

from triage.case import Disposition, Entry, Reason
from triage.message import Message
from triage.studying import Prepared


def thread_keys(message: Message) -> tuple[str, ...]:
    """Return every key by which an earlier message's case could be found, nearest first."""
    return (*message.refers_to, *own_keys(message))


def own_keys(message: Message) -> tuple[str, ...]:
    """Return the keys by which a later message finds this one's case.

    A public conversation on X holds many people, so it is a key only together with its writer. A private one holds
    everything that she ever writes to us, as any chat does: it says nothing about the matter.
    """
    posted = message.kind == "x" and message.public and message.conversation
    place = (f"{message.conversation}|{message.sender.key}",) if posted else ()
    return (*message.known_as, *place)


def entry_of(one: Prepared, case_id: int, disposition: Disposition, why: Reason, acknowledged: Reason) -> Entry:
    """Return a handled message as its case shows it; `case_id` is 0 for one that belongs to none."""
    message, reading = one.message, one.reading
    return Entry(
        case_id=case_id,
        channel=message.channel,
        kind=message.kind,
        external_id=message.external_id,
        sender=message.sender.key,
        sender_name=message.sender.name,
        subject=message.subject,
        text=message.text or reading.text,
        new_text=reading.text,
        language=reading.language,
        received_at=message.received_at,
        since=message.since,
        sent_at=message.sent_at,
        disposition=disposition,
        why=why,
        acknowledged=acknowledged.text,
        redacted=one.waiting.redacted,
        verdict=one.verdict,
        attachments=tuple(a.name or a.content_type for a in message.attachments),
    )
