"""Whether a message is answered by itself, with which of our texts, or why not."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.case import Case, Disposition, Reading, Reason
from triage.message import Message

STILL_IN_LINE_AFTER = timedelta(hours=6)
"""A follow-up so soon after the case opened needs no second word from us."""

PUBLIC_TEXT = "public"

WARNING = "secret"
"""The text that tells who sent a secret what to do at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many automatic replies one address, one mail domain and the whole world may get: the guard against loops.

    Headers do not stop two robots that show none; these limits do. Warnings of a secret are counted by themselves.
    What is over the limit of a minute waits in the outbox, the rest is not sent at all.
    """

    per_day: int = 2
    per_week: int = 4
    per_domain_per_day: int = 100
    per_minute_total: int = 60
    open_cases: int = 5  # of one person; what else she writes joins one of them
    commands_per_day: int = 20
    mailed_commands_per_day: int = 5  # two robots can keep a mail going, and no chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """When this address got automatic replies within a week, oldest first, and how many its domain got in a day."""

    to_sender: Sequence[datetime] = ()
    to_domain: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The decision to reply by itself.

    Attributes:
        text: The name of the canned text, or empty for no reply.
        key: The reply's unique key; empty with `text`.
        why: The reason for either.
    """

    why: Reason
    text: str = ""
    key: str = ""


def decide(  # noqa: PLR0913 - everything that may forbid a reply
    message: Message,
    reading: Reading,
    case: Case,
    disposition: Disposition,
    *,
    redacted: bool,
    answerable: bool,
    answer_unauthenticated: bool,
    limits: Limits,
    spent: Spent,
    warned: Spent,
) -> Acknowledgement:
    """Return which text answers a message that opened or continued `case`, or why none does.

    A case is acknowledged at most once; a follow-up gets one "still in line" a day. The limits hold for
    everybody and without any header; `warned` counts the warnings of secrets, for which money is at risk.
    """
    silent = silence(
        message, reading, answerable=answerable, answer_unauthenticated=answer_unauthenticated, redacted=redacted
    )
    if silent is not None:
        return Acknowledgement(why=silent)
    text, key, why = _text_for(message, case, disposition, redacted=redacted)
    if not text:
        return Acknowledgement(why=why)
    full = exhausted(limits, warned if text == WARNING else spent, message.received_at)
    if full is not None:
        return Acknowledgement(why=full)
    return Acknowledgement(why=why, text=text, key=key)


def exhausted(limits: Limits, spent: Spent, now: datetime) -> Reason | None:
    """Return which limit forbids one more automatic reply, or None."""
    day = _within(spent.to_sender, now - timedelta(days=1))
    week = _within(spent.to_sender, now - timedelta(days=7))
    if day >= limits.per_day:
        return Reason(code="silent.limit-day", text=f"this address got {day} automatic replies within a day")
    if week >= limits.per_week:
        return Reason(code="silent.limit-week", text=f"this address got {week} automatic replies within a week")
    if spent.to_domain >= limits.per_domain_per_day:
        return Reason(code="silent.limit-domain", text=f"its domain got {spent.to_domain} automatic replies in a day")
    return None


def _within(times: Sequence[datetime], since: datetime) -> int:
    return len(times) - bisect_right(times, since)


def silence(
    message: Message, reading: Reading, *, answerable: bool, answer_unauthenticated: bool, redacted: bool = False
) -> Reason | None:
    """Return why nobody is answered whatever he wrote, or None."""
    checks = (
        (not answerable, "silent.no-way-back", "the channel sends no replies"),
        (not message.sender.value, "silent.no-sender", "no address to answer to"),
        (reading.robot is not None, "silent.robot", "a machine wrote it"),
        (not message.addressed, "silent.not-addressed", "it was not written to us"),
        (message.edited and not redacted, "silent.edited", "it only corrects an earlier message"),
        (reading.authentic is False, "silent.forged", "our mail server says that the sender is forged"),
        (
            reading.authentic is None and message.kind == "email" and not answer_unauthenticated,
            "silent.unauthenticated",
            "nobody vouches for the sender",
        ),
    )
    return next((Reason(code=code, text=text) for failed, code, text in checks if failed), None)


def _text_for(message: Message, case: Case, disposition: Disposition, *, redacted: bool) -> tuple[str, str, Reason]:
    if message.public:
        return _public(case, disposition)
    if disposition is Disposition.NEW:
        name = WARNING if redacted else "acknowledgement"
        return name, f"{case.id}:acknowledgement", Reason(code="ack.new", text="a new case")
    if redacted:
        return WARNING, f"{case.id}:secret-warning", Reason(code="ack.secret", text="a secret was sent")
    if disposition is not Disposition.FOLLOW_UP:
        return "", "", Reason(code="silent.repeat", text="it says nothing new")
    elsewhere = message.channel != case.channel
    if not elsewhere and message.received_at - case.opened_at < STILL_IN_LINE_AFTER:
        return "", "", Reason(code="silent.recent", text="the case was acknowledged a short while ago")
    day = f"{message.received_at:%Y%m%d}"
    return "still-in-line", f"{case.id}:still-in-line:{day}", Reason(code="ack.follow-up", text="a follow-up")


def _public(case: Case, disposition: Disposition) -> tuple[str, str, Reason]:
    """One sentence without facts, once a case: everybody reads it, and scammers answer beside us."""
    if disposition is not Disposition.NEW:
        return "", "", Reason(code="silent.public", text="this conversation was answered in public already")
    return PUBLIC_TEXT, f"{case.id}:acknowledgement", Reason(code="ack.public", text="a public post")
