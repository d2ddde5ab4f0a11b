"""The tables of the configuration file that belong to no channel: their keys, defaults and limits."""

import os
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from triage.classifier import Profile
from triage.credentials import Secret
from triage.rules.language import LANGUAGES
from triage.rules.own_patterns import OwnPattern, what_is_wrong
from triage.rules.quiet import Quiet
from triage.sealing import Guarding, is_public_key
from triage.settings.table import Table
from triage.settings.targets import known_zone


def shipped(folder: str) -> Path:
    """Return where a folder that comes with Triage lies ("models", "config"): in the wheel, else in the repository."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped" / folder
    return inside if inside.is_dir() else package.parent / folder


class DeskSettings(Table):
    """Who we are, and whom we answer."""

    key: Secret = Field(description="The secret behind the check code of case numbers. `triage init` makes one.")
    old_keys: tuple[Secret, ...] = Field((), description="Earlier keys, whose case numbers are still accepted.")
    name: str = Field("Support", description="What acknowledgements call us.")
    languages: tuple[str, ...] = Field(
        LANGUAGES, min_length=1, description="Languages with canned replies, as BCP 47 tags."
    )
    own_addresses: tuple[str, ...] = Field((), description="Never answered; every channel's own address is added.")
    trusted_authserv: tuple[str, ...] = Field(
        (), description="Mail servers whose Authentication-Results header is believed; empty: none is."
    )
    answer_unauthenticated: bool | None = Field(
        None,
        description="Acknowledge senders nobody vouches for. Default: only as long as `trusted_authserv` is empty. "
        "A sender who failed the check never is.",
    )


class StoreSettings(Table):
    """Where everything is kept."""

    url: str = Field(
        "sqlite:///triage.db",
        description="`sqlite:///FILE`, or `postgresql+psycopg://USER@HOST/NAME` for many machines.",
    )

    pause_below_mb: int = Field(
        500, ge=0, description="Pulling pauses while less is free on the disk of a SQLite store; 0: never."
    )

    @field_validator("url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError('must begin with "sqlite:///" or "postgresql+psycopg://"')
        return value


class ModelsSettings(Table):
    """Which models judge, and where."""

    folder: Path = Field(default_factory=lambda: shipped("models"), description="Default: the shipped models.")
    processes: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Processes in which `triage run` reads and judges, beside its own; 0: it does so itself. "
        "Default: 1 where the machine has two cores or more.",
    )

    def students(self) -> int:
        """Return how many processes study what comes in."""
        return int((os.cpu_count() or 1) > 1) if self.processes is None else self.processes


class ClassifierSettings(Table):
    """How the model judges."""

    profile: Profile = Field(
        "default",
        description='"semantic" asks a sentence encoder where the words alone leave the model unsure: it needs '
        "`triage[semantic]`; without that package the default profile judges.",
    )


class RepliesSettings(Table):
    """What we say."""

    folder: Path = Field(
        default_factory=lambda: shipped("config") / "replies", description="Default: the shipped texts."
    )
    faq: dict[str, str | dict[str, str]] = Field(
        default_factory=dict,
        description="A topic's help page, named in its acknowledgement: an address, or a table of them by language.",
    )

    silent: tuple[str, ...] = Field(
        (), description="Channels on which nothing is said by itself: no acknowledgements, no answers to commands."
    )
    quiet_hours: str = Field(
        "",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description='Acknowledgements wait for the end of these hours ("22:00-07:00"), unless it is critical or an '
        "answer is due before.",
    )
    time_zone: str = Field("UTC", description='Of the quiet hours ("Asia/Shanghai").')
    rating: bool = Field(
        False, description="Ask a customer how she liked the help once a case is resolved that an agent has answered."
    )
    dry_run: bool = Field(
        False,
        description="Decide everything, keep every reply as withheld, and send nothing, agents' answers included.",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_zone(value)

    def quiet(self) -> Quiet | None:
        """Return the quiet hours, or None when there are none."""
        if not self.quiet_hours:
            return None
        start, end = (time.fromisoformat(clock) for clock in self.quiet_hours.split("-"))
        return Quiet(start=start, end=end, zone=ZoneInfo(self.time_zone))

    @field_validator("faq")
    @classmethod
    def _can_be_opened(cls, value: dict[str, str | dict[str, str]]) -> dict[str, str | dict[str, str]]:
        for topic, pages in value.items():
            for tag, page in {"en": pages}.items() if isinstance(pages, str) else pages.items():
                if tag not in LANGUAGES:
                    raise ValueError(f'{topic}: there is no language "{tag}"; there are {", ".join(LANGUAGES)}')
                if not page.startswith(("https://", "http://")) or len(page.split()) != 1:
                    raise ValueError(f'{topic}: must be an address that begins with "https://" (got "{page[:60]}")')
        return value

    def pages(self) -> dict[str, dict[str, str]]:
        """Return each topic's pages by language; "" is the language of a page that is for all."""
        return {topic: {"": page} if isinstance(page, str) else dict(page) for topic, page in self.faq.items()}


class GuardSettings(Table):
    """What is a secret besides what everybody knows to be one, and what becomes of the original when it is replaced."""

    seal_to: str = Field(
        "",
        description="A public key: originals are kept, sealed to it (`triage seal keygen`). Empty: they are not kept.",
    )

    patterns: dict[str, str] = Field(
        default_factory=dict,
        description="Secrets of your own: what they are called, and what they look like as patterns of RE2. What "
        'matches is replaced by "[NAME removed]" before it is stored; who sends what is called "private key" or '
        '"seed phrase" is warned, and her case is critical.',
    )

    def guarding(self) -> Guarding:
        """Return what was decided, as one value."""
        return Guarding(self.seal_to, tuple(OwnPattern(name, source) for name, source in self.patterns.items()))

    @field_validator("patterns")
    @classmethod
    def _can_be_looked_for(cls, value: dict[str, str]) -> dict[str, str]:
        for name, source in value.items():
            if wrong := what_is_wrong(name, source):
                raise ValueError(f'"{name}" cannot be used: {wrong}')
        return value

    @field_validator("seal_to")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        if value and not is_public_key(value):
            raise ValueError("must be a public key as `triage seal keygen` prints it")
        return value


class LimitSettings(Table):
    """How many acknowledgements go out at most, and how many places in the list one person may hold."""

    per_day: int = Field(2, ge=0, description="To one address in 24 hours.")
    per_week: int = Field(4, ge=0, description="To one address in seven days.")
    per_domain_per_day: int = Field(
        100, ge=0, description="To all addresses of one mail domain in 24 hours; big mail providers are not counted."
    )
    per_minute_total: int = Field(
        60, ge=0, description="To all addresses together in a minute; what is over it is sent later."
    )
    open_cases: int = Field(
        5, ge=0, description="Open cases of one person; what else she writes joins one of them. 0: any number."
    )
    commands_per_day: int = Field(20, ge=0, description="Answers to /start and /status for one address in 24 hours.")


class IncidentSettings(Table):
    """When a burst of cases is proposed as an incident."""

    at_least: int = Field(10, ge=0, description="People who write about the same thing within two hours; 0: never.")
    times: float = Field(3.0, ge=1, description="So many times as many as is usual at this hour of the week.")
