"""The desk behind a proxy that serves it under a path of its own."""

import re

import pytest

from triage.case import Role
from triage.web import Front, create_app

ADDRESS = re.compile(r'\b(?:href|src|action|hx-[a-z]+|data-live|data-refresh|data-looking)="(/[^"]*)"')


@pytest.fixture
def app(room):
    return create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now, prefix="/triage"))


@pytest.fixture(params=["", "/triage"], ids=["the proxy takes it away", "the proxy leaves it"])
def before(request):
    return request.param


def test_every_address_on_a_page_begins_with_the_prefix(room, signed_in, before):
    room.hear(room.mail("My withdrawal of 0.5 BTC is stuck."))
    browser = signed_in(Role.ADMIN)
    for path in ("/", f"/cases/{room.cases()[0].number}", "/reports", "/channels", "/users"):
        page = browser.get(before + path)
        assert page.status_code == 200, path
        found = ADDRESS.findall(page.text)
        assert len(found) > 10
        assert [one for one in found if not one.startswith("/triage/")] == []


def test_what_pages_need_is_found_under_the_prefix(signed_in, before):
    browser = signed_in()
    assert browser.get(f"{before}/static/desk.js").status_code == 200
    assert browser.get(f"{before}/api/v1/cases").status_code == 200


def test_a_stranger_is_led_to_sign_in_under_the_prefix(stranger, before):
    assert stranger.get(before + "/").headers["location"] == "/triage/sign-in"
