"""Users and tokens for programs: who may, and that nobody gives herself more."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import of_no_case
from programs import with_token

from triage.case import Role
from triage.store import tokens


def asked(program, user, key="a-key-of-its-own", **given):
    return program.post(f"users/{user}/tokens", json=given, headers={"Idempotency-Key": key})


def id_of(program, name):
    return next(one["id"] for one in program.get("users").json() if one["name"] == name)


def test_a_program_adds_a_user_who_chooses_her_password_by_the_link(calls, stranger):
    admin = calls(Role.ADMIN)
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
    admin = calls(Role.ADMIN)
    assert admin.post("users", json={"name": name}).status_code == 422
    assert asked(admin, id_of(admin, "bot"), name=name).status_code == 422


def test_a_token_is_told_once_and_works_until_it_is_revoked(app, calls):
    admin = calls(Role.ADMIN)
    calls(Role.AGENT, name="mia")
    made = asked(admin, id_of(admin, "mia"), name="reports", scope="read-only")
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
    admin = calls(Role.ADMIN)
    calls(Role.AGENT, name="mia")
    mia = id_of(admin, "mia")
    assert asked(admin, mia, scope="lead").status_code == 409
    made = asked(admin, mia, scope="agent").json()["secret"]
    assert admin.patch(f"users/{mia}", json={"role": "lead"}).json()["role"] == "lead"
    assert with_token(app, made).get("me").json()["role"] == "agent"
    admin.patch(f"users/{mia}", json={"role": "read-only"})
    assert with_token(app, made).get("me").json()["role"] == "read-only"
    admin.patch(f"users/{mia}", json={"role": "lead"})
    assert with_token(app, made).get("me").json()["role"] == "read-only"


def test_the_page_gives_a_token_no_more_than_its_users_role_either(room, calls, signed_in):
    calls(Role.AGENT, name="mia")
    page = signed_in(Role.ADMIN, name="root3")
    answer = page.post("/users/token", name="mia", label="reports", role="admin")
    assert (answer.status_code, answer.json()["title"]) == (
        409,
        "the user's role is agent: a token of hers has no more",
    )
    assert page.post("/users/token", name="mia", label="reports", role="agent").status_code == 200
    with room.store.read() as tx:
        assert {(one.user, one.scope) for one in tokens.all(tx)} == {("mia", Role.AGENT)}


def test_a_request_for_a_token_that_is_sent_again_makes_one_token_and_tells_no_secret(room, app, calls):
    admin, other = calls(Role.ADMIN), calls(Role.ADMIN, name="bot2")
    calls(Role.AGENT, name="mia")
    mia, given = id_of(admin, "mia"), {"name": "reports", "scope": "agent"}
    first = asked(admin, mia, key="monday-1", **given)
    again = asked(admin, mia, key="monday-1", **given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {"id": first.json()["id"], "secret": None}
    assert with_token(app, first.json()["secret"]).get("me").status_code == 200
    for changed in ({"name": "other"}, {"scope": "read-only"}):
        assert asked(admin, mia, key="monday-1", **given | changed).status_code == 409
    assert asked(admin, id_of(admin, "bot"), key="monday-1", **given).status_code == 409
    for program, key in ((admin, "monday-2"), (other, "monday-1")):
        assert asked(program, mia, key=key, **given).status_code == 201
    with room.store.read() as tx:
        assert [one.name for one in tokens.all(tx) if one.user == "mia"] == ["tests", *["reports"] * 3]
        assert [e.action for e in of_no_case(tx) if e.who == "bot"] == ["token.added"] * 2


def test_requests_for_a_token_that_meet_make_one_token(room, calls):
    admin = calls(Role.ADMIN)
    own = id_of(admin, "bot")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: asked(admin, own, key="at-once-1"), range(4)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert len([one for one in answers if one.json()["secret"]]) == 1


def test_a_request_for_a_token_without_a_key_is_refused(calls):
    admin = calls(Role.ADMIN)
    assert admin.post(f"users/{id_of(admin, 'bot')}/tokens", json={}).status_code == 422
    assert asked(admin, id_of(admin, "bot"), key="short").status_code == 422


@pytest.mark.parametrize("path", ["users", "tokens", "views"])
def test_lists_are_read_by_pages(calls, path):
    admin = calls(Role.ADMIN)
    for n in range(4):
        calls(Role.AGENT, name=f"agent {n}")
        admin.post("views", json={"name": f"view {n}", "query": "urgency=high"})
    whole = admin.get(path).json()
    assert len(whole) >= 4
    read = []
    while page := admin.get(path, params={"limit": 2, "after": read[-1]["id"] if read else 0}).json():
        assert len(page) <= 2
        read += page
    assert read == whole
    for wrong in ({"limit": 0}, {"limit": 201}, {"after": -1}, {"after": 2**63}):
        assert admin.get(path, params=wrong).status_code == 422


def test_what_is_added_while_a_list_is_read_comes_last_and_nothing_is_left_out(calls):
    admin = calls(Role.ADMIN)
    calls(Role.AGENT, name="zoe")
    [first] = admin.get("users", params={"limit": 1}).json()
    admin.post("users", json={"name": "ada"})
    rest = admin.get("users", params={"after": first["id"]}).json()
    assert [first["name"], *(one["name"] for one in rest)] == ["bot", "zoe", "ada"]


def test_nobody_changes_or_invites_herself(calls):
    admin = calls(Role.ADMIN)
    own = id_of(admin, "bot")
    assert admin.patch(f"users/{own}", json={"disabled": True}).status_code == 409
    assert admin.patch(f"users/{own}", json={"role": "agent"}).status_code == 409
    assert admin.post(f"users/{own}/invitations").status_code == 409
    assert admin.get("me").json()["role"] == "admin"


def test_who_is_let_in_no_more_has_no_token_then_or_later(room, app, calls):
    admin, program = calls(Role.ADMIN), calls(Role.AGENT, name="mia")
    mia = id_of(admin, "mia")
    assert program.get("me").status_code == 200
    assert admin.patch(f"users/{mia}", json={"disabled": True}).json()["disabled"] is True
    assert program.get("me").status_code == 401
    assert asked(admin, mia).status_code == 409
    admin.patch(f"users/{mia}", json={"disabled": False})
    assert program.get("me").status_code == 401
    with room.store.read() as tx:
        assert [one.user for one in tokens.all(tx)] == ["bot"]


def test_a_user_who_changed_since_she_was_read_is_not_changed(calls):
    admin = calls(Role.ADMIN)
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
    admin = calls(Role.ADMIN)
    user = admin.post("users", json={"name": "leo"}).json()["id"]
    secret = asked(admin, user).json()["secret"]
    link = admin.post(f"users/{user}/invitations").json()["link"]
    with room.store.read() as tx:
        done = of_no_case(tx)
    assert [e.action for e in done if e.who == "bot"] == ["user.added", "token.added", "user.invited"]
    assert secret not in str(done)
    assert link.rpartition("/")[2] not in str(done)


def test_no_token_takes_a_second_factor_off(room, app, calls, signed_in):
    calls(Role.ADMIN)
    calls(Role.AGENT, name="mia")
    program = with_token(app, "tri_of_bot")
    assert program.post("https://desk.example/users/factor-off", data={"name": "mia"}).status_code == 403
    assert signed_in(Role.ADMIN, name="root3").post("/users/factor-off", name="mia").status_code == 200
