"""The two questions we ask X again and again, and the two feeds they make."""

from typing import Any

from triage.connectors.x.client import Client
from triage.connectors.x.feed import Feed
from triage.connectors.x.posts import read_direct, read_mention
from triage.connectors.x.settings import Settings
from triage.connectors.x.walk import Walk

PEOPLE = ["username", "name"]
POST_FIELDS = [
    "author_id",
    "conversation_id",
    "edit_history_tweet_ids",
    "lang",
    "note_tweet",
    "referenced_tweets",
    "attachments",
]
DIRECT_FIELDS = ["sender_id", "dm_conversation_id", "event_type", "text", "attachments", "referenced_tweets"]


def feeds(settings: Settings, client: Client, me: str, walks: dict[str, Walk], start: Walk, now: float) -> list[Feed]:
    """Return the timelines that the settings ask for, each at its place; `now` is the monotonic clock's."""

    async def mentions(walk: Walk) -> dict[str, Any]:
        place = {"since_id": str(walk.until)} if walk.until else {}
        page = {"pagination_token": walk.token} if walk.token else {}
        answer: dict[str, Any] = await client.get_users_mentions(
            me,
            max_results=100,
            expansions=["author_id"],
            user_fields=PEOPLE,
            tweet_fields=POST_FIELDS,
            user_auth=client.signed,
            **place,
            **page,
        )
        return answer

    async def messages(walk: Walk) -> dict[str, Any]:
        # There is no since_id here, so every look reads old events again: a short first page, full ones further down.
        page = {"pagination_token": walk.token, "max_results": 100} if walk.token else {"max_results": 20}
        answer: dict[str, Any] = await client.get_direct_message_events(
            event_types="MessageCreate",
            expansions=["sender_id"],
            user_fields=PEOPLE,
            dm_event_fields=DIRECT_FIELDS,
            user_auth=client.signed,
            **page,
        )
        return answer

    prices = settings.prices
    wanted = []
    if settings.mentions:
        wanted.append(("mentions", mentions, read_mention, settings.mentions_every, prices.mention))
    if settings.direct_messages:
        wanted.append(("messages", messages, read_direct, settings.messages_every, prices.direct_message))
    return [
        Feed(name=name, ask=ask, read=read, every=every, price=price, walk=walks.get(name, start), due_at=now)
        for name, ask, read, every, price in wanted
    ]
