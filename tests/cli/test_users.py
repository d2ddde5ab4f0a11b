"""`triage user`: who may sign in, and what helps when a phone is lost."""

from contextlib import closing
from datetime import UTC, datetime

import pyotp
import pytest

from triage import second_factor, settings
from triage.desk import Desk
from triage.store import users


@pytest.fixture
def mia(triage, home):
    """A user with a second factor."""
    assert triage("user", "add", "mia").code == 0
    loaded = settings.load(home / "triage.toml")
    keys, now = Desk.from_settings(loaded).keys, datetime.now(UTC)
    with closing(loaded.open_store()) as store, store.begin() as tx:
        user = users.get(tx, "mia")
        phone = pyotp.TOTP(second_factor.begin(tx, keys, user, now))
        assert second_factor.confirm(tx, keys, user, phone.at(now), "", now)
    return "mia"


def test_the_list_tells_who_has_a_second_factor_and_it_is_taken_off_once(triage, mia):
    assert triage("user", "list", "--json").objects[0]["second_factor"] is True
    done = triage("user", "totp", "reset", mia, "--as", "root")
    assert (done.code, "password alone" in done.out) == (0, True)
    assert triage("user", "list", "--json").objects[0]["second_factor"] is False
    again = triage("user", "totp", "reset", mia)
    assert (again.code, again.err) == (1, "triage: mia has no second factor\n")
    actions = [entry["action"] for entry in triage("audit", "list", "--json").objects]
    assert "user.second-factor-off" in actions


def test_nobody_by_this_name_is_told_in_one_line(triage, home):
    refused = triage("user", "totp", "reset", "nobody")
    assert (refused.code, refused.err) == (1, 'triage: there is no user "nobody"\n')


def test_single_sign_on_without_its_secret_is_told_by_check(triage, home):
    with (home / "triage.toml").open("a") as file:
        file.write('[web.oidc]\nissuer = "http://idp.example"\nclient_id = "x"\nclient_secret = { file = "none" }\n')
    refused = triage("cases")
    assert refused.code == 78
    assert "[web.oidc] issuer" in refused.err
    assert "https://" in refused.err
