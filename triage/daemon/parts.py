"""What a configuration is made into before the tasks begin: store, desk, connectors, model, socket.

The desk in the browser is only read in where there is one: it takes longer than all the rest.
"""

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from triage.connectors import Connector
from triage.daemon.lease import TRIAGE, reading, sending, telling
from triage.daemon.study import Study, prepare_server
from triage.daemon.worker import Models
from triage.desk import Desk
from triage.errors import ConfigError
from triage.settings import Settings
from triage.settings.web import WebSettings
from triage.store import Store
from triage.studying import warm_up
from triage.webhooks import Endpoint

if TYPE_CHECKING:
    from triage.web import Front, Issuer

ROLES: Final = ("connectors", "triage", "senders", "web")
"""What a process can do: pull from the channels, work the inbox, send what the outbox holds, show the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a configuration is made into; all of it was tried, so that nothing is refused half way."""

    settings: Settings
    roles: frozenset[str]
    store: Store
    desk: Desk
    connectors: dict[str, Connector]
    endpoints: list[Endpoint]
    models: Models | None
    study: Study | None = None
    door: socket.socket | None = None
    issuer: "Issuer | None" = None

    @classmethod
    def prepare(cls, settings: Settings, only: Collection[str], old: "Parts | None" = None) -> "Parts":
        """Return the parts of `settings`; blocks. Raises `ConfigError`, or `StoreDown`.

        Of the parts before them, `old`, the model stays: if the current one was spoilt meanwhile, it still judges.
        """
        roles = frozenset(only)
        connectors = settings.connectors() if roles & {"connectors", "senders"} else {}
        endpoints = settings.endpoints() if "senders" in roles else []
        web = settings.web if "web" in roles else None
        if not (connectors or endpoints) and "triage" not in roles and web is None:
            raise ConfigError("no channel is configured, and nothing else is to be done")
        store = settings.open_store()
        students = settings.models.students() if roles >= {"connectors", "triage"} else 0
        if students:
            prepare_server(settings.classifier.profile)
        desk = Desk.from_settings(settings)
        models = _models(settings, old) if "triage" in roles else None
        if models is not None:
            warm_up(desk, models.judge)
        door, issuer = _door(web, old), _issuer(web)
        # Last of all: what it begins would stay if anything else were refused.
        study = Study(settings, models, students) if models is not None else None
        return cls(
            settings=settings,
            roles=roles,
            store=store,
            desk=desk,
            connectors=connectors,
            endpoints=endpoints,
            models=models,
            study=study,
            door=door,
            issuer=issuer,
        )

    def leases(self) -> list[str]:
        """Return the names of the leases that these duties need."""
        names = [reading(name) for name in self.connectors] if "connectors" in self.roles else []
        names += [TRIAGE] if "triage" in self.roles else []
        names += [telling(one.name) for one in self.endpoints]
        return names + [sending(name) for name in self.senders()]

    def senders(self) -> list[str]:
        """Return the channels that replies go out through."""
        if "senders" not in self.roles:
            return []
        through = {connector.answers_through for connector in self.connectors.values()}
        return [name for name in self.connectors if name in through]

    def front(self, clock: Callable[[], datetime]) -> "Front | None":
        """Return the desk as pages and API see it, or None where there is none in the browser."""
        web = self.settings.web
        if web is None:
            return None
        from triage.web import Front

        return Front(
            store=self.store,
            desk=self.desk,
            prefix=web.prefix,
            models=self.settings.models.folder,
            issuer=self.issuer,
            second_factor=web.second_factor,
            clock=clock,
        )


def _door(web: WebSettings | None, old: Parts | None) -> socket.socket | None:
    """Return the socket of the web desk: the one there is if its address stays, for two cannot have it."""
    if web is None:
        return None
    if (
        old is not None
        and old.door is not None
        and old.settings.web is not None
        and old.settings.web.listen == web.listen
    ):
        return old.door.dup()
    from triage.web import server

    return server.listen(web.listen)


def _issuer(web: WebSettings | None) -> "Issuer | None":
    if web is None or web.oidc is None:
        return None
    from triage.web import Issuer

    return Issuer(web.oidc)


def _models(settings: Settings, old: Parts | None) -> Models:
    wanted = (settings.models.folder, settings.classifier.profile)
    models = old.models if old is not None else None
    if models is None or (models.folder, models.profile) != wanted:
        models = Models(*wanted)
    models.refresh(once_more=True)
    return models
