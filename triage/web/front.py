"""What every route stands on: the store, the desk, the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as InPath

from triage.classifier import Judge, artefact, predict, shelf
from triage.desk import Desk
from triage.rules.case_number import case_id_of
from triage.store import Store, audit
from triage.store.cases import NoSuchCase
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

    def use_model(self, version: str, who: str) -> str:
        """Let a model judge from now on, write down who chose it, and return which one did before.

        One that its gates refused needs the command line: raises `ModelUnusable`.
        """
        now, before = self.clock(), shelf.use(self.models, version)
        details = {"was": before, "now": version, "forced": False}
        self.store.run(lambda tx: audit.record(tx, who, "model.used", 0, details, now))
        return before

    def case_id(self, number: str) -> int:
        """Return the id of the case with this number; raises `NoSuchCase` when its check code is wrong."""
        case_id = case_id_of(number, self.desk.keys)
        if case_id is None:
            raise NoSuchCase("there is no such case")
        return case_id


@lru_cache(maxsize=1)
def _judge(models: Path, version: str) -> Judge:
    return predict.load(models / version)


def front_of(request: Request) -> Front:
    """Return the front that the application was made with."""
    front: Front = request.app.state.front
    return front


TheFront = Annotated[Front, Depends(front_of)]

RowId = Annotated[int, InPath(ge=1, lt=2**63)]
"""An id in a path that both databases can hold."""
