"""Reports of browsers about what our policy forbade: heard from anybody, believed in nothing but their kind."""

import json

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from triage.store import lists
from triage.web import Front, create_app
from triage.web.violations import LONGEST, MOST, violations

HERE = "https://desk.example/"


def a_report(**other) -> bytes:
    told = {
        "effective-directive": "script-src-elem", "blocked-uri": "inline",
        "document-uri": f"{HERE}cases/T7-K3QM9XWD?text=my+seed+phrase",
    }  # fmt: skip
    return json.dumps({"csp-report": told | other}).encode()


def counted(room):
    with room.store.read() as tx:
        figures = lists.totals(tx)
    return {key.partition(".")[2]: n for key, n in figures.items() if key.startswith("csp_violations.")}


def sent(stranger, body, **headers):
    return stranger.client.post(
        "/csp-report", content=body, headers={"Content-Type": "application/csp-report"} | headers
    )


def test_what_a_browser_was_kept_from_is_logged_and_counted_without_addresses_and_words(room, stranger):
    with capture_logs() as logs:
        for _ in range(2):
            assert sent(stranger, a_report()).status_code == 204
    [first, _] = [line for line in logs if line["event"] == "web.csp-violation"]
    assert {key: first[key] for key in ("rule", "kind", "page")} == {
        "rule": "script-src-elem", "kind": "inline", "page": "cases",
    }  # fmt: skip
    assert "T7-" not in str(logs)
    assert "seed" not in str(logs)
    assert counted(room) == {"script-src-elem": 2}


def test_the_newer_form_of_reports_is_understood_too():
    body = {"effectiveDirective": "img-src", "blockedURL": "https://evil.example/x?token=1", "documentURL": HERE}
    item = {"type": "csp-violation", "body": body}
    [found] = violations(json.dumps([item, {"type": "deprecation", "body": {}}]).encode(), HERE)
    assert (found.rule, found.kind, found.page) == ("img-src", "foreign", "")
    assert len(violations(json.dumps([item] * 500).encode(), HERE)) == MOST


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"null", b"7", b'"x"', b"[]", b"[null, 7, []]", b"{}", b'{"csp-report": 7}', b"[" * 10_000,
        b'[{"type": "csp-violation"}]', b'[{"type": ["csp-violation"], "body": []}]',
    ],
)  # fmt: skip
def test_what_is_no_report_is_thrown_away(room, stranger, body):
    assert sent(stranger, body).status_code == 204
    assert counted(room) == {}


@pytest.mark.parametrize(
    "wrong", [7, None, ["x"], {"a": 1}, "x" * 9000, "\x1b[31m", "http://[", f"{HERE}<script>", "cases"]
)
def test_nothing_of_a_report_is_believed_but_its_kind(wrong):
    told = {"effective-directive": wrong, "violated-directive": wrong, "blocked-uri": wrong, "document-uri": wrong}
    [found] = violations(a_report(**told), HERE)
    assert (found.rule, found.page) == ("other", "other")
    assert found.kind in {"other", "foreign", "same-origin"}


def test_a_report_that_is_too_long_and_one_of_another_site_are_refused(room, stranger):
    assert sent(stranger, a_report(padding="x" * LONGEST)).status_code == 413
    assert sent(stranger, a_report(), Origin="https://evil.example").status_code == 403
    assert counted(room) == {}


def test_a_flood_of_reports_writes_no_more_than_twenty_a_minute_for_one_host(room, stranger):
    with capture_logs() as logs:
        answers = [sent(stranger, a_report()).status_code for _ in range(40)]
    assert answers == [204] * 20 + [429] * 20
    assert len([line for line in logs if line["event"] == "web.csp-violation"]) == 20
    assert counted(room) == {"script-src-elem": 20}


@pytest.mark.parametrize("prefix", ["", "/triage"])
def test_every_page_says_where_to_report(room, prefix):
    app = create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now, prefix=prefix))
    headers = TestClient(app, base_url="https://desk.example").get("/sign-in").headers
    policy, endpoint = headers["content-security-policy"], headers["reporting-endpoints"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith(f"; report-uri {prefix}/csp-report; report-to csp")
    assert endpoint == f'csp="{prefix}/csp-report"'


@pytest.mark.parametrize("host", ["localhost", "localhost:8420", "127.0.0.1:8420", "[::1]:8420"])
def test_on_this_machine_without_tls_only_the_old_way_works(app, host):
    headers = TestClient(app).get("/sign-in", headers={"Host": host}).headers
    assert headers["content-security-policy"].endswith("; report-uri /csp-report")
    assert "reporting-endpoints" not in headers


def test_what_the_reporting_api_gathered_is_counted_one_by_one(room, stranger):
    told = {"effectiveDirective": "img-src", "blockedURL": "https://evil.example/x", "documentURL": HERE}
    item = {"type": "csp-violation", "age": 10, "url": HERE, "user_agent": "x", "body": told}
    other = item | {"body": told | {"effectiveDirective": "script-src-elem", "blockedURL": "inline"}}
    body = json.dumps([item, other, item]).encode()
    answer = sent(stranger, body, **{"Content-Type": "application/reports+json", "Origin": HERE.rstrip("/")})
    assert answer.status_code == 204
    assert counted(room) == {"img-src": 2, "script-src-elem": 1}
