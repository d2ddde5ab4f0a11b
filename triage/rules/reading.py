"""Reading one message: everything the rules can say of it before anything is judged."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from triage.case import Reading
from triage.message import Address, Message
from triage.rules import case_number
from triage.rules.authentication import authentic
from triage.rules.automatic import Own, find_robot
from triage.rules.language import LANGUAGES, detect
from triage.rules.references import find_references
from triage.rules.secrets import guard
from triage.rules.text import LONGEST, one_line, visible_text


def read(message: Message, *, own: Own, trusted: Sequence[str] = (), languages: Sequence[str] = LANGUAGES) -> Reading:
    """Return what a person newly said in `message`, in which language, what it names, and who wrote it.

    `own` are our addresses and Message-ID domains, `trusted` the mail servers whose word on a sender counts,
    `languages` those the desk answers in; another language is "und".
    """
    said = visible_text(message)
    subject = one_line(message.subject)
    text = _whole(message, subject, said)
    return Reading(
        text=text,
        # The body tells better than a subject: "Re: [case]" and "KYC" are the same in every language.
        language=detect(said or subject, hint=message.language_hint, allowed=languages),
        references=find_references(text if subject in text else f"{subject}\n\n{text}"),
        robot=find_robot(message, own),
        authentic=authentic(message, trusted),
    )


_CHARACTERS = "助记词是 的 一 是 在 不 了 有 和 人 这 中 大"


def warm_up() -> None:
    """Load what the first message would have to wait for: half a second of word lists and language statistics."""
    message = Message(
        channel="-",
        kind="-",
        external_id="-",
        sender=Address(kind="-", value="-"),
        received_at=datetime.min.replace(tzinfo=UTC),
        text="这是第一封信，没有人在等它。",
    )
    # The third has no common words, so that statistics must tell its language; the last is a phrase in characters.
    for text in (message.text, "This is the first letter, and nobody waits for it.", "Nobody waits.", _CHARACTERS):
        guarded, _ = guard(replace(message, text=text))
        read(guarded, own=Own())


def _whole(message: Message, subject: str, said: str) -> str:
    """Return subject and body as one text; nothing for an answer of which nothing but quotes is left.

    In an answer to us the subject is ours, and carries the case's number: it is not what she says.
    """
    if not said and message.refers_to and (message.text or message.html).strip():
        return ""
    ours = message.refers_to and said and case_number.find(subject)
    if not subject or ours or said.startswith(subject):
        return said
    return f"{subject}\n\n{said}"[:LONGEST].strip()
