"""The tables of the configuration file that belong to no channel: their keys, defaults and limits."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from triage.credentials import Secret

Hours = Annotated[float, Field(gt=0, le=24 * 366)]


def shipped(folder: str) -> Path:
    """Return where a folder that comes with Triage lies ("models", "config"): in the wheel, else in the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped" / folder
    return inside if inside.is_dir() else package.parent / folder


class Table(BaseModel):
    """One table of the file: unknown keys are errors, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskSettings(Table):
    """Who we are, and whom we answer."""

    key: Secret = Field(description="The secret behind the check code of case numbers. `triage init` makes one.")
    old_keys: tuple[Secret, ...] = Field((), description="Earlier keys, whose case numbers are still accepted.")
    name: str = Field("Support", description="What acknowledgements call us.")
    languages: tuple[str, ...] = Field(
        ("zh-Hans", "zh-Hant", "en", "es"), min_length=1, description="Languages with canned replies, as BCP 47 tags."
    )
    own_addresses: tuple[str, ...] = Field((), description="Never answered; every channel's own address is added.")
    trusted_authserv: tuple[str, ...] = Field(
        (), description="Mail servers whose Authentication-Results header is believed; empty: none is."
    )
    answer_unauthenticated: bool = Field(
        True, description="Acknowledge senders nobody vouches for. A sender who failed the check never is."
    )


class StoreSettings(Table):
    """Where everything is kept."""

    url: str = Field(
        "sqlite:///triage.db",
        description="`sqlite:///FILE`, or `postgresql+psycopg://USER@HOST/NAME` for many machines.",
    )

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError('must begin with "sqlite:///" or "postgresql+psycopg://"')
        return value


class ModelsSettings(Table):
    """Which models judge."""

    folder: Path = Field(default_factory=lambda: shipped("models"), description="Default: the shipped models.")


class RepliesSettings(Table):
    """What we say."""

    folder: Path = Field(
        default_factory=lambda: shipped("config") / "replies", description="Default: the shipped texts."
    )


class ChannelTargets(Table):
    """Targets of one channel where they differ."""

    critical: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")
    high: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")
    normal: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")
    low: Hours | None = Field(None, description="Hours; default: as in `[targets]`.")


class TargetSettings(Table):
    """Hours until a first human answer is due, by urgency."""

    critical: Hours = Field(0.25, description="Hours, for theft under way and leaked keys.")
    high: Hours = Field(2.0, description="Hours, for money that cannot move or has not arrived.")
    normal: Hours = Field(24.0, description="Hours.")
    low: Hours = Field(48.0, description="Hours, for feedback and thanks.")
    channels: dict[str, ChannelTargets] = Field(default_factory=dict, description="Other targets for single channels.")

    def within(self, channel: str, urgency: str) -> timedelta:
        """Return how long a case of this channel and urgency ("high") may wait for its first human answer."""
        own = getattr(self.channels.get(channel), urgency, None)
        return timedelta(hours=getattr(self, urgency) if own is None else own)


class LimitSettings(Table):
    """How many acknowledgements go out at most."""

    per_day: int = Field(2, ge=0, description="To one address in 24 hours.")
    per_week: int = Field(4, ge=0, description="To one address in seven days.")
    per_minute_total: int = Field(60, ge=0, description="To all addresses together in a minute.")
    commands_per_day: int = Field(20, ge=0, description="Answers to /start and /status for one address in 24 hours.")
