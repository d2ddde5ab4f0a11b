"""What the API takes and gives beside the cases themselves."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from triage.shapes import CaseShape

IfMatch = Annotated[str | None, Header(description="The `ETag` of the case as it was read.")]

After = Annotated[int, Query(ge=0, lt=2**63, description="The `id` of the last one of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class Page(BaseModel):
    """Some cases of the list, in its order; `next` is the `after` of the page that follows, or None at the end."""

    items: list[CaseShape]
    next: str | None


class ChannelShape(BaseModel):
    """How a channel is."""

    channel: str
    state: str
    why: str
    since: datetime
    progress_at: datetime | None


class ImpostorShape(BaseModel):
    """A contact of somebody who hunts customers, and how often reports named it or pitches led to it."""

    kind: str
    value: str
    reports: int
    pitches: int
    first_at: datetime
    last_at: datetime


class SightingShape(BaseModel):
    """Where a contact was named: in the report of a case, or in a pitch, which has no `number`."""

    kind: str
    value: str
    why: str
    channel: str
    sender: str
    number: str
    at: datetime


class Problem(BaseModel):
    """What is wrong, in one line (RFC 9457)."""

    title: str
    status: int


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of answers that are problem documents; what cannot be read (422) is one of them."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    words = {401: "sign in first", 403: "not with this role", 404: "there is none", 409: "it cannot be done",
             412: "it changed since it was read", 422: "it cannot be read"}  # fmt: skip
    return {status: {"description": words[status], "content": content} for status in (*statuses, 422)}


class Given(BaseModel):
    """What a program gives; a name that is none is refused."""

    model_config = ConfigDict(extra="forbid")


def _plain(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("no line breaks, no control characters, no blanks around it")
    return text


Plain = Annotated[str, AfterValidator(_plain)]
"""A name of one line."""


class ReplyGiven(Given):
    """An answer to be sent.

    `seen` is the id of the newest message the agent saw: if the customer wrote since then, the answer is refused.
    """

    text: str = Field(min_length=1, max_length=20_000)
    seen: int = Field(0, ge=0)
    after_seconds: int = Field(0, ge=0, le=30 * 86400)
    resolve: bool = False
    in_public: bool = False


class NoteGiven(Given):
    """A note for agents."""

    text: str = Field(min_length=1, max_length=20_000)


class SnoozeGiven(Given):
    """Until when a case is put off; it comes back sooner where its target or a promise ends sooner."""

    until: AwareDatetime


class LabelGiven(Given):
    """What somebody says of a verdict; what is empty she does not say."""

    category: str = Field("", max_length=100)
    topic: str = Field("", max_length=100)
    urgency: str = Field("", pattern="^(critical|high|normal|low)?$")


class CannedGiven(Given):
    """A ready answer in one language; see the how-to page for what may stand in braces."""

    name: str = Field(min_length=1, max_length=60)
    language: str = Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")
    text: str = Field(min_length=1, max_length=4_000)


class PreviewGiven(Given):
    """An answer to be looked at."""

    text: str = Field(min_length=1, max_length=20_000)
    in_public: bool = False
