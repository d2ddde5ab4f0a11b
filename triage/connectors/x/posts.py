"""From what X answers to messages: pure, one by one."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.connectors.x.walk import time_of
from triage.message import Address, Attachment, Message, Unreadable

LANGUAGES = {"in": "id", "iw": "he", "und": "", "zxx": ""}
"""X's names of languages that are not the usual ones; those that begin with "q" mean "no words"."""

NUMBER = r"^[0-9]{1,20}$"
"""What X's ids look like; they become parts of addresses, so nothing else may."""


_REPOST = re.compile(r"RT @\w{1,15}:")


class Wire(BaseModel):
    """A JSON object of the X API: strict types, unknown fields ignored, immutable."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Reference(Wire):
    """Another post that this one answers, repeats or quotes: "replied_to", "retweeted", "quoted"."""

    type: str = ""
    id: str


class Long(Wire):
    """The whole text of a post of more than 280 characters."""

    text: str


class Media(Wire):
    """The files of a post or direct message."""

    media_keys: tuple[str, ...] = Field(default=(), strict=False)


class Said(Wire):
    """What mentions and direct messages have in common."""

    id: str = Field(pattern=NUMBER)
    text: str
    attachments: Media = Media()
    referenced_tweets: tuple[Reference, ...] = Field(default=(), strict=False)


class Post(Said):
    """A post that mentions us."""

    author_id: str = Field(pattern=NUMBER)
    conversation_id: str = ""
    lang: str = ""
    note_tweet: Long | None = None
    edit_history_tweet_ids: tuple[str, ...] = Field(default=(), strict=False)


class Direct(Said):
    """A direct message."""

    text: str = ""
    sender_id: str = Field(pattern=NUMBER)
    dm_conversation_id: str = Field(pattern=r"^[0-9-]{1,64}$")


def read_mention(raw: Any, people: dict[str, dict[str, Any]], me: str, channel: str, now: datetime) -> Message | None:
    """Return what a post says to us, or None for our own posts and for reposts; raises `ValidationError`.

    A repost by hand ("RT @us: ...") says nothing of its own either.
    """
    if isinstance(raw, dict) and raw.get("author_id") == me:
        return None
    post = Post.model_validate(raw)
    if any(other.type == "retweeted" for other in post.referenced_tweets) or _REPOST.match(post.text):
        return None
    earlier = tuple(f"x:{number}" for number in post.edit_history_tweet_ids if number != post.id)
    return Message(
        channel=channel,
        kind="x",
        external_id=post.id,
        sender=_person(post.author_id, people),
        received_at=now,
        arrived_at=time_of(int(post.id)),
        sent_at=time_of(int(post.id)),
        text=plain(post.note_tweet.text if post.note_tweet else post.text),
        known_as=(f"x:{post.id}", *earlier),
        refers_to=tuple(f"x:{other.id}" for other in post.referenced_tweets if other.type == "replied_to"),
        conversation=f"x:{post.conversation_id or post.id}",
        language_hint="" if post.lang.startswith("q") else LANGUAGES.get(post.lang, post.lang),
        public=True,
        edited=bool(earlier),
        attachments=_files(post),
        reply_to={"post": post.id, "author": post.author_id},
    )


def read_direct(raw: Any, people: dict[str, dict[str, Any]], me: str, channel: str, now: datetime) -> Message | None:
    """Return a direct message, or None for our own and for people who join or leave; raises `ValidationError`."""
    if isinstance(raw, dict) and raw.get("event_type", "MessageCreate") != "MessageCreate":
        return None
    direct = Direct.model_validate(raw)
    if direct.sender_id == me:
        return None
    return Message(
        channel=channel,
        kind="x",
        external_id=f"dm:{direct.id}",
        sender=_person(direct.sender_id, people),
        received_at=now,
        arrived_at=time_of(int(direct.id)),
        sent_at=time_of(int(direct.id)),
        text=plain(direct.text),
        known_as=(f"x:{direct.id}",),
        # A post sent along in a direct message ties the private words to the public ones.
        refers_to=tuple(f"x:{other.id}" for other in direct.referenced_tweets),
        conversation=f"x:dm:{direct.dm_conversation_id}",
        attachments=_files(direct),
        reply_to={"dm": direct.dm_conversation_id, "author": direct.sender_id},
    )


def unreadable(raw: Any, error: ValidationError, channel: str, now: datetime) -> Unreadable:
    """Return what could not be understood, with its JSON and the name of the field that is wrong."""
    original = json.dumps(raw, sort_keys=True).encode()
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "the post"
    return Unreadable(
        channel=channel,
        kind="x",
        external_id=f"unreadable:{number_of(raw) or hashlib.sha256(original).hexdigest()}",
        received_at=now,
        original=original,
        why=f"not what the X API describes: {field}: {first['msg'].lower()}",
    )


def number_of(raw: Any) -> int:
    """Return the id of anything X gives, even if the rest of it cannot be understood; 0 when it has none."""
    value = raw.get("id") if isinstance(raw, dict) else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20 else 0


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects in what X gives as a list of them; of anything else nothing."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def plain(text: str) -> str:
    """Return the text as its writer typed it: X writes three characters as HTML does.

    >>> plain("1 &lt; 2 &amp;amp; 3")
    '1 < 2 &amp; 3'
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _person(number: str, people: dict[str, dict[str, Any]]) -> Address:
    person = people.get(number, {})
    return Address(kind="x", value=number, name=str(person.get("name", "")), handle=str(person.get("username", "")))


def _files(said: Said) -> tuple[Attachment, ...]:
    """Return one attachment for each file; what it is would cost another request."""
    return tuple(Attachment(name=key, content_type="application/octet-stream") for key in said.attachments.media_keys)
