"""The desk in the browser over a real store; pages are asked for as a browser does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from programs import *  # noqa: F403
from rooms import *  # noqa: F403
from rooms import Room

from triage.case import Role
from triage.store import users
from triage.web import Front, create_app
from triage.web.access import COOKIE, CSRF_HEADER, SESSION, csrf_of, new_secret


@dataclass
class Browser:
    """Somebody's browser; `page` is what it was last shown."""

    client: TestClient
    csrf: str = ""
    said: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers={"Accept": "text/html"} | headers, follow_redirects=False)

    def post(self, path: str, **form: Any) -> httpx.Response:
        headers = {"Accept": "text/html", CSRF_HEADER: self.csrf, "HX-Request": "true"}
        return self.client.post(path, data=form, headers=headers, follow_redirects=False)


@pytest.fixture
def app(room: Room) -> Any:
    return create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now))


@pytest.fixture
def stranger(app) -> Browser:
    return Browser(TestClient(app, base_url="https://desk.example"))


@pytest.fixture
def signed_in(app, room) -> Callable[..., Browser]:
    """Return the browser of a new user of this role."""

    def sign_in(role: Role = Role.AGENT, name: str = "mia") -> Browser:
        session = new_secret()
        with room.store.begin() as tx:
            user = users.add(tx, name, role, "test", room.now)
            users.begin_session(tx, user.id, session, room.now, SESSION)
        client = TestClient(app, base_url="https://desk.example", cookies={COOKIE: session})
        return Browser(client, csrf_of(session))

    return sign_in
