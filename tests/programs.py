"""Programs that speak with the API, for tests.

A test folder's `conftest.py` says `from programs import *  # noqa: F403` and has the fixtures

    calls    returns a program with a token, by the role of its user; each has a user of its own
    program  an agent's
"""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rooms import Room

from triage.case import Role
from triage.store import tokens, users

__all__ = ["calls", "program"]


def with_token(app: Any, secret: str) -> TestClient:
    headers = {"Authorization": f"Bearer {secret}"}
    return TestClient(app, base_url="https://desk.example/api/v1/", headers=headers)


@pytest.fixture
def calls(app: Any, room: Room) -> Callable[..., TestClient]:
    def call(role: Role = Role.AGENT, name: str = "bot", scope: Role | None = None) -> TestClient:
        with room.store.begin() as tx:
            users.add(tx, name, role, "root", room.now)
            tokens.add(tx, name, "tests", role if scope is None else scope, f"tri_of_{name}", "root", room.now)
        return with_token(app, f"tri_of_{name}")

    return call


@pytest.fixture
def program(calls: Callable[..., TestClient]) -> TestClient:
    return calls()
