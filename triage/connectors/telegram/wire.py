"""The parts of a Bot API update that we read, checked strictly (https://core.telegram.org/bots/api#update).

What is not named here is ignored: Telegram adds fields every few months. What is named and has another type
than documented makes the update unreadable, which is better than guessing what a customer said.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """A JSON object of the Bot API: strict types, unknown fields ignored, immutable."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class User(Wire):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""

    @property
    def name(self) -> str:
        """Return what the person calls herself."""
        return f"{self.first_name} {self.last_name}".strip()


class Chat(Wire):
    """Where something was said; `type` is "private", "group", "supergroup" or "channel"."""

    id: int
    type: str
    title: str = ""
    username: str = ""


class Entity(Wire):
    """A marked part of a text; offset and length count UTF-16 units."""

    type: str
    offset: int = Field(ge=0)
    length: int = Field(ge=0)
    user: User | None = None


class File(Wire):
    """Any kind of file; each kind fills what it has."""

    file_name: str = ""
    mime_type: str = ""
    file_size: int = 0
    emoji: str = ""


class Quoted(Wire):
    """The message that another one answers, as far as we need it."""

    message_id: int
    sender: User | None = Field(default=None, alias="from")


class Origin(Wire):
    """Where a forwarded message comes from; `type` is "user", "hidden_user", "chat" or "channel"."""

    type: str


class Post(Wire):
    """A message of the Bot API; named so that it is not mistaken for ours."""

    message_id: int
    date: int = Field(ge=0, lt=2**33)
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    sender_chat: Chat | None = None
    message_thread_id: int | None = None
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    business_connection_id: str = ""
    sender_business_bot: User | None = None
    edit_date: int = Field(default=0, ge=0, lt=2**33)
    media_group_id: str = ""
    text: str | None = None
    caption: str | None = None
    entities: tuple[Entity, ...] = Field(default=(), strict=False)
    caption_entities: tuple[Entity, ...] = Field(default=(), strict=False)
    reply_to_message: Quoted | None = None
    forward_origin: Origin | None = None
    photo: tuple[File, ...] = Field(default=(), strict=False)
    document: File | None = None
    video: File | None = None
    animation: File | None = None
    audio: File | None = None
    voice: File | None = None
    video_note: File | None = None
    sticker: File | None = None

    @property
    def words(self) -> str:
        """Return what was written: the text, or the caption of a file."""
        return self.text if self.text is not None else self.caption or ""

    @property
    def answers(self) -> Quoted | None:
        """Return the message it answers; that everything in a forum "answers" the first of its topic says nothing."""
        quoted = self.reply_to_message
        return None if quoted and self.is_topic_message and quoted.message_id == self.message_thread_id else quoted

    @property
    def marks(self) -> tuple[Entity, ...]:
        """Return the marked parts of `words`."""
        return self.entities if self.text is not None else self.caption_entities


class Member(Wire):
    """What became of somebody's membership; "kicked" in a private chat: the customer blocked the bot."""

    status: str


class Membership(Wire):
    """A change of our own membership in a chat."""

    chat: Chat
    new_chat_member: Member


class Update(Wire):
    """One update; at most one of the fields besides `update_id` is set."""

    update_id: int
    message: Post | None = None
    edited_message: Post | None = None
    business_message: Post | None = None
    edited_business_message: Post | None = None
    my_chat_member: Membership | None = None

    @property
    def post(self) -> Post | None:
        """Return the message it brings, new or edited."""
        return self.message or self.edited_message or self.business_message or self.edited_business_message

    @property
    def edited(self) -> bool:
        """Return whether `post` replaces an older version of itself."""
        return self.edited_message is not None or self.edited_business_message is not None


POSTS = ("message", "edited_message", "business_message", "edited_business_message")
ALLOWED = (*POSTS, "my_chat_member")
"""What we ask for. Always sent: without it Telegram keeps to what was last asked for, by whomever."""

_SERVICE = """
new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo group_chat_created
supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id
migrate_from_chat_id pinned_message successful_payment refunded_payment users_shared chat_shared
connected_website write_access_allowed passport_data proximity_alert_triggered boost_added
chat_background_set forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway giveaway_winners
giveaway_completed video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited
web_app_data
"""
SERVICE = frozenset(_SERVICE.split())
"""Fields of messages that Telegram itself writes ("Ann joined the group"): nobody said anything."""


def raw_post(update: Any) -> dict[str, Any]:
    """Return the message of a raw update as it came; empty when there is none."""
    values = [update[field] for field in POSTS if field in update] if isinstance(update, dict) else []
    return values[0] if values and isinstance(values[0], dict) else {}
