"""The API keeps what it describes, whatever it is sent (schemathesis)."""

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from triage.case import Role
from triage.store import tokens, users


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def described(app, room):
    room.hear(room.mail("My withdrawal of 0.5 BTC is stuck for two days."))
    with room.store.begin() as tx:
        users.add(tx, "bot", Role.ADMIN, "root", room.now)
        for n in range(9):  # those that a fuzzer's small numbers end are not its own
            tokens.add(tx, "bot", "other", Role.ADMIN, f"tri_{n}", "root", room.now)
        tokens.add(tx, "bot", "tests", Role.ADMIN, "tri_x", "root", room.now)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]


def test_no_request_is_an_error_of_ours_and_every_answer_is_as_described(app, described):
    asked = []

    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def ask(data):
        case = data.draw(operation.as_strategy())
        asked.append(case.method)
        case.call_and_validate(headers={"Authorization": "Bearer tri_x"}, checks=CHECKS)

    # A stream has no end; tests/web/test_events.py reads it.
    for found in described.exclude(path="/events").get_all_operations():
        operation = found.ok()
        ask()
    assert len(asked) > 100
    assert TestClient(app).get("/api/v1/me", headers={"Authorization": "Bearer tri_x"}).json()["role"] == "admin"
