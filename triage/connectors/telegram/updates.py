"""From raw updates to messages: pure, one by one, so that one poisoned update never hides the next."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from triage.connectors.telegram.places import place, unnamed
from triage.connectors.telegram.wire import SERVICE, Entity, File, Post, Update, User, raw_post
from triage.message import Address, Attachment, Message, Unreadable

FILES = {  # field of the message -> (name when it has none, type when it has none)
    "document": ("document", "application/octet-stream"),
    "video": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "video_note": ("video note.mp4", "video/mp4"),
    "sticker": ("sticker", "image/webp"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: the channel and the bot's own identity.

    Attributes:
        bot_id: The bot's user id.
        username: The bot's public name without "@", in lower case.
    """

    channel: str
    bot_id: int
    username: str


def read(updates: Sequence[Any], reader: Reader, now: datetime) -> list[Message | Unreadable]:
    """Return what customers said in `updates`, in their order; an album becomes one message where its first part is.

    Left out are channel posts, Telegram's own service messages, what is said in a group to somebody else, and
    what the owner of a business account writes himself.
    """
    items: list[Message | Unreadable] = []
    for parts in _albums_together(updates):
        try:
            item = _message([Update.model_validate(part) for part in parts], parts, reader, now)
        except (ValidationError, ValueError, OverflowError) as error:
            items += [_unreadable(part, error, reader.channel, now) for part in parts]
        else:
            items += [item] if item else []
    return items


def blocked(updates: Sequence[Any]) -> Iterator[tuple[int, bool]]:
    """Yield each private chat whose customer blocked the bot (True) or unblocked it (False), in order."""
    for raw in updates:
        try:
            change = Update.model_validate(raw).my_chat_member
        except ValidationError:
            continue  # it is kept as unreadable by `read`
        if change and change.chat.type == "private":
            yield change.chat.id, change.new_chat_member.status == "kicked"


def in_album(raw: Any) -> bool:
    """Return whether an update is a part of an album, so that more parts may be on their way."""
    return _album_of(raw) != ""


def _album_of(raw: Any) -> str:
    post = raw_post(raw)
    album = post.get("media_group_id")
    return album if isinstance(album, str) and "edit_date" not in post else ""


def _albums_together(updates: Sequence[Any]) -> list[list[Any]]:
    groups: dict[str, list[Any]] = {}
    for number, raw in enumerate(updates):
        groups.setdefault(_album_of(raw) or f"single {number}", []).append(raw)
    return list(groups.values())


def _message(parts: list[Update], raw: list[Any], reader: Reader, now: datetime) -> Message | None:
    posts = [part.post for part in parts if part.post]
    if not posts or _nobody_said_it(posts[0], raw[0], reader):
        return None
    first = next((post for post in posts if post.words), posts[0])
    group = first.chat.type != "private"
    command, text = _command(first, reader) if not first.business_connection_id else ("", first.words)
    if group and not (command or any(_meant_for_us(post, reader) for post in posts)):
        return None
    files = tuple(file for post in posts for file in _attachments(post))
    if parts[0].edited and not text and not files:
        return None  # a live location moved, or a link preview was loaded
    where = _place(posts[0], reader)
    album = (f"tg:{where}:album:{first.media_group_id}",) if first.media_group_id else ()
    arrived = datetime.fromtimestamp(first.edit_date or first.date, UTC)
    return Message(
        channel=reader.channel,
        kind="telegram",
        external_id=_external_id(parts[0], posts[0], where),
        # Without the bot's name: an update that came before its id named the bot is known by this one.
        content_key=f"update:{parts[0].update_id}:{_unnamed(posts[0])}:{posts[0].date}",
        sender=_sender(first),
        received_at=now,
        arrived_at=arrived,
        sent_at=arrived,
        text=text,
        # The parts of an album that came apart find each other by the name they share.
        known_as=(*(f"tg:{where}:{post.message_id}" for post in posts), *album),
        refers_to=_answered(first, where, edited=parts[0].edited) + album,
        conversation=_conversation(first),
        language_hint=first.sender.language_code if first.sender else "",
        public=group,
        edited=parts[0].edited,
        command=command,
        headers=(("Forwarded-From", first.forward_origin.type),) if first.forward_origin else (),
        attachments=files or _something_else(first),
        reply_to=_reply_to(posts[0]),
    )


def _nobody_said_it(post: Post, raw: dict[str, Any], reader: Reader) -> bool:
    """Return whether this is a channel post, a service message, our own words or those of our business account."""
    if post.chat.type == "channel" or post.is_automatic_forward or not SERVICE.isdisjoint(raw_post(raw)):
        return True
    if post.sender is None and post.sender_chat is None:
        return True
    if post.sender and post.sender.id == reader.bot_id:
        return True
    # A private chat of a business account has the customer's id: whoever else writes there is the account's owner.
    return bool(post.business_connection_id) and (
        post.sender_business_bot is not None or post.sender is None or post.sender.id != post.chat.id
    )


def _place(post: Post, reader: Reader) -> str:
    return place(post.chat.id, post.chat.type, bot=reader.bot_id, business=post.business_connection_id)


def _unnamed(post: Post) -> str:
    return unnamed(post.chat.id, post.business_connection_id)


def _answered(post: Post, where: str, *, edited: bool) -> tuple[str, ...]:
    """Return what a post answers, and by what name it, or what is edited, may have been stored before."""
    before = _unnamed(post)
    quoted = (f"tg:{where}:{post.answers.message_id}", f"tg:{before}:{post.answers.message_id}") if post.answers else ()
    return tuple(dict.fromkeys(quoted + ((f"tg:{before}:{post.message_id}",) if edited and before != where else ())))


def _conversation(post: Post) -> str:
    thread = f":{post.message_thread_id}" if post.is_topic_message and post.message_thread_id else ""
    return f"tg:{_unnamed(post)}{thread}"


def _external_id(update: Update, post: Post, where: str) -> str:
    """Return chat and message id, and for an edit its time and update: two edits in one second are two."""
    edit = f":{post.edit_date}:{update.update_id}" if update.edited else ""
    return f"{where}:{post.message_id}{edit}"


def _sender(post: Post) -> Address:
    """Return who wrote; an anonymous administrator, or a channel, writes as the chat he speaks for."""
    chat = post.sender_chat
    if chat is not None:
        return Address(kind="telegram", value=str(chat.id), name=chat.title, handle=chat.username)
    user = post.sender or User(id=post.chat.id)
    return Address(kind="telegram", value=str(user.id), name=user.name, handle=user.username, is_bot=user.is_bot)


def _command(post: Post, reader: Reader) -> tuple[str, str]:
    """Return the command and the rest of the text; ("", all of it) when there is none or it is another bot's."""
    text = post.text or ""
    mark = next((mark for mark in post.entities if mark.type == "bot_command" and mark.offset == 0), None)
    if mark is None or not text.startswith("/"):
        return "", post.words
    name, _, bot = text[1 : mark.length].partition("@")  # a command is ASCII: its UTF-16 units are its characters
    if not name or (bot and bot.lower() != reader.username):
        return "", text
    return name.lower(), text[mark.length :].strip()


def _meant_for_us(post: Post, reader: Reader) -> bool:
    """Return whether a message in a group is written to the bot: it names the bot, or answers it."""
    if post.answers and post.answers.sender and post.answers.sender.id == reader.bot_id:
        return True
    return any(_names(mark, post.words, reader) for mark in post.marks)


def _names(mark: Entity, text: str, reader: Reader) -> bool:
    if mark.type == "text_mention":
        return mark.user is not None and mark.user.id == reader.bot_id
    units = text.encode("utf-16-le", "surrogatepass")[2 * mark.offset : 2 * (mark.offset + mark.length)]
    return mark.type == "mention" and units.decode("utf-16-le", "replace").lower() == f"@{reader.username}"


def _attachments(post: Post) -> list[Attachment]:
    found: list[tuple[File, str, str]] = [(post.photo[-1], "photo.jpg", "image/jpeg")] if post.photo else []
    for field, (name, content_type) in FILES.items():
        file: File | None = getattr(post, field)
        if file is not None and not (field == "document" and post.animation):  # an animation comes as both
            found.append((file, f"{name} {file.emoji}".strip(), content_type))
    return [
        Attachment(name=file.file_name or name, content_type=file.mime_type or declared, size=max(0, file.file_size))
        for file, name, declared in found
    ]


def _something_else(post: Post) -> tuple[Attachment, ...]:
    """Return a stand-in for what has neither text nor file: a place, a contact, a poll, or what is new next year."""
    return () if post.words else (Attachment(name="something without text", content_type="application/json"),)


def _reply_to(post: Post) -> dict[str, Any]:
    values = {
        "chat": post.chat.id,
        "message": post.message_id,
        "thread": post.message_thread_id if post.is_topic_message else None,
        "business": post.business_connection_id,
    }
    return {key: value for key, value in values.items() if value}


def _unreadable(raw: Any, error: Exception, channel: str, now: datetime) -> Unreadable:
    original = json.dumps(raw, sort_keys=True).encode()
    number = raw.get("update_id") if isinstance(raw, dict) else None
    name = str(number) if isinstance(number, int) else hashlib.sha256(original).hexdigest()
    return Unreadable(
        channel=channel,
        kind="telegram",
        external_id=f"update:{name}",
        received_at=now,
        original=original,
        why=f"not what the Bot API describes: {_why(error)}",
    )


def _why(error: Exception) -> str:
    """Return which field is wrong and how, without its value: that is a customer's."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'the update'}: {first['msg'].lower()}"
    return type(error).__name__
