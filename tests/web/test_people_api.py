"""Users and tokens for programs: who may, and that nobody gives herself more."""

import pytest
from fastapi.testclient import TestClient

from triage.case import Role
from triage.store import audit, users


@pytest.fixture
def calls(app, room):
    """Return a program with a token of its own; each has a user of its own."""

    def call(role=Role.ADMIN, scope=None, name="bot"):
        secret = f"tri_of_{name}"
        with room.store.begin() as tx:
            users.add(tx, name, role, "root", room.now)
            users.add_token(tx, name, "tests", role if scope is None else scope, secret, "root", room.now)
        return with_token(app, secret)

    return call


def with_token(app, secret):
    headers = {"Authorization": f"Bearer {secret}"}
    return TestClient(app, base_url="https://desk.example/api/v1/", headers=headers)


def id_of(program, name):
    return next(one["id"] for one in program.get("users").json() if one["name"] == name)


def test_a_program_adds_a_user_who_chooses_her_password_by_the_link(calls, stranger):
    admin = calls()
    added = admin.post("users", json={"name": "leo", "role": "lead"})
    assert (added.status_code, added.json()["role"], added.json()["disabled"]) == (201, "lead", False)
    assert admin.post("users", json={"name": "leo"}).status_code == 409
    link = admin.post(f"users/{added.json()['id']}/invitations").json()["link"]
    assert link.startswith("https://desk.example/invitation/")
    path = link.removeprefix("https://desk.example")
    assert "leo" in stranger.get(path).text
    stranger.post(path, password="correct horse battery")
    assert stranger.get("/reports").status_code == 200


@pytest.mark.parametrize("name", ["", " leo", "le\no", "le\0o", "x" * 61])
def test_a_name_is_one_plain_line(calls, name):
    admin = calls()
    assert admin.post("users", json={"name": name}).status_code == 422
    assert admin.post(f"users/{id_of(admin, 'bot')}/tokens", json={"name": name}).status_code == 422


def test_a_token_is_told_once_and_works_until_it_is_revoked(app, calls):
    admin = calls()
    calls(Role.AGENT, name="mia")
    made = admin.post(f"users/{id_of(admin, 'mia')}/tokens", json={"name": "reports", "scope": "read-only"})
    program = with_token(app, made.json()["secret"])
    assert program.get("me").json() == {"name": "mia", "role": "read-only"}
    assert program.post("next").status_code == 403
    assert made.json()["secret"] not in admin.get("tokens").text
    path = f"tokens/{made.json()['id']}"
    assert admin.delete(path).status_code == 204
    assert admin.delete(path).status_code == 404
    assert program.get("me").status_code == 401


def test_a_token_gives_nobody_more_than_its_scope(calls):
    low = calls(Role.ADMIN, scope=Role.LEAD, name="root2")
    for method, path, body in (
        ("POST", "users", {"name": "x", "role": "admin"}),
        ("POST", "users/1/tokens", {"scope": "admin"}),
        ("POST", "users/1/invitations", None),
        ("PATCH", "users/1", {"role": "admin"}),
        ("GET", "tokens", None),
        ("GET", "users", None),
        ("DELETE", "tokens/1", None),
    ):
        assert low.request(method, path, json=body).status_code == 403, path
    assert low.get("me").json()["role"] == "lead"


def test_a_token_has_never_more_than_its_users_role_at_any_time(app, calls):
    admin = calls()
    calls(Role.AGENT, name="mia")
    mia = id_of(admin, "mia")
    assert admin.post(f"users/{mia}/tokens", json={"scope": "lead"}).status_code == 409
    made = admin.post(f"users/{mia}/tokens", json={"scope": "agent"}).json()["secret"]
    assert admin.patch(f"users/{mia}", json={"role": "lead"}).json()["role"] == "lead"
    assert with_token(app, made).get("me").json()["role"] == "agent"
    admin.patch(f"users/{mia}", json={"role": "read-only"})
    assert with_token(app, made).get("me").json()["role"] == "read-only"


def test_nobody_changes_or_invites_herself(calls):
    admin = calls()
    own = id_of(admin, "bot")
    assert admin.patch(f"users/{own}", json={"disabled": True}).status_code == 409
    assert admin.patch(f"users/{own}", json={"role": "agent"}).status_code == 409
    assert admin.post(f"users/{own}/invitations").status_code == 409
    assert admin.get("me").json()["role"] == "admin"


def test_who_is_let_in_no_more_has_no_token_then_or_later(room, app, calls):
    admin, program = calls(), calls(Role.AGENT, name="mia")
    mia = id_of(admin, "mia")
    assert program.get("me").status_code == 200
    assert admin.patch(f"users/{mia}", json={"disabled": True}).json()["disabled"] is True
    assert program.get("me").status_code == 401
    assert admin.post(f"users/{mia}/tokens", json={}).status_code == 409
    admin.patch(f"users/{mia}", json={"disabled": False})
    assert program.get("me").status_code == 401
    with room.store.read() as tx:
        assert [one.user for one in users.all_tokens(tx)] == ["bot"]


def test_a_user_who_changed_since_she_was_read_is_not_changed(calls):
    admin = calls()
    calls(Role.AGENT, name="mia")
    path = f"users/{id_of(admin, 'mia')}"
    read = admin.get(path).headers["etag"]
    changed = admin.patch(path, json={"role": "lead"}, headers={"If-Match": read})
    assert changed.status_code == 200
    assert admin.patch(path, json={"role": "admin"}, headers={"If-Match": read}).status_code == 412
    assert admin.get(path).json()["role"] == "lead"
    assert admin.get(path).headers["etag"] == changed.headers["etag"]
    assert admin.get("users/999999").status_code == 404


def test_what_programs_do_to_users_is_in_the_audit_without_secrets(room, calls):
    admin = calls()
    user = admin.post("users", json={"name": "leo"}).json()["id"]
    secret = admin.post(f"users/{user}/tokens", json={}).json()["secret"]
    link = admin.post(f"users/{user}/invitations").json()["link"]
    with room.store.read() as tx:
        done = audit.of_no_case(tx)
    assert [e.action for e in done if e.who == "bot"] == ["user.added", "token.added"]
    assert secret not in str(done)
    assert link.rpartition("/")[2] not in str(done)


def test_no_token_takes_a_second_factor_off(room, app, calls, signed_in):
    calls()
    calls(Role.AGENT, name="mia")
    program = with_token(app, "tri_of_bot")
    assert program.post("https://desk.example/users/factor-off", data={"name": "mia"}).status_code == 403
    assert signed_in(Role.ADMIN, name="root3").post("/users/factor-off", name="mia").status_code == 200
