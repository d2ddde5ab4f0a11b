"""The configuration file, checked once and whole; what is wrong is said in one line that names file, key and remedy."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from triage import credentials
from triage.connectors import Connector, module_of
from triage.errors import ConfigError
from triage.settings.complaints import KINDS, name_of_table, nearest, one_line
from triage.settings.paths import absolute, absolute_url
from triage.settings.table import Table
from triage.settings.tables import (
    ClassifierSettings,
    DeskSettings,
    GuardSettings,
    IncidentSettings,
    LimitSettings,
    ModelsSettings,
    RepliesSettings,
    StoreSettings,
    shipped,
)
from triage.settings.targets import CalendarSettings, TargetSettings
from triage.settings.web import WebSettings
from triage.settings.webhooks import WebhookSettings
from triage.webhooks import Endpoint

if TYPE_CHECKING:
    from triage.store import Store

__all__ = ["ChannelSettings", "Settings", "find", "load", "parse", "shipped"]

DEFAULT_PLACES = (Path("triage.toml"), Path("/etc/triage/triage.toml"))
"""Where the configuration is looked for when neither `--config` nor `$TRIAGE_CONFIG` names one, in this order."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Model = TypeVar("Model", bound=BaseModel)


class _File(Table):
    desk: DeskSettings
    store: StoreSettings = StoreSettings()
    models: ModelsSettings = Field(default_factory=ModelsSettings)
    classifier: ClassifierSettings = ClassifierSettings()
    replies: RepliesSettings = Field(default_factory=RepliesSettings)
    targets: TargetSettings = TargetSettings()
    calendars: dict[Name, CalendarSettings] = Field(default_factory=dict)
    guard: GuardSettings = GuardSettings()
    limits: LimitSettings = LimitSettings()
    incidents: IncidentSettings = IncidentSettings()
    web: WebSettings | None = None
    webhooks: dict[Name, WebhookSettings] = Field(default_factory=dict)
    channels: dict[Name, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """One configured account: its kind, and the kind's own settings."""

    kind: str
    settings: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration. Every path in it is absolute."""

    desk: DeskSettings
    store: StoreSettings
    models: ModelsSettings
    classifier: ClassifierSettings
    replies: RepliesSettings
    targets: TargetSettings
    calendars: Mapping[str, CalendarSettings]
    guard: GuardSettings
    limits: LimitSettings
    incidents: IncidentSettings
    channels: Mapping[str, ChannelSettings]
    web: WebSettings | None = None
    webhooks: Mapping[str, WebhookSettings] = field(default_factory=dict)

    def endpoints(self) -> list[Endpoint]:
        """Return whom webhooks go to; raises `ConfigError` when a secret cannot be read or cannot sign."""
        return [webhook.endpoint(name) for name, webhook in self.webhooks.items()]

    def connectors(self) -> dict[str, Connector]:
        """Return a connector for every channel, none of them connected yet; raises `ConfigError`."""
        return {name: self.connector(name) for name in self.channels}

    def connector(self, name: str) -> Connector:
        """Return the connector of one channel; raises `ConfigError` when its secrets cannot be read."""
        channel = self.channels[name]
        try:
            credentials.try_all(channel.settings)
            made: Connector = module_of(channel.kind).connect(name, channel.settings)
        except ConfigError as error:
            raise ConfigError(f"[channels.{name}] {error}") from None
        return made

    def answers_through(self, name: str) -> str:
        """Return the channel that sends the replies to what comes in through `name`; "" when none does."""
        channel = self.channels[name]
        said: str | None = getattr(channel.settings, "answers_through", None)
        if said is not None:
            return said
        # A folder and a mail account without SMTP only read; every other kind answers where it was asked.
        only_reads = channel.kind == "folder" or getattr(channel.settings, "smtp", channel) is None
        return "" if only_reads else name

    def open_store(self) -> "Store":
        """Return the store, its version checked; a new SQLite file is given its tables at once.

        Raises `StoreOutdated` when `triage upgrade` is needed, `StoreDown` when it does not answer.
        """
        from sqlalchemy import inspect

        from triage.store import Store, versions

        store = Store(self.store.url)
        if store.dialect == "sqlite":
            with store.read() as tx:  # what is no database, or locked, is told in one line
                fresh = not inspect(tx).get_table_names()
            if fresh:
                from triage.store import upgrade

                upgrade.upgrade(store)
        versions.check_version(store)
        return store


def find(given: Path | None = None) -> Path:
    """Return the configuration file to use; raises `ConfigError` when there is none."""
    named = given or (Path(os.environ["TRIAGE_CONFIG"]) if os.environ.get("TRIAGE_CONFIG") else None)
    if named is not None:
        return named
    for place in DEFAULT_PLACES:
        if place.is_file():
            return place
    places = " nor ".join(str(p) for p in DEFAULT_PLACES)
    raise ConfigError(f"there is no configuration: neither {places}; `triage init` writes one, --config FILE names one")


def load(path: Path) -> Settings:
    """Return the configuration in `path`; raises `ConfigError` with one line on the first thing that is wrong."""
    path = Path(path).expanduser()
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; `triage init` writes a new one") from None
    return parse(table, path)


def parse(table: Mapping[str, Any], path: Path) -> Settings:
    """Return the configuration in `table`, which came from the file `path`; raises `ConfigError` as `load`."""
    base = path.absolute().parent
    file = _checked(_File, table, path, ())
    channels = {name: _channel(name, entries, path) for name, entries in file.channels.items()}
    _check_names(file, channels, path)
    _check_calendars(file, path)
    return Settings(
        desk=absolute(file.desk, base),
        store=file.store.model_copy(update={"url": absolute_url(file.store.url, base)}),
        models=absolute(file.models, base),
        classifier=file.classifier,
        replies=absolute(file.replies, base),
        targets=file.targets,
        calendars=file.calendars,
        guard=file.guard,
        limits=file.limits,
        incidents=file.incidents,
        channels=channels,
        web=file.web,
        webhooks={name: absolute(webhook, base) for name, webhook in file.webhooks.items()},
    )


def _checked(model: type[Model], table: Mapping[str, Any], path: Path, where: tuple[str, ...]) -> Model:
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        raise ConfigError(f"{path}: {one_line(error, model, where)}") from None


def _channel(name: str, table: Mapping[str, Any], path: Path) -> ChannelSettings:
    where = ("channels", name)
    kind = table.get("kind")
    if not isinstance(kind, str) or not kind:
        raise ConfigError(f"{path}: {name_of_table(where)} kind: is missing; one of {', '.join(KINDS)}")
    module = _module(kind, f"{path}: {name_of_table(where)} kind:")
    settings = _checked(module.Settings, {k: v for k, v in table.items() if k != "kind"}, path, where)
    return ChannelSettings(kind=kind, settings=absolute(settings, path.absolute().parent))


def _module(kind: str, where: str) -> ModuleType:
    if "." not in kind and kind not in KINDS:
        raise ConfigError(
            f'{where} there is no channel kind "{kind}"{nearest(kind, KINDS)}; there are {", ".join(KINDS)}'
        )
    try:
        module = module_of(kind)
    except ConfigError as error:
        raise ConfigError(f"{where} {error}") from None
    if not hasattr(module, "Settings") or not hasattr(module, "connect"):
        raise ConfigError(f'{where} "{kind}" is no channel kind: it has no Settings and connect()')
    return module


def _check_names(file: _File, channels: Mapping[str, ChannelSettings], path: Path) -> None:
    """Raise `ConfigError` where one table names a channel that is not there."""
    for name in file.targets.channels:
        if name not in channels:
            raise ConfigError(
                f'{path}: [targets.channels.{name}] there is no channel "{name}"{nearest(name, channels)}'
            )
    for name in file.replies.silent:
        if name not in channels:
            raise ConfigError(f'{path}: [replies] silent: there is no channel "{name}"{nearest(name, channels)}')
    for name, channel in channels.items():
        through = getattr(channel.settings, "answers_through", None)
        if through and through not in channels:
            hint = nearest(through, channels)
            raise ConfigError(f'{path}: [channels.{name}] answers_through: there is no channel "{through}"{hint}')


def _check_calendars(file: _File, path: Path) -> None:
    """Raise `ConfigError` where a table names a calendar that is not there."""
    for where, name in file.targets.named().items():
        if name and name not in file.calendars:
            hint = nearest(name, file.calendars)
            raise ConfigError(f"{path}: {where} calendar: there is no [calendars.{name}]{hint}")
