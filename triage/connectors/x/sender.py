"""Replies on X: in public or as a direct message, and looking up one whose fate is unknown."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from triage.connectors.x.budget import Budget, seconds_to_midnight
from triage.connectors.x.client import Client, Refused, Unanswered
from triage.connectors.x.errors import is_duplicate, reading_error, sending_error
from triage.connectors.x.posts import number_of, objects, plain
from triage.connectors.x.settings import Settings
from triage.connectors.x.text import LONGEST_DIRECT, LONGEST_POST, shortened, weight
from triage.connectors.x.walk import id_at
from triage.errors import ChannelDown, SendRefused, SendUnknown
from triage.message import Reply, Sent

CLOCKS_APART = timedelta(minutes=5)
"""How far our clock and X's may differ when we look for what we sent."""


class Sender:
    """Sends for one account; what it costs is counted where reading is counted."""

    def __init__(
        self,
        channel: str,
        settings: Settings,
        client: Client,
        *,
        identify: Callable[[], Awaitable[dict[str, str]]],
        today: Callable[[], Budget],
        pay: Callable[[float], None],
        now: Callable[[], datetime],
    ) -> None:
        """Borrow the account's connection, identity, budget and clock."""
        self._channel = channel
        self._prices = settings.prices
        self._client = client
        self._identify = identify
        self._today = today
        self._pay = pay
        self._now = now

    async def send(self, reply: Reply) -> Sent:
        """Send one reply where its message came from; without one, as a direct message to the person."""
        cost = self._prices.post if _post_of(reply) else self._prices.send_direct_message
        if not self._today().may_send(cost):
            why = f"the day's budget is used up ({self._today()}); sending goes on at 00:00 UTC"
            raise ChannelDown(self._channel, why, seconds_to_midnight(self._now()))
        try:
            sent = await (self._post(reply) if _post_of(reply) else self._direct(reply))
        except (Refused, Unanswered) as error:
            if is_duplicate(error):
                return await self._posted_before(reply)
            meant = sending_error(self._channel, error, self._now().timestamp())
            self._pay(cost if isinstance(meant, SendUnknown) else 0)  # rather counted too much than too little
            raise meant from None
        self._pay(cost)
        return sent

    async def find(self, reply: Reply) -> Sent | None:
        """Return the reply as X has it, or None when X does not have it.

        Raises `SendUnknown` when there is more than one page since the reply was written, `ChannelDown` and
        `ChannelRefused` as reading does.
        """
        me = (await self._identify())["id"]
        ask = self._timeline(me, reply) if _post_of(reply) else self._conversation(reply)
        try:
            page = await ask
        except (Refused, Unanswered) as error:
            raise reading_error(self._channel, error, self._now().timestamp()) from None
        things = objects(page.get("data"))
        self._pay(self._prices.mention * len(things) if _post_of(reply) else self._prices.direct_message * len(things))
        for thing in things:
            if _is(reply, thing, me):
                return Sent(known_as=(f"x:{thing['id']}",))
        if isinstance(page.get("meta"), dict) and page["meta"].get("next_token") and not _reaches_back(things, reply):
            raise SendUnknown(self._channel, f"too much was posted since to tell whether reply {reply.id} went out")
        return None

    async def _post(self, reply: Reply) -> Sent:
        answer = await self._client.create_tweet(
            text=_public_text(reply), in_reply_to_tweet_id=_post_of(reply), user_auth=self._client.signed
        )
        return self._sent(answer, "id")

    async def _direct(self, reply: Reply) -> Sent:
        answer = await self._client.create_direct_message(
            **_whom(reply), text=reply.text[:LONGEST_DIRECT], user_auth=self._client.signed
        )
        return self._sent(answer, "dm_event_id")

    def _sent(self, answer: dict[str, Any], field: str) -> Sent:
        data = answer.get("data")
        number = data.get(field) if isinstance(data, dict) else None
        if not isinstance(number, str):
            raise SendUnknown(self._channel, "X called it a success and did not say what it sent")
        return Sent(known_as=(f"x:{number}",))

    async def _posted_before(self, reply: Reply) -> Sent:
        """Return the post that X calls a duplicate: an earlier try whose answer was lost did go out."""
        found = await self.find(reply)
        if found is None and reply.attempts > 1:
            raise SendUnknown(self._channel, "X says these words are posted, and does not show where")
        if found is None:
            raise SendRefused(self._channel, "X takes the same words only once a day")
        return found

    async def _timeline(self, me: str, reply: Reply) -> dict[str, Any]:
        answer: dict[str, Any] = await self._client.get_users_tweets(
            me,
            max_results=100,
            since_id=str(id_at(reply.created_at - CLOCKS_APART)),
            tweet_fields=["referenced_tweets", "note_tweet"],
            user_auth=self._client.signed,
        )
        return answer

    async def _conversation(self, reply: Reply) -> dict[str, Any]:
        answer: dict[str, Any] = await self._client.get_direct_message_events(
            **_whom(reply),
            max_results=50,
            event_types="MessageCreate",
            dm_event_fields=["sender_id", "text"],
            user_auth=self._client.signed,
        )
        return answer


def _post_of(reply: Reply) -> str:
    """Return the id of the public post that is answered, or "" for a direct message."""
    return str(reply.reply_to.get("post", ""))


def _whom(reply: Reply) -> dict[str, str]:
    """Return where a direct message goes: the conversation it answers, else the person."""
    conversation = str(reply.reply_to.get("dm", ""))
    return {"dm_conversation_id": conversation} if conversation else {"participant_id": reply.to.value}


def _public_text(reply: Reply) -> str:
    """Return the words of a public reply, with the name of whom it is for where it fits.

    X refuses the same words twice within a day, and the public sentence is the same for everybody.
    """
    named = f"@{reply.to.handle} {reply.text}"
    return named if reply.to.handle and weight(named) <= LONGEST_POST else shortened(reply.text)


def _reaches_back(things: list[dict[str, Any]], reply: Reply) -> bool:
    """Return whether a page, newest first, goes back to before the reply was written: the next one cannot hold it."""
    return any(number_of(thing) and _is_older(thing, reply) for thing in things)


def _is_older(thing: dict[str, Any], reply: Reply) -> bool:
    return number_of(thing) < id_at(reply.created_at - CLOCKS_APART)


def _is(reply: Reply, thing: dict[str, Any], me: str) -> bool:
    """Return whether a post or event of X is this reply."""
    note = thing.get("note_tweet")
    text = plain(str((note.get("text") if isinstance(note, dict) else None) or thing.get("text", "")))
    if _is_older(thing, reply):  # and so is what has no id
        return False
    if not _post_of(reply):
        return thing.get("sender_id") == me and _same(text, reply.text[:LONGEST_DIRECT])
    others = objects(thing.get("referenced_tweets"))
    answered = [other.get("id") for other in others if other.get("type") == "replied_to"]
    # X puts the names of those it answers before the text, and takes ours for one of them.
    return answered == [_post_of(reply)] and _same(text, _public_text(reply))


def _same(ours: str, theirs: str) -> bool:
    return _without_names(ours) == _without_names(theirs)


def _without_names(text: str) -> list[str]:
    words = text.split()
    while words and words[0].startswith("@"):
        words.pop(0)
    return words
