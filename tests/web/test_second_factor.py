"""The second factor: nobody signs in without it once it is on, no code is taken twice, a lost phone is no lost desk."""

import re
from datetime import timedelta

import pyotp
import pytest
from asking import of_no_case
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from triage import second_factor
from triage.case import Role
from triage.store import tokens, users
from triage.store.tables import recovery_codes, sessions
from triage.web import Front, create_app
from triage.web.passwords import hashed

PASSWORD = "correct horse battery"


@pytest.fixture
def phone(room, signed_in):
    """Return the phone of mia, who has set a second factor up; her browser and codes hang on it."""
    mia = signed_in()
    room.store.run(lambda tx: tx.execute(text("UPDATE users SET password = :p"), {"p": hashed(PASSWORD)}))
    page = mia.post("/me/factor").text
    made = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", page)[1])
    done = mia.post("/me/factor/confirm", code=made.at(room.now))
    assert done.status_code == 200
    made.browser = mia
    made.recovery = re.findall(r"<code>(\w{5}-\w{5})</code>", done.text)
    room.later(minutes=1)
    return made


def half_in(browser, password=PASSWORD, name="mia"):
    """Sign in as far as the password leads, and return the ticket to the code."""
    page = browser.post("/sign-in", name=name, password=password)
    assert page.status_code == 200, page.status_code
    assert "set-cookie" not in page.headers
    return re.search(r'name="ticket" value="([^"]+)"', page.text)[1]


def actions(room):
    with room.store.read() as tx:
        return [entry.action for entry in of_no_case(tx)]


def test_once_it_is_on_the_password_alone_signs_nobody_in(room, stranger, phone):
    ticket = half_in(stranger)
    assert stranger.get("/").status_code == 303
    assert stranger.post("/sign-in/code", ticket=ticket, code="000000").status_code == 401
    assert stranger.get("/").status_code == 303
    assert stranger.post("/sign-in/code", ticket=ticket, code=phone.at(room.now)).status_code == 303
    assert stranger.get("/").status_code == 200


def test_before_its_first_code_it_counts_for_nothing(room, stranger, signed_in):
    mia = signed_in()
    room.store.run(lambda tx: users.set_password(tx, "mia", hashed(PASSWORD), "root", room.now))
    room.store.run(lambda tx: second_factor.begin(tx, room.desk.keys, users.get(tx, "mia"), room.now))
    assert stranger.post("/sign-in", name="mia", password=PASSWORD).status_code == 303
    assert mia.get("/").status_code == 303  # the new password ended her session


def test_no_code_is_taken_twice(room, app, stranger, phone):
    code = phone.at(room.now)
    assert stranger.post("/sign-in/code", ticket=half_in(stranger), code=code).status_code == 303
    thief = type(stranger)(TestClient(app, base_url="https://desk.example"))
    assert thief.post("/sign-in/code", ticket=half_in(thief), code=code).status_code == 401
    before = phone.at(room.now - timedelta(seconds=30))
    assert thief.post("/sign-in/code", ticket=half_in(thief), code=before).status_code == 401
    assert actions(room).count("user.code-refused") == 2


@pytest.mark.parametrize(("off", "status"), [(-60, 401), (-30, 303), (0, 303), (30, 303), (60, 401)])
def test_a_phone_may_be_half_a_minute_wrong_and_no_more(room, stranger, phone, off, status):
    room.later(minutes=5)
    code = phone.at(room.now + timedelta(seconds=off))
    assert stranger.post("/sign-in/code", ticket=half_in(stranger), code=code).status_code == status


def test_guessing_codes_ends_where_guessing_passwords_does(room, stranger, phone):
    ticket = half_in(stranger)
    right = phone.at(room.now)
    wrong = [f"{(int(right) + n) % 1_000_000:06}" for n in range(1, 20)]
    # Setting it up and the password were two of the ten attempts.
    codes = [stranger.post("/sign-in/code", ticket=ticket, code=one).status_code for one in wrong]
    assert codes[:8] == [401] * 8
    assert set(codes[8:]) == {429}
    assert stranger.post("/sign-in/code", ticket=ticket, code=right).status_code == 429


def test_a_recovery_code_signs_in_once_however_it_is_typed(room, app, stranger, phone):
    code = phone.recovery[0]
    assert len(set(phone.recovery)) == 10
    typed = f" {code.upper().replace('-', ' ')} "
    assert stranger.post("/sign-in/code", ticket=half_in(stranger), code=typed).status_code == 303
    again = type(stranger)(TestClient(app, base_url="https://desk.example"))
    assert again.post("/sign-in/code", ticket=half_in(again), code=code).status_code == 401
    assert "Recovery codes left: 9." in phone.browser.get("/me").text
    assert "user.recovery-code-used" in actions(room)


def test_an_administrator_helps_whose_phone_and_codes_are_lost(room, stranger, phone, signed_in):
    root = signed_in(Role.ADMIN, "root")
    assert "second factor" in root.get("/users").text
    assert root.post("/users/factor-off", name="mia").status_code == 200
    assert phone.browser.get("/").status_code == 303  # her sessions ended
    assert stranger.post("/sign-in", name="mia", password=PASSWORD).status_code == 303
    assert actions(room)[-1] == "user.second-factor-off"


def test_a_new_password_is_no_way_around_it(room, stranger, phone):
    room.store.run(
        lambda tx: users.invite(tx, users.get(tx, "mia"), "link", room.now + timedelta(days=1), "root", room.now)
    )
    page = stranger.post("/invitation/link", password="another good password")
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    assert stranger.get("/").status_code == 303


@pytest.mark.parametrize("forge", [lambda t: "", lambda t: t[:-8] + "AAAAAAA=", lambda t: "\0" + t, lambda t: t * 50])
def test_a_forged_ticket_leads_nowhere(room, stranger, phone, forge):
    answer = stranger.post("/sign-in/code", ticket=forge(half_in(stranger)), code=phone.at(room.now))
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


def test_a_ticket_ends_after_five_minutes_and_with_the_password(room, stranger, phone):
    ticket = half_in(stranger)
    room.later(minutes=5)
    assert stranger.post("/sign-in/code", ticket=ticket, code=phone.at(room.now)).status_code == 401
    ticket = half_in(stranger)
    room.store.run(lambda tx: users.set_password(tx, "mia", hashed("another one"), "root", room.now))
    assert stranger.post("/sign-in/code", ticket=ticket, code=phone.at(room.now)).status_code == 401


def test_a_code_of_one_user_is_nothing_for_another(room, stranger, phone, signed_in):
    zoe = signed_in(name="zoe")
    room.store.run(lambda tx: users.set_password(tx, "zoe", hashed(PASSWORD), "root", room.now))
    zoe = type(stranger)(stranger.client)
    assert zoe.post("/sign-in", name="zoe", password=PASSWORD).status_code == 303  # hers is not on
    assert stranger.post("/sign-in/code", ticket=half_in(stranger), code=phone.recovery[0][:9]).status_code == 401


def test_whoever_else_is_named_in_a_form_one_changes_only_ones_own(room, phone, signed_in):
    zoe = signed_in(name="zoe")
    for path in ("/me/factor", "/me/factor/confirm", "/me/factor/codes", "/me/factor/off"):
        zoe.post(path, name="mia", user="mia", user_id=1, code=phone.at(room.now))
    with room.store.read() as tx:
        assert users.get(tx, "mia").second_factor
        assert not users.get(tx, "zoe").second_factor
    assert phone.secret not in zoe.get("/me").text
    assert zoe.post("/users/factor-off", name="mia").status_code == 403


def test_who_found_an_open_browser_can_neither_change_nor_take_it_off(room, phone):
    mia = phone.browser
    assert mia.post("/me/factor").status_code == 409
    assert phone.secret not in mia.get("/me").text
    assert mia.post("/me/factor/off", code="000000").status_code == 422
    assert mia.post("/me/factor/codes", code="").status_code == 422
    assert mia.get("/").status_code == 200
    assert mia.post("/me/factor/off", code=phone.at(room.now)).status_code == 204
    assert mia.get("/").status_code == 303


def test_new_recovery_codes_end_the_old_ones(room, stranger, phone):
    page = phone.browser.post("/me/factor/codes", code=phone.at(room.now))
    fresh = re.findall(r"<code>(\w{5}-\w{5})</code>", page.text)
    assert len(fresh) == 10
    assert stranger.post("/sign-in/code", ticket=half_in(stranger), code=phone.recovery[1]).status_code == 401
    assert stranger.post("/sign-in/code", ticket=half_in(stranger), code=fresh[1]).status_code == 303


def test_other_browsers_are_signed_out_when_it_is_switched_on(room, app, stranger, signed_in):
    mia = signed_in()
    room.store.run(lambda tx: tx.execute(text("UPDATE users SET password = :p"), {"p": hashed(PASSWORD)}))
    assert stranger.post("/sign-in", name="mia", password=PASSWORD).status_code == 303
    made = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", mia.post("/me/factor").text)[1])
    mia.post("/me/factor/confirm", code=made.at(room.now))
    assert stranger.get("/").status_code == 303
    assert mia.get("/").status_code == 200


def test_a_role_that_needs_one_sees_nothing_else_until_it_is_set_up(room, signed_in):
    app = create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now, second_factor="required for lead"))
    lead, agent = signed_in(Role.LEAD, "lea"), signed_in(Role.AGENT)
    for one in (lead, agent):
        one.client = TestClient(app, base_url="https://desk.example", cookies=one.client.cookies)
    assert agent.get("/").status_code == 200
    assert (lead.get("/").status_code, lead.get("/").headers["location"]) == (303, "/me")
    assert lead.post("/next").headers["hx-redirect"] == "/me"
    assert lead.client.get("/api/v1/cases", headers={"Accept": "application/json"}).status_code == 403
    made = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", lead.post("/me/factor").text)[1])
    lead.post("/me/factor/confirm", code=made.at(room.now))
    assert lead.get("/").status_code == 200
    room.later(minutes=1)
    assert lead.post("/me/factor/off", code=made.at(room.now)).status_code == 409


def test_a_token_needs_none(room, phone, app):
    room.store.run(lambda tx: tokens.add(tx, "mia", "reports", Role.AGENT, "tri_x", "root", room.now))
    program = TestClient(app, base_url="https://desk.example", headers={"Authorization": "Bearer tri_x"})
    assert program.get("/api/v1/cases").status_code == 200
    assert program.post("/me/factor/off", data={"code": phone.at(room.now)}).status_code == 409


def test_the_database_alone_makes_no_code(room, phone):
    with room.store.read() as tx:
        row = tx.execute(text("SELECT * FROM users WHERE name = 'mia'")).mappings().one()
        kept = tx.execute(select(recovery_codes.c.hash)).scalars().all()
        assert tx.execute(select(sessions.c.hash)).scalars().all()
    assert phone.secret not in str(dict(row))
    assert len(kept) == 10
    user = users.get
    with room.store.read() as tx:
        mia = user(tx, "mia")
    wrong_key = (b"another key",)
    assert not room.store.run(lambda tx: second_factor.proves(tx, wrong_key, mia, phone.at(room.now), room.now))
    assert not room.store.run(lambda tx: second_factor.proves(tx, wrong_key, mia, phone.recovery[0], room.now))


def test_an_old_key_of_the_desk_still_opens_it(room, phone):
    keys = (b"a new key", *room.desk.keys)
    with room.store.read() as tx:
        mia = users.get(tx, "mia")
    assert room.store.run(lambda tx: second_factor.proves(tx, keys, mia, phone.at(room.now), room.now))
    assert room.store.run(lambda tx: second_factor.proves(tx, keys, mia, phone.recovery[0], room.now))


def test_a_box_in_another_users_row_opens_to_nothing(room, phone, signed_in):
    signed_in(name="zoe")
    copy = "UPDATE users SET factor_box = (SELECT factor_box FROM users u WHERE u.name = 'mia'), factor_since = "
    copy += "(SELECT factor_since FROM users u WHERE u.name = 'mia'), factor_step = 0 WHERE name = 'zoe'"
    room.store.run(lambda tx: tx.execute(text(copy)))
    with room.store.read() as tx:
        zoe = users.get(tx, "zoe")
    assert not room.store.run(lambda tx: second_factor.proves(tx, room.desk.keys, zoe, phone.at(room.now), room.now))


def test_neither_secret_nor_code_is_in_the_audit(room, phone):
    with room.store.read() as tx:
        said = str(of_no_case(tx))
    assert phone.secret not in said
    assert not [code for code in phone.recovery if code in said or code.replace("-", "") in said]
    assert [a for a in actions(room) if "factor" in a] == ["user.second-factor-begun", "user.second-factor-on"]
