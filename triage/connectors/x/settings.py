"""What the configuration says about an X account."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from triage.credentials import Secret


class OAuth1(BaseModel):
    """The four keys of an app and its user; they do not expire."""

    model_config = ConfigDict(extra="forbid")

    consumer_key: Secret
    consumer_secret: Secret
    access_token: Secret
    access_token_secret: Secret


class OAuth2(BaseModel):
    """An OAuth 2 authorisation with the scopes tweet.read tweet.write users.read dm.read dm.write offline.access.

    Attributes:
        client_secret: Only confidential clients have one.
        refresh_token: The first one. X gives each refresh token once: the later ones are kept in `state`.
        state: A file that the daemon may write, on a disk that lasts. One account, one file.
    """

    model_config = ConfigDict(extra="forbid")

    client_id: str
    client_secret: Secret | None = None
    refresh_token: Secret
    state: Path


class Prices(BaseModel):
    """What X charges, in the budget's currency (docs.x.com, August 2026: US dollars, pay per use).

    A post, message or user that is read again within the same UTC day is charged once.
    """

    model_config = ConfigDict(extra="forbid")

    mention: float = Field(default=0.001, ge=0)
    direct_message: float = Field(default=0.010, ge=0)
    user: float = Field(default=0.010, ge=0)
    post: float = Field(default=0.015, ge=0)
    send_direct_message: float = Field(default=0.015, ge=0)


class Settings(BaseModel):
    """One account that customers mention and write to.

    Attributes:
        start: What the very first run reads: only what comes from now on, or all that X still gives
            (800 mentions, 30 days of direct messages).
        budget_per_day: What reading and sending may cost in one UTC day. The last tenth is kept for replies.
        mentions_every: Seconds between two looks at the mentions, while the budget lasts well.
        messages_every: The same for direct messages; X allows 15 looks in 15 minutes.
        base_url: Where the API is; another one only for the demo and tests.
        answers_through: The channel that sends the replies; this one when not set, "" for none.
    """

    model_config = ConfigDict(extra="forbid")

    oauth1: OAuth1 | None = None
    oauth2: OAuth2 | None = None
    mentions: bool = True
    direct_messages: bool = True
    start: Literal["now", "all"] = "now"
    budget_per_day: float = Field(default=5.0, gt=0)
    prices: Prices = Prices()
    mentions_every: float = Field(default=30.0, ge=5)
    messages_every: float = Field(default=60.0, ge=5)
    base_url: str = "https://api.x.com"
    answers_through: str | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> "Settings":
        if (self.oauth1 is None) == (self.oauth2 is None):
            raise ValueError("set either oauth1 or oauth2: direct messages need a user's own keys")
        if not (self.mentions or self.direct_messages):
            raise ValueError("mentions and direct_messages are both off: there is nothing to read")
        return self
