"""The other pages: review, reports, quarantine, models, channels, audit, settings, users."""

import csv
import re
from io import StringIO
from pathlib import Path

import pytest
from asking import of_no_case
from fastapi.testclient import TestClient

from triage.case import Role
from triage.message import Unreadable
from triage.spreadsheets import csv_of
from triage.store import cases, quarantine, tokens
from triage.web import Front, create_app
from triage.web.pages import case as one_case

MODELS = Path(__file__).parents[2] / "models"
STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


@pytest.fixture
def app(room):
    return create_app(Front(store=room.store, desk=room.desk, models=MODELS, clock=lambda: room.now))


@pytest.fixture
def case(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending"))
    room.queued()
    return room.cases()[0]


def test_one_key_is_a_label_and_the_next_case_comes(room, case, signed_in):
    agent = signed_in()
    page = agent.get("/review").text
    assert STUCK in page
    assert {"y", "1", "c", "s"} <= set(re.findall(r'data-key="(.)"', page))
    assert agent.post(f"/review/{case.number}", category="account").headers["hx-redirect"] == "/review"
    with room.store.read() as tx:
        after = cases.get(tx, case.id)
    assert (after.verdict.category, after.pinned) == ("account", ("category",))
    assert STUCK not in agent.get("/review").text


def test_a_category_that_the_model_does_not_know_is_refused(case, signed_in):
    assert signed_in().post(f"/review/{case.number}", category="nonsense").status_code == 409


def test_the_report_tells_how_long_customers_waited(room, case, signed_in):
    agent = signed_in()
    form = dict(re.findall(r'name="(key|seen)" value="([^"]*)"', agent.get(f"/cases/{case.number}").text))
    room.later(hours=2)
    agent.post(f"/cases/{case.number}/reply", text="It was sent again.", resolve="true", **form)
    page = agent.get("/reports?by=agent").text
    assert "100 %" in page
    assert "2h" in page
    rows = list(csv.DictReader(StringIO(agent.get("/reports.csv?by=agent").text)))
    assert [(row["name"], row["cases"], row["answered"], row["once"]) for row in rows] == [
        ("", "1", "7200.0", "1.0"),
        ("mia", "1", "7200.0", "1.0"),
    ]


def test_a_report_of_more_cases_than_are_counted_says_so(room, case, signed_in, monkeypatch):
    told = "Only the newest"
    assert told not in signed_in(name="before").get("/reports").text
    monkeypatch.setattr("triage.store.served.MOST", 1)
    assert told in signed_in(name="after").get("/reports").text


@pytest.mark.parametrize("query", ["by=password", "days=0", "days=100000", "days=x"])
def test_a_report_that_there_is_not_is_refused(signed_in, query):
    assert signed_in().get(f"/reports?{query}").status_code == 422


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_cell_of_a_report_is_a_formula(cell):
    [row] = csv.DictReader(StringIO(csv_of(["name"], [[cell]])))
    assert row["name"].startswith("'")


def test_a_lead_puts_back_or_throws_away_what_was_put_aside(room, signed_in):
    bad = [Unreadable(channel="support-mail", kind="email", external_id=str(n), received_at=room.now, original=b"x",
                      why="<b>broken</b>") for n in range(2)]  # fmt: skip
    room.take(*bad)
    lead = signed_in(Role.LEAD)
    page = lead.get("/quarantine").text
    assert "&lt;b&gt;broken" in page
    with room.store.read() as tx:
        first, second = quarantine.listing(tx)
    assert lead.post(f"/quarantine/{first.id}/drop").status_code == 200
    assert lead.post(f"/quarantine/{second.id}/release").status_code == 409
    with room.store.read() as tx:
        assert quarantine.backlog(tx) == 1


def test_models_are_shown_and_compared(signed_in):
    reader = signed_in(Role.READ_ONLY)
    page = reader.get("/models").text
    versions = re.findall(r"<option>([^<]+)</option>", page)
    assert "judges now" in page
    assert "same_messages" in reader.get(f"/models?one={versions[0]}&other={versions[-1]}").text
    assert reader.get("/models?one=../../etc&other=x").status_code == 200
    assert signed_in(Role.LEAD, name="lea").post("/models/use", version="../../etc").status_code == 409


def test_channels_audit_and_settings_are_shown_without_a_secret(room, case, signed_in):
    lead = signed_in(Role.LEAD)
    lead.post(f"/cases/{case.number}/take")
    assert "received" in lead.get("/channels").text
    assert "case.taken" in lead.get("/audit?action=case.").text
    assert "case.taken" not in lead.get("/audit?who=nobody").text
    settings = lead.get("/settings").text
    assert "Acme Wallet" in settings
    assert "a key for tests" not in settings


def test_an_administrator_adds_a_user_who_signs_in_by_the_link(room, app, signed_in):
    admin = signed_in(Role.ADMIN)
    page = admin.post("/users/add", name="leo", role="agent").text
    link = re.search(r"https://desk.example(/invitation/[^<]+)<", page)[1]
    stranger = TestClient(app, base_url="https://desk.example")
    assert stranger.post(link, data={"password": "correct horse battery"}, follow_redirects=False).status_code == 303
    assert "may not sign in" not in admin.get("/users").text
    admin.post("/users/change", name="leo", disabled="true")
    assert "may not sign in" in admin.get("/users").text
    assert stranger.get("/", follow_redirects=False).status_code != 200
    with room.store.read() as tx:
        assert {e.action for e in of_no_case(tx)} >= {"user.added", "user.changed"}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/users/add", {"name": "mia"}),
        ("/users/add", {"name": " "}),
        ("/users/add", {"name": "leo", "role": "owner"}),
        ("/users/invite", {"name": "nobody"}),
        ("/users/change", {"name": "mia", "role": "agent"}),
        ("/users/token", {"name": "nobody"}),
        ("/language", {"language": "tlh"}),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(signed_in, path, form):
    answer = signed_in(Role.ADMIN).post(path, **form)
    assert answer.status_code == 409
    assert "\n" not in answer.json()["title"]


def test_a_token_is_shown_once_and_ends(room, signed_in):
    admin = signed_in(Role.ADMIN)
    token = re.search(r"tri_[\w-]+", admin.post("/users/token", name="mia", label="reports").text)[0]
    assert token not in admin.get("/users").text
    with room.store.begin() as tx:
        assert tokens.owner_of(tx, token, room.now).role is Role.READ_ONLY
        [kept] = tokens.all(tx)
    admin.post("/users/revoke", token=kept.id)
    with room.store.begin() as tx:
        assert tokens.owner_of(tx, token, room.now) is None


def test_a_reader_chooses_her_language(signed_in):
    reader = signed_in(Role.READ_ONLY)
    assert reader.post("/language", language="zh_Hans").status_code == 204
    assert '<html lang="zh-Hans">' in reader.get("/").text


def test_contacts_of_impostors_are_shown_searched_and_lead_to_their_cases(room, signed_in):
    room.hear(room.mail("Someone pretending to be your support wrote to me on Telegram, @acme_helpdesk2 <b>"))
    [case] = room.cases()
    reader = signed_in(Role.READ_ONLY)
    assert "acme_helpdesk2" in reader.get("/impostors").text
    assert "acme_helpdesk2" not in reader.get("/impostors?text=nobody").text
    assert case.number in reader.get("/impostors?contact=acme_helpdesk2").text


def test_a_long_case_shows_what_is_newest_and_the_rest_when_asked(room, signed_in, monkeypatch):
    monkeypatch.setattr(one_case, "MOST_SHOWN", 2)
    agent = signed_in()
    texts = (STUCK, "No answer yet, it is still pending.", "Still pending!")
    for n, text in enumerate(texts):
        room.later(hours=1)
        room.hear(room.chat(text))
        if not n:
            [found] = room.cases()
            agent.post(f"/cases/{found.number}/note", text="a note from the beginning")
    page = agent.get(f"/cases/{found.number}").text
    assert "1 earlier messages" in page
    told = [f"{text}</pre>" for text in (*texts, "a note from the beginning")]
    assert [text in page for text in told] == [False, True, True, False]
    whole = agent.get(f"/cases/{found.number}?all=1").text
    assert "earlier messages</a>" not in whole
    assert all(text in whole for text in told)
