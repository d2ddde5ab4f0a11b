"""What the configuration says about a Telegram bot."""

from pydantic import BaseModel, ConfigDict, Field

from triage.credentials import Secret


class Settings(BaseModel):
    """One bot that customers write to.

    Attributes:
        token: The bot's token, as @BotFather gave it.
        base_url: Where the Bot API is; another one only for a local Bot API server, the demo and tests.
        poll_seconds: How long one question waits for news; an answer comes at once when there is any.
        delete_webhook: Remove a webhook that stands in the way of polling, instead of saying so.
        answers_through: The channel that sends the replies; this one when not set, "" for none.
    """

    model_config = ConfigDict(extra="forbid")

    token: Secret
    base_url: str = "https://api.telegram.org"
    poll_seconds: float = Field(default=25.0, ge=0, le=50)
    delete_webhook: bool = False
    answers_through: str | None = None
