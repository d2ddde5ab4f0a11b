"""Two desks in one process: the routes are made once for both, and neither knows of the other."""

import shutil

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from triage.store import Store
from triage.web import Front, create_app
from triage.web.access import COOKIE


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def other(room, sqlite_template, tmp_path):
    path = shutil.copy(sqlite_template, tmp_path / "other.db")
    opened = Store(f"sqlite:///{path}")
    yield create_app(Front(store=opened, desk=room.desk, clock=lambda: room.now))
    opened.close()


def mount_of(app):
    [mounted] = [one for one in app.routes if isinstance(one, Mount) and one.path == "/api/v1"]
    return mounted


def api_of(app):
    return mount_of(app).app


def test_the_routes_are_made_once_for_the_process(app, other):
    """FastAPI works out at the first request what each needs; a tenth of a second, and the same every time."""
    made = [{id(one) for one in (*it.routes, *api_of(it).routes) if not isinstance(one, Route)} for it in (app, other)]
    assert len(made[0]) > 30
    assert made[0] ^ made[1] == {id(mount_of(one)) for one in (app, other)}


def test_who_is_known_at_one_desk_is_a_stranger_at_the_other(room, signed_in, other):
    agent = signed_in()
    room.hear(room.mail("My withdrawal is stuck for two days."))
    assert "withdrawal is stuck" in agent.get("/").text
    session = agent.client.cookies[COOKIE]
    there = TestClient(other, base_url="https://desk.example", cookies={COOKIE: session}, follow_redirects=False)
    assert there.get("/", headers={"Accept": "text/html"}).status_code == 303
    assert there.get("/api/v1/me", headers={"Authorization": "Bearer tri_x"}).status_code == 401
    assert api_of(other).state.front is other.state.front
