"""Figures for Prometheus, and what is shipped to look at them."""

import json
import re
from pathlib import Path

from builders import an_address
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from triage import agents, promises
from triage.case import Role
from triage.store import health, tokens, users, webhooks

LOGIN = "I cannot log in to the web page since the update, the password is refused every time."
CONFIG = Path(__file__).parents[2] / "config"


def figures(room, app):
    with room.store.begin() as tx:
        users.add(tx, "prometheus", Role.READ_ONLY, "root", room.now)
        tokens.add(tx, "prometheus", "scrape", Role.READ_ONLY, "tri_p", "root", room.now)
        health.progress(tx, "support-mail", room.now)
        health.report(tx, "bot", "down", "no route", room.now)
    client = TestClient(app, base_url="https://desk.example", headers={"Authorization": "Bearer tri_p"})
    found = text_string_to_metric_families(client.get("/metrics").text)
    return {(s.name, *s.labels.values()): s.value for family in found for s in family.samples}


def test_the_figures_are_those_of_the_store(room, app):
    room.hear(room.mail("My withdrawal is stuck for two days."))
    room.later(days=30)
    found = figures(room, app)
    assert found["triage_received_total",] == found["triage_cases_total",] == found["triage_overdue",] == 1
    assert found["triage_messages_total", "new"] == 1
    assert sum(value for key, value in found.items() if key[0] == "triage_open") == 1
    assert found["triage_lost",] == 0
    assert (found["triage_channel_up", "support-mail"], found["triage_channel_up", "bot"]) == (1, 0)
    assert found["triage_oldest_waiting_seconds",] == 30 * 86400


def test_waiting_times_are_counted_once_they_end(room, app):
    room.hear(room.mail("My withdrawal is stuck for two days."), room.mail(LOGIN, sender=an_address("bob@example.org")))
    room.queued()
    kept, broken = room.cases()
    room.store.run(lambda tx: agents.resolve(tx, room.desk, kept.id, "mia", room.now))
    room.later(days=30)
    assert room.store.run(lambda tx: promises.announce(tx, room.desk, room.now)) == 1
    room.store.run(lambda tx: agents.resolve(tx, room.desk, broken.id, "mia", room.now))
    found = figures(room, app)
    assert (found["triage_promises_total", "kept"], found["triage_promises_total", "broken"]) == (1, 1)


def test_each_webhook_has_its_figures(room, app):
    room.store.run(lambda tx: webhooks.begin(tx, "crm"))
    room.store.run(lambda tx: webhooks.again(tx, "crm", webhooks.Telling(msg_id="msg_1", body="{}"), room.now))
    room.store.run(lambda tx: webhooks.done(tx, "crm", ["msg_2", "msg_3"], []))
    found = figures(room, app)
    told = {name: found[f"triage_webhook_{name}", "crm"] for name in ("taken_total", "failed_total", "waiting")}
    assert told == {"taken_total": 2, "failed_total": 1, "waiting": 1}


def test_a_stranger_gets_no_figures(stranger):
    assert stranger.client.get("/metrics", headers={"Accept": "text/plain"}).status_code == 401


def test_the_dashboard_and_the_alerts_ask_only_for_figures_that_there_are(room, app):
    known = {key[0] for key in figures(room, app)} | {"triage_outbox", "triage_messages_total"}
    dashboard = json.loads((CONFIG / "grafana-dashboard.json").read_text("utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += re.findall(r"^ +expr: (.+)$", (CONFIG / "prometheus-alerts.yml").read_text("utf-8"), re.MULTILINE)
    assert len(asked) > 15
    assert {name for expr in asked for name in re.findall(r"triage_[a-z_]+", expr)} <= known
