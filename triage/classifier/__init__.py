"""Judging a message: category, topic, urgency, and why. The one name other parts need is `Judge`."""

from collections.abc import Sequence
from typing import Literal, Protocol

from triage.case import Reading, Verdict

Profile = Literal["default", "semantic"]
"""How a model judges: with its own words alone, or with a sentence encoder where those leave it unsure."""


class Judge(Protocol):
    """Gives verdicts; safe to call from several threads."""

    @property
    def version(self) -> str:
        """Return the model's version, written into each verdict."""
        ...

    @property
    def categories(self) -> tuple[str, ...]:
        """Return the categories it knows, most severe first."""
        ...

    @property
    def topics(self) -> tuple[tuple[str, str], ...]:
        """Return each topic it knows with its category before it; none where it knows none."""
        ...

    def judge(self, readings: Sequence[Reading]) -> list[Verdict]:
        """Return one verdict for each reading, in order; never raises for any text."""
        ...
