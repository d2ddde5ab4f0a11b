"""Who may do what in the browser and by program."""

import re
from datetime import timedelta
from itertools import product

import pytest
from asking import of_no_case
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from triage.case import Role
from triage.store import tokens, users
from triage.web import ROUTERS, api
from triage.web.access import COOKIE, CSRF_HEADER, role_of
from triage.web.login import Guesses
from triage.web.passwords import hashed

FOR_ANYBODY = {
    "/healthz",
    "/readyz",
    "/csp-report",
    "/sign-in",
    "/sign-in/code",
    "/sign-in/oidc",
    "/sign-in/oidc/back",
    "/invitation/{secret}",
}


OWN = {"/me/factor", "/me/factor/confirm", "/me/factor/codes", "/me/factor/off"}
"""What changes nothing but the caller's own sign-in."""


def roles_of(route: APIRoute) -> list[Role]:
    return [role for d in route.dependant.dependencies if d.call and (role := role_of(d.call)) is not None]


ROUTES = [route for router in (*ROUTERS, *api.ROUTERS) for route in router.routes if isinstance(route, APIRoute)]


def test_every_route_says_who_may_use_it():
    assert len(ROUTES) > 8
    assert {route.path for route in ROUTES if not roles_of(route)} == FOR_ANYBODY


def test_whatever_changes_something_needs_an_agent_at_least():
    changing = [r for r in ROUTES if r.methods - {"GET"} and r.path not in FOR_ANYBODY]
    assert {r.path for r in changing if roles_of(r) < [Role.AGENT]} == {"/sign-out", "/language"} | OWN


def test_each_route_lets_in_those_of_its_role_and_nobody_below(room, signed_in):
    room.hear(room.mail("My withdrawal is stuck for two days."))
    [case] = room.cases()
    fill = {"number": case.number, "action": "take", "version": "none", "name": "nobody"}
    browsers = {role: signed_in(role, name=role.label) for role in Role}
    refused: dict[tuple[str, str], set[Role]] = {}
    asked = [route for route in ROUTES if roles_of(route) and route.path not in {"/live", "/events", "/sign-out"}]
    for route in asked:
        path = re.sub(r"\{(\w+)[^}]*\}", lambda found: fill.get(found[1], "1"), route.path)
        prefix = "/api/v1" if any(route in router.routes for router in api.ROUTERS) else ""
        for method, (role, browser) in product(route.methods, browsers.items()):
            headers = {CSRF_HEADER: browser.csrf, "Accept": "text/html", "HX-Request": "true"}
            answer = browser.client.request(method, prefix + path, headers=headers, follow_redirects=False)
            assert answer.status_code < 500, (method, path, role)
            if answer.status_code == 403:
                refused.setdefault((method, prefix + route.path), set()).add(role)
    wanted = {
        (method, ("/api/v1" if any(route in r.routes for r in api.ROUTERS) else "") + route.path): {
            role for role in Role if role < max(roles_of(route))
        }
        for route in asked
        for method in route.methods
    }
    assert refused == {key: roles for key, roles in wanted.items() if roles}


def test_a_stranger_is_led_to_the_sign_in_page_and_a_program_is_told(stranger):
    page = stranger.get("/")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    assert stranger.client.get("/", headers={"Accept": "application/json"}).status_code == 401


def test_a_reader_looks_but_does_not_act(room, signed_in):
    room.hear(room.mail("My withdrawal is stuck for two days."))
    [case] = room.cases()
    reader = signed_in(Role.READ_ONLY)
    assert reader.get(f"/cases/{case.number}").status_code == 200
    assert reader.post(f"/cases/{case.number}/take").status_code == 403


def test_a_form_from_another_site_is_refused(room, signed_in):
    room.hear(room.mail("My withdrawal is stuck for two days."))
    [case] = room.cases()
    agent = signed_in()
    path = f"/cases/{case.number}/take"
    assert agent.client.post(path).status_code == 403
    foreign = {CSRF_HEADER: agent.csrf, "Origin": "https://evil.example"}
    assert agent.client.post(path, headers=foreign).status_code == 403
    assert agent.post(path).status_code == 200


def test_a_session_ends_some_time_after_its_last_use(room, signed_in):
    agent = signed_in()
    room.later(hours=11)
    assert agent.get("/").status_code == 200
    room.later(hours=11)
    assert agent.get("/").status_code == 200
    room.later(hours=13)
    assert agent.get("/").status_code == 303


def test_a_session_ends_a_week_after_it_began_though_a_page_is_left_open(room, signed_in):
    agent = signed_in()
    for _ in range(7):
        room.later(hours=11)
        assert agent.get("/").status_code == 200
    for _ in range(9):
        room.later(hours=11)
        last = agent.get("/").status_code
    assert last == 303


def test_who_is_let_in_no_more_is_out_at_once(room, signed_in):
    agent = signed_in()
    room.store.run(lambda tx: users.change(tx, "mia", "root", room.now, disabled=True))
    assert agent.get("/").status_code == 303


def test_the_invitation_sets_a_password_once_and_signs_in(room, stranger):
    with room.store.begin() as tx:
        user = users.add(tx, "leo", Role.AGENT, "root", room.now)
        users.invite(tx, user, "the-secret-of-the-link", room.now + timedelta(days=3), "root", room.now)
    link = "/invitation/the-secret-of-the-link"
    assert "leo" in stranger.get(link).text
    assert stranger.post(link, password="short").status_code == 422
    welcome = stranger.post(link, password="correct horse battery")
    cookie = welcome.headers["set-cookie"]
    assert re.match(rf"{COOKIE}=\S+; HttpOnly; Path=/; SameSite=lax; Secure", cookie)
    assert stranger.get("/").status_code == 200
    assert stranger.get(link).status_code == 410


def test_one_signs_in_with_the_password_and_out_again(room, stranger):
    with room.store.begin() as tx:
        user = users.add(tx, "leo", Role.AGENT, "root", room.now)
        users.invite(tx, user, "link", room.now + timedelta(days=3), "root", room.now)
    stranger.post("/invitation/link", password="correct horse battery")
    stranger.client.cookies.clear()
    assert stranger.post("/sign-in", name="leo", password="wrong").status_code == 401
    assert stranger.post("/sign-in", name="nobody", password="wrong").status_code == 401
    assert stranger.post("/sign-in", name="leo", password="correct horse battery").status_code == 303
    assert stranger.get("/").status_code == 200


def test_guessing_passwords_ends_after_some_attempts(room, stranger):
    room.store.run(lambda tx: users.add(tx, "zoe", Role.AGENT, "root", room.now))
    codes = [stranger.post("/sign-in", name="zoe", password="guess").status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]


def test_right_passwords_use_up_no_attempts_of_an_office_behind_one_address(room, stranger):
    kept = hashed("correct horse battery")
    for n in range(3):
        room.store.run(lambda tx, n=n: users.add(tx, f"agent{n}", Role.AGENT, "root", room.now))
        room.store.run(lambda tx, n=n: users.set_password(tx, f"agent{n}", kept, "root", room.now))
    stranger.client.app.state.guesses = Guesses(by_name=2, by_host=3)
    for n in range(3):
        for _ in range(3):
            answer = stranger.post("/sign-in", name=f"agent{n}", password="correct horse battery")
            assert answer.status_code == 303
    codes = [stranger.post("/sign-in", name="agent0", password="guess").status_code for _ in range(3)]
    assert codes == [401, 401, 429]


def test_who_invited_whom_is_in_the_audit(room, signed_in):
    boss = signed_in(Role.ADMIN, "boss")
    signed_in(Role.ADMIN, "mia")
    assert boss.post("/users/invite", name="mia").status_code == 200
    with room.store.read() as tx:
        last = of_no_case(tx)[-1]
    assert (last.who, last.action, last.details) == ("boss", "user.invited", {"user": "mia"})


def test_an_invitation_that_was_ended_meanwhile_sets_no_password(room):
    with room.store.begin() as tx:
        user = users.add(tx, "leo", Role.AGENT, "root", room.now)
        users.invite(tx, user, "link", room.now + timedelta(days=3), "root", room.now)
        assert users.accept(tx, "link", "hash", room.now) == user
        assert users.accept(tx, "link", "other", room.now) is None
        assert users.password_of(tx, "leo")[1] == "hash"


def test_a_forms_token_that_no_desk_gave_out_is_refused_whatever_its_letters(signed_in):
    agent = signed_in()
    for token in ("", "x", "\xe9"):
        headers = {CSRF_HEADER: token.encode("latin-1"), "HX-Request": "true"}
        assert agent.client.post("/next", headers=headers, follow_redirects=False).status_code == 403


def test_a_number_that_no_database_can_hold_is_no_fault_of_ours(signed_in):
    boss = signed_in(Role.ADMIN)
    high = 2**70
    paths = [f"/incidents/{high}/{action}" for action in ("confirm", "drop", "update", "resolve")]
    paths += [f"/quarantine/{high}/release", f"/quarantine/{high}/drop", f"/views/{high}/remove"]
    asked = [boss.get(f"/incidents?incident={high}"), boss.post("/users/revoke", token=high)]
    asked += [boss.post(path) for path in paths] + [boss.post(f"/api/v1{paths[0]}")]
    assert {answer.status_code for answer in asked} == {422}


def test_a_token_has_the_lesser_of_its_scope_and_its_owners_role(room, app, signed_in):
    signed_in(Role.AGENT)
    with room.store.begin() as tx:
        tokens.add(tx, "mia", "reports", Role.READ_ONLY, "tri_x", "root", room.now)
    program = TestClient(app, base_url="https://desk.example", headers={"Authorization": "Bearer tri_x"})
    assert program.get("/").status_code == 200
    assert program.post("/next", follow_redirects=False).status_code == 403
    with room.store.begin() as tx:
        [token] = tokens.all(tx)
        assert tokens.revoke(tx, token.id, "root", room.now)
    assert program.get("/", follow_redirects=False).status_code in {303, 401}


def test_what_is_done_to_users_is_in_the_audit_and_no_secret_is(room, signed_in):
    signed_in()
    with room.store.begin() as tx:
        users.set_password(tx, "mia", "$argon2id$hash", "root", room.now)
        done = of_no_case(tx)
    assert [e.action for e in done] == ["user.added", "user.password-set"]
    assert "argon2" not in str(done)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/static/desk.css", "/nothing"])
def test_every_answer_forbids_what_pages_do_not_need(stranger, path):
    headers = stranger.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_body_without_end_is_refused(signed_in):
    agent = signed_in()
    assert agent.post("/next", junk="x" * 300_000).status_code == 413
