"""Who is told what happens by webhook, how far, and what is sent once more."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from triage.store.columns import Row, json, moment, numbered, words
from triage.store.tables.options import COMPACT, NUMBERED


class WebhookRow(Row, table=True):
    """One webhook: how far it was told of messages and of actions, and how it is.

    `seed` makes the ids of its events those of this desk alone; `failures` counts since it last took an event.
    """

    __tablename__ = "webhooks"
    __table_args__ = (COMPACT,)
    name: str = words(primary_key=True)
    seed: bytes = Field(sa_type=LargeBinary)
    message: int = Field(sa_type=BigInteger)
    action: int = Field(sa_type=BigInteger)
    off: bool
    why: str = words()
    failures: int
    failing_since: datetime | None = moment(nullable=True)
    resume_at: datetime | None = moment(nullable=True)
    taken: int = Field(sa_type=BigInteger)
    failed: int = Field(sa_type=BigInteger)
    given_up: int = Field(sa_type=BigInteger)


class WebhookRetry(Row, table=True):
    """An event that a webhook's receiver did not take, as it will be sent again."""

    __tablename__ = "webhook_retries"
    __table_args__ = (UniqueConstraint("webhook", "msg_id"), Index(None, "webhook", "due_at"), NUMBERED)
    id: int = numbered()
    webhook: str = words()
    msg_id: str = words()
    body: str = json()
    attempts: int
    due_at: datetime = moment()
