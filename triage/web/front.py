"""What every route stands on: the store, the desk, the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from fastapi import Request

from triage.classifier import Judge, artefact, predict
from triage.desk import Desk
from triage.store import Store
from triage.web.oidc import Issuer


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The desk as pages and API see it.

    Attributes:
        prefix: The path under which a proxy serves us ("/triage"), or "".
        models: The folder of the models.
        issuer: Who vouches for users at single sign-on; None: nobody does.
        second_factor: As `[web] second_factor` has it.
        categories: Those a case can be filtered by.
    """

    store: Store
    desk: Desk
    prefix: str = ""
    models: Path = Path("models")
    second_factor: str = "optional"
    issuer: Issuer | None = None
    categories: Sequence[str] = ("security", "transaction", "account", "feedback", "unsorted")
    clock: Callable[[], datetime] = _utc

    def judge(self) -> Judge:
        """Return the model in use: what it can be corrected to; raises `ModelUnusable`."""
        return _judge(self.models, artefact.current_version(self.models))


@lru_cache(maxsize=1)
def _judge(models: Path, version: str) -> Judge:
    return predict.load(models / version)


def front_of(request: Request) -> Front:
    """Return the front that the application was made with."""
    front: Front = request.app.state.front
    return front
