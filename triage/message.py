"""What came in, and what goes out: the two values that cross a channel. No I/O."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

LONGEST_ON_THE_WAY = timedelta(days=7)
"""So long before we pulled it may a message have arrived; what is older was moved there, or a clock is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a person writes from; `(kind, value)` is one address of one person.

    Attributes:
        kind: The software the address belongs to: "email", "telegram" or "x".
        value: The address in its one canonical form: a mail address in lower case, a Telegram user id, an X user id.
        name: What the sender calls himself; never trusted.
        handle: The public name without "@" (Telegram, X), or empty.
        is_bot: The platform itself says that a program is writing.
    """

    kind: str
    value: str
    name: str = ""
    handle: str = ""
    is_bot: bool = False

    @property
    def key(self) -> str:
        """Return the one string that stands for this address wherever addresses are compared."""
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message; its bytes stay where they are, but for what a text file says.

    Attributes:
        name: The file name as the sender gave it, cleaned of controls; may be empty.
        content_type: As declared ("image/png").
        size: Bytes after decoding; 0 when the channel does not tell.
        text: What a file of text says (JSON, CSV, log), its beginning, guarded as the message is; else empty.
    """

    name: str
    content_type: str
    size: int = 0
    text: str = ""


_Value = TypeVar("_Value", "Message", Address, Attachment)


def changed(value: _Value, **attributes: Any) -> _Value:
    """Return `value` with other attributes; the very same one, which costs a tenth, if they are what they were."""
    if all(getattr(value, name) == new for name, new in attributes.items()):
        return value
    return replace(value, **attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing a person wrote to us.

    `(channel, external_id)` is unique for ever: the same pair seen twice is the same message. So is
    `(channel, content_key)` where there is one: a mailbox that is numbered anew brings every mail again.

    Attributes:
        channel: The channel's name in the configuration, not its kind ("support-mail").
        kind: The channel's software: "email", "telegram", "x", "folder".
        external_id: The far side's own id; for mail folder, UIDVALIDITY and UID.
        content_key: A second identity taken from the content, or empty.
        sender: Who wrote, as the channel says.
        received_at: When we pulled it; always with a time zone. What is limited in time is limited by this clock.
        arrived_at: When the channel's own server got it, by that server's clock, which no sender sets (IMAP's
            INTERNALDATE); with a time zone; None where it does not tell.
        sent_at: When the sender claims to have sent it, in the time zone that he names; for people to read, no more.
        subject: Decoded, one line.
        text: All the plain text, quotes and signature included; empty when only `html` came.
        html: The HTML body when no plain text came, else empty.
        known_as: The ids by which another message may refer to this one ("<id@host>", "tg:CHAT:ID", "x:ID").
        refers_to: Such ids that this message answers, nearest first.
        conversation: The place it was said in ("tg:CHAT", "tg:CHAT:THREAD", "x:ID"); empty for mail.
        language_hint: What the platform says of the sender's language ("zh-hans"), or empty.
        public: Everybody can read it and our answer.
        addressed: It was written to us: our address in To or Cc, a private chat, a mention.
        edited: It replaces what the sender said before under the same `known_as`.
        command: A command of the channel without its slash ("start", "status"), or empty.
        headers: The mail's header lines in order, decoded and capped; for the rules that spot robots.
        attachments: The files that came with it.
        report: Of a delivery report: its fields (RFC 3464) as (name in lower case, value), in order.
        signed_by: Domains in From whose DKIM signature of the whole mail our connector checked.
        reply_to: What the connector needs to answer it; only the connector reads it. JSON values.
        sealed: The original as JSON in a box that only the desk's offline key opens (base64), where secrets were
            replaced and there is such a key; else empty.
    """

    channel: str
    kind: str
    external_id: str
    sender: Address
    received_at: datetime
    content_key: str = ""
    arrived_at: datetime | None = None
    sent_at: datetime | None = None
    subject: str = ""
    text: str = ""
    html: str = ""
    known_as: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    conversation: str = ""
    language_hint: str = ""
    public: bool = False
    addressed: bool = True
    edited: bool = False
    command: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    report: tuple[tuple[str, str], ...] = ()
    signed_by: tuple[str, ...] = ()
    reply_to: dict[str, Any] = field(default_factory=dict)
    sealed: str = ""

    def __post_init__(self) -> None:
        """Refuse what no channel may hand over."""
        if not self.channel or not self.external_id:
            raise ValueError("a message needs a channel and an external id")
        if self.received_at.tzinfo is None:
            raise ValueError("received_at needs a time zone")

    @property
    def since(self) -> datetime:
        """Return from when its sender waits: when it arrived, whenever we pulled it. The list is ordered by this clock.

        It is when we pulled it where that is not told, or cannot be: after that, or `LONGEST_ON_THE_WAY` before.
        """
        if self.arrived_at is None:
            return self.received_at
        way = self.received_at - self.arrived_at
        return self.arrived_at if timedelta(0) <= way <= LONGEST_ON_THE_WAY else self.received_at

    @property
    def keys(self) -> tuple[str, ...]:
        """Return its identities, each hashed to 64 hex digits: the store holds every one of them once."""
        ids = [f"id\0{self.external_id}"] + ([f"content\0{self.content_key}"] if self.content_key else [])
        return tuple(hashlib.sha256(f"{self.channel}\0{i}".encode("utf-8", "surrogatepass")).hexdigest() for i in ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something that came in and could not be understood: kept with its bytes, never dropped.

    Attributes:
        original: The bytes as they came, at most the channel's size limit.
        why: One line for the agent who looks into the quarantine.
    """

    channel: str
    kind: str
    external_id: str
    received_at: datetime
    original: bytes
    why: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Return its one identity, in the same form as a message's."""
        words = f"{self.channel}\0id\0{self.external_id}"
        return (hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One thing we say: a row of the outbox.

    Attributes:
        key: Unique for ever; an acknowledgement's is "CASE:acknowledgement", so a case has at most one.
        kind: "answer" for what an agent wrote; else the name of our text (`triage.replies.NAMES`).
        to: Who gets it.
        reply_to: The `Message.reply_to` that it answers.
        subject: The full subject line; only mail shows it.
        text: Plain text, final.
        language: BCP 47 tag of `text`.
        in_reply_to: `known_as` ids of the message answered, nearest first.
        id: The outbox row; 0 before it is stored.
        case_id: The case it belongs to; 0 for a reply that belongs to none ("/start").
        who: The agent who wrote it; "" for what we say by ourselves.
        not_before: When it is sent at the earliest; None for at once.
        attempts: How often sending was begun.
        tried_at: Of a reply in doubt: no attempt at it began later than this.
    """

    key: str
    kind: str
    channel: str
    to: Address
    text: str
    language: str
    created_at: datetime
    subject: str = ""
    reply_to: dict[str, Any] = field(default_factory=dict)
    in_reply_to: tuple[str, ...] = ()
    id: int = 0
    case_id: int = 0
    who: str = ""
    not_before: datetime | None = None
    attempts: int = 0
    tried_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """Return from when on it was to be sent: an agent may have wanted her answer to wait for weeks."""
        return max(self.created_at, self.not_before or self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Proof that a reply went out.

    Attributes:
        known_as: The ids under which an answer will refer to it.
    """

    known_as: tuple[str, ...]
