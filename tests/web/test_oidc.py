"""Single sign-on against a provider on loopback: who is let in, as whom, and what is believed of what comes back."""

import hmac
import json
import re
import sys
import threading
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2 as httpx
import pyotp
import pytest
from asking import of_no_case
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from provider import CLIENT, SECRET, running

from triage.case import Role
from triage.credentials import Secret
from triage.errors import ConfigError
from triage.settings.web import OidcSettings
from triage.store import users
from triage.web import Front, create_app, oidc

GROUPS = {"desk": "agent", "desk-leads": "lead"}
ADA = {"sub": "248289761001", "email": "ada@acme.example", "email_verified": True, "groups": ["desk", "staff"]}


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def provider(room, server):
    server.anew(lambda: room.now)
    server.person = dict(ADA)
    yield server
    server.anew(None)


@pytest.fixture
def desk_of(room, provider, monkeypatch):
    """Return a browser of a desk with these settings of `[web.oidc]`."""
    monkeypatch.setenv("OIDC_SECRET", SECRET)

    def make(**other):
        given = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": Secret(env="OIDC_SECRET")}
        settings = OidcSettings(**(given | {"roles": GROUPS} | other))
        issuer = oidc.Issuer(settings, lambda: room.now)
        app = create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now, issuer=issuer))
        return TestClient(app, base_url="https://desk.example", follow_redirects=False, headers={"Accept": "text/html"})

    return make


@pytest.fixture
def browser(desk_of):
    return desk_of()


def at_provider(browser):
    """Sign in at the provider, and return the address that it sends the browser back to."""
    begun = browser.get("/sign-in/oidc")
    assert begun.status_code == 303, begun.text
    sent = httpx.get(begun.headers["location"], follow_redirects=False, verify=False)
    return sent.headers["location"].removeprefix("https://desk.example")


def sign_in(browser):
    return browser.get(at_provider(browser))


def is_in(browser):
    return browser.get("/").status_code == 200


def user(room, name):
    with room.store.read() as tx:
        return users.get(tx, name)


def refused_because(browser, answer, words, status=401):
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert not is_in(browser)


def test_whom_the_issuer_vouches_for_is_let_in_with_the_role_of_her_groups(room, browser):
    assert 'href="/sign-in/oidc"' in browser.get("/sign-in").text
    done = sign_in(browser)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert is_in(browser)
    assert user(room, "ada@acme.example").role is Role.AGENT
    with room.store.read() as tx:
        assert [e.action for e in of_no_case(tx)] == ["user.added", "user.single-sign-on"]


def test_she_is_known_by_her_subject_whatever_her_address_becomes(room, provider, browser):
    sign_in(browser)
    provider.person |= {"email": "ada.lovelace@acme.example", "groups": ["desk-leads", "desk"]}
    assert sign_in(browser).status_code == 303
    with room.store.read() as tx:
        [ada] = users.everybody(tx)
    assert (ada.name, ada.role) == ("ada@acme.example", Role.LEAD)  # the highest role of her groups


def test_a_user_who_was_there_is_bound_by_her_verified_address(room, provider, desk_of):
    room.store.run(lambda tx: users.add(tx, "ada@acme.example", Role.ADMIN, "root", room.now))
    browser = desk_of(roles={})
    provider.person["email"] = "Ada@ACME.example"
    assert sign_in(browser).status_code == 303
    assert user(room, "ada@acme.example").role is Role.ADMIN  # nothing is mapped: her role is this desk's own


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_issuer_did_not_verify_binds_nobody(room, provider, browser, verified):
    room.store.run(lambda tx: users.add(tx, "ada@acme.example", Role.ADMIN, "root", room.now))
    provider.person["email_verified"] = verified
    refused_because(browser, sign_in(browser), "does not let you in", 403)


def test_another_subject_with_the_same_address_does_not_become_her(room, provider, browser):
    sign_in(browser)
    browser.cookies.clear()
    provider.person["sub"] = "666"
    refused_because(browser, sign_in(browser), "does not let you in", 403)


@pytest.mark.parametrize("groups", [[], ["strangers"], None, "staff", [["desk"]], {"desk": 1}])
def test_who_has_no_group_of_ours_is_not_let_in(provider, browser, groups):
    provider.person["groups"] = groups
    refused_because(browser, sign_in(browser), "does not let you in", 403)


def test_who_was_disabled_here_is_not_let_in_whatever_the_issuer_says(room, browser):
    sign_in(browser)
    room.store.run(lambda tx: users.change(tx, "ada@acme.example", "root", room.now, disabled=True))
    refused_because(browser, sign_in(browser), "does not let you in", 403)


def test_her_second_factor_is_asked_for_after_it(room, browser):
    sign_in(browser)
    csrf = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', browser.get("/me").text)[1]
    form = {"X-CSRF-Token": csrf, "HX-Request": "true"}
    made = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", browser.post("/me/factor", headers=form).text)[1])
    browser.post("/me/factor/confirm", data={"code": made.at(room.now)}, headers=form)
    browser.cookies.clear()
    room.later(minutes=1)
    page = sign_in(browser)
    assert page.status_code == 200
    assert not is_in(browser)
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)[1]
    browser.post("/sign-in/code", data={"ticket": ticket, "code": made.at(room.now)})
    assert is_in(browser)


def claims(**wrong):
    return lambda p: p.claims.update(wrong)


def tokens(make):
    def change(p):
        p.token = make

    return change


STRANGER = RSAKey.generate_key(2048, {"kid": "first"})


def unsigned(p, said):
    plain = jwt.encode({"alg": "RS256", "kid": p.key.kid}, said, p.key)
    _, payload, _ = plain.split(".")
    return f"eyJhbGciOiJub25lIn0.{payload}."


def by_public_key(p, said):
    """The old trick: the public key as the secret of an HMAC."""
    parts = [
        urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in ({"alg": "HS256", "kid": "first"}, said)
    ]
    made = hmac.digest(p.key.as_pem(private=False), b".".join(parts), "sha256")
    return b".".join([*parts, urlsafe_b64encode(made).rstrip(b"=")]).decode()


HOSTILE = {
    "a nonce of another sign-in": claims(nonce="another"),
    "no nonce": claims(nonce=None),
    "meant for another client": claims(aud="somebody-else"),
    "meant for several, and not asked for by us": claims(aud=[CLIENT, "somebody-else"]),
    "asked for by another client": claims(azp="somebody-else"),
    "another issuer": claims(iss="https://evil.example"),
    "over": claims(exp=1_700_000_000),
    "without an end": claims(exp=None),
    "without a subject": claims(sub=None),
    "a subject that is no text": claims(sub=7),
    "not signed": tokens(unsigned),
    "signed with a secret that is public": tokens(by_public_key),
    "signed by a stranger under the issuer's key id": tokens(
        lambda p, said: jwt.encode({"alg": "RS256", "kid": "first"}, said, STRANGER)
    ),
    "signed by a key that nobody knows": tokens(
        lambda p, said: jwt.encode({"alg": "RS256", "kid": "x"}, said, RSAKey.generate_key(2048, {"kid": "x"}))
    ),
    "with a key of its own in the header": tokens(
        lambda p, said: jwt.encode(
            {"alg": "RS256", "kid": "first", "jwk": STRANGER.as_dict(private=False)}, said, STRANGER
        )
    ),
    "no token at all": tokens(lambda p, said: "..."),
    "nonsense": tokens(lambda p, said: "\N{SNOWMAN}"),
    "an answer of another issuer": lambda p: p.answer.update(iss="https://evil.example"),
    "an answer that does not name its issuer": lambda p: p.answer.update(iss=""),
    "a state of another browser": lambda p: p.answer.update(state="another"),
    "a code that was made up": lambda p: p.answer.update(code="made-up"),
    "a refusal": lambda p: p.answer.update(code="", error="access_denied"),
}


@pytest.mark.parametrize("wrong", HOSTILE)
def test_what_cannot_be_trusted_signs_nobody_in(room, provider, browser, wrong):
    HOSTILE[wrong](provider)
    refused_because(browser, sign_in(browser), "could not be trusted")
    with room.store.read() as tx:
        assert users.everybody(tx) == []


def test_a_code_that_was_used_is_worth_nothing(browser):
    back = at_provider(browser)
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    browser.cookies.clear()
    for name, value in kept.items():  # a thief has the address and the cookie too
        browser.cookies.set(name, value)
    refused_because(browser, browser.get(back), "could not be trusted")


def test_an_answer_in_a_browser_that_asked_for_nothing_signs_nobody_in(browser, desk_of):
    back = at_provider(browser)
    victim = desk_of()
    refused_because(victim, victim.get(back), "could not be trusted")


def test_an_answer_comes_too_late_after_five_minutes(room, browser):
    back = at_provider(browser)
    room.later(minutes=5)
    refused_because(browser, browser.get(back), "could not be trusted")


def test_a_code_of_another_browser_cannot_be_slipped_in(browser, desk_of):
    attacker = desk_of()
    stolen = parse_qs(urlsplit(at_provider(attacker)).query)
    mine = parse_qs(urlsplit(at_provider(browser)).query)
    mixed = {name: values[0] for name, values in mine.items()} | {"code": stolen["code"][0]}
    refused_because(browser, browser.get(f"/sign-in/oidc/back?{urlencode(mixed)}"), "could not be trusted")


def test_a_new_key_of_the_issuer_is_fetched_once_it_is_used(provider, browser):
    sign_in(browser)
    browser.cookies.clear()
    provider.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    assert sign_in(browser).status_code == 303
    assert provider.asked.count("keys") == 2
    assert provider.asked.count("discovery") == 1


def test_an_issuer_that_does_not_answer_is_told_in_one_line_within_the_deadline(provider, browser, monkeypatch):
    monkeypatch.setattr(oidc, "DEADLINE", 0.2)
    provider.silent = threading.Event()
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 502
    assert "does not answer" in answer.text
    provider.silent.set()


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_an_issuer_that_publishes_what_cannot_be_is_not_used(provider, browser, published):
    provider.published = published
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 502
    assert "location" not in answer.headers


def test_signing_out_leads_to_the_issuers_own_page(provider, browser):
    sign_in(browser)
    csrf = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', browser.get("/").text)[1]
    gone = browser.post("/sign-out", headers={"X-CSRF-Token": csrf})
    where = urlsplit(gone.headers["hx-redirect"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{provider.issuer}/leave"
    assert parse_qs(where.query)["post_logout_redirect_uri"] == ["https://desk.example/sign-in"]
    assert not is_in(browser)


def test_signing_out_leads_there_after_a_restart_too_and_to_our_own_page_while_the_issuer_is_down(
    provider, desk_of, browser
):
    for published, there in (({}, f"{provider.issuer}/leave"), ({"issuer": "https://another.example"}, "/sign-in")):
        sign_in(browser)
        again = desk_of()
        again.cookies.update(browser.cookies)
        provider.published = published
        csrf = re.search(r'"X-CSRF-Token": "([0-9a-f]+)"', again.get("/").text)[1]
        gone = again.post("/sign-out", headers={"X-CSRF-Token": csrf})
        assert gone.headers["hx-redirect"].partition("?")[0] == there
        assert not is_in(browser)


def test_without_it_there_is_no_button_and_no_route(stranger):
    assert "/sign-in/oidc" not in stranger.get("/sign-in").text
    assert stranger.get("/sign-in/oidc").status_code == 404


@pytest.mark.parametrize(
    "issuer", ["http://idp.example", "ftp://idp.example", "https://", "https://idp.example?x=1", "idp.example"]
)
def test_an_issuer_without_tls_is_refused_by_the_configuration(issuer):
    with pytest.raises(ValueError, match="issuer"):
        OidcSettings(issuer=issuer, client_id="x", client_secret=Secret(env="X"))


def test_a_role_that_there_is_not_is_refused_by_the_configuration():
    with pytest.raises(ValueError, match="captain"):
        OidcSettings(issuer="https://idp.example", client_id="x", client_secret=Secret(env="X"), roles={"a": "captain"})


def test_a_secret_that_cannot_be_read_is_told_before_anybody_signs_in(room):
    settings = OidcSettings(issuer="https://idp.example", client_id="x", client_secret=Secret(env="NOT_THERE_AT_ALL"))
    with pytest.raises(ConfigError, match="NOT_THERE_AT_ALL"):
        oidc.Issuer(settings, lambda: room.now)


def test_a_desk_without_the_extra_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "authlib.integrations.httpx_client", None)
    settings = OidcSettings(issuer="https://idp.example", client_id="x", client_secret=Secret(env="X"))
    with pytest.raises(ConfigError, match=r"pip install 'triage\[oidc\]'"):
        oidc.Issuer(settings)


def test_the_log_names_what_was_wrong_and_none_of_what_came(provider, browser, lines):
    provider.claims = {"nonce": "somebody-elses-nonce"}
    answer = sign_in(browser)
    said = str(lines())
    assert "'nonce'" in said
    assert "somebody-elses-nonce" not in said + answer.text
    assert ADA["email"] not in said
