"""Who may sign in, and what she may do."""

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What an agent may do; each role may do what the ones below it may."""

    READ_ONLY = 0  # looks
    AGENT = 1  # works on cases
    LEAD = 2  # incidents, reports, models, quarantine
    ADMIN = 3  # users and tokens

    @property
    def label(self) -> str:
        """Return the word that people and programs see ("read-only")."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in.

    Attributes:
        name: What the audit and the cases call her; never changes.
        second_factor: She is asked for a code of her phone when she signs in.
        language: Of the page, a BCP 47 tag; "" for what her browser asks for.
    """

    id: int
    name: str
    role: Role
    language: str = ""
    disabled: bool = False
    second_factor: bool = False
