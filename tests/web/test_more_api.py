"""Many cases at once, saved views, models, review and settings, for programs."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from triage.case import Role
from triage.classifier import artefact
from triage.store import audit
from triage.web import Front, create_app

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def models(tmp_path):
    """A folder of two models, the shipped one twice."""
    version = artefact.current_version(MODELS)
    for name in (version, "2000.1.1"):
        shutil.copytree(MODELS / version, tmp_path / "models" / name)
    artefact.make_current(tmp_path / "models", version)
    return tmp_path / "models"


@pytest.fixture
def app(room, models):
    return create_app(Front(store=room.store, desk=room.desk, models=models, clock=lambda: room.now))


@pytest.fixture
def numbers(room):
    for sender in ("ada@example.org", "bob@example.org"):
        room.hear(room.mail("My withdrawal is stuck for two days.", sender=sender))
    return [case.number for case in room.cases()]


def test_many_cases_are_taken_at_once_and_given_back_once(calls, numbers):
    bot, other = calls(Role.LEAD), calls(Role.LEAD, name="eve")
    done = bot.post("marked", json={"numbers": numbers, "action": "take"}).json()
    assert (done["changed"], done["left"]) == (2, 0)
    assert {bot.get(f"cases/{n}").json()["assignee"] for n in numbers} == {"bot"}
    assert other.post(f"marked/{done['id']}/undo").status_code == 409
    assert bot.post(f"marked/{done['id']}/undo").json()["changed"] == 2
    assert bot.post(f"marked/{done['id']}/undo").status_code == 409
    assert {bot.get(f"cases/{n}").json()["assignee"] for n in numbers} == {""}


def test_nothing_is_done_to_many_cases_when_one_is_none_or_they_are_too_many(calls, numbers):
    bot = calls(Role.LEAD)
    for given, status in (
        ({"numbers": [*numbers, "TR-NONE"], "action": "take"}, 404),
        ({"numbers": numbers[:1] * 501, "action": "take"}, 422),
        ({"numbers": ["x" * 60] * 5000, "action": "take"}, 413),
        ({"numbers": [], "action": "take"}, 422),
        ({"numbers": numbers, "action": "explode"}, 422),
        ({"numbers": numbers, "action": "assign", "to": "nobody"}, 409),
        ({"numbers": numbers, "action": "take", "by": "eve"}, 422),
    ):
        answer = bot.post("marked", json=given)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert {bot.get(f"cases/{n}").json()["assignee"] for n in numbers} == {""}


def test_many_cases_are_snoozed_until_a_moment(room, calls, numbers):
    until = (room.now + timedelta(hours=1)).isoformat()
    bot = calls(Role.LEAD)
    assert bot.post("marked", json={"numbers": numbers, "action": "snooze", "until": until}).json()["changed"] == 2
    assert bot.get("cases").json()["items"] == []
    assert len(bot.get("cases", params={"snoozed": True}).json()["items"]) == 2


def test_what_is_late_is_filtered_as_on_the_page(room, calls, numbers):
    bot = calls(Role.LEAD)
    assert bot.get("cases", params={"overdue": True}).json()["items"] == []
    room.later(hours=24 * 30)
    late = bot.get("cases", params={"overdue": True}).json()["items"]
    assert {one["number"] for one in late} == set(numbers)
    assert bot.get("cases", params={"escalated": True}).json()["items"] == []


def test_a_view_is_its_users_own(calls):
    bot, other = calls(Role.LEAD), calls(Role.LEAD, name="eve")
    [view] = bot.post("views", json={"name": "Chat", "query": "channel=tg&evil=<b>&category=account"}).json()
    assert view["query"] == "channel=tg&category=account"
    assert other.get("views").json() == []
    assert other.delete(f"views/{view['id']}").status_code == 204
    assert [one["name"] for one in bot.get("views").json()] == ["Chat"]
    assert bot.delete(f"views/{view['id']}").status_code == 204
    assert bot.get("views").json() == []
    assert bot.post("views", json={"name": "a\0b", "query": ""}).status_code == 422


def test_a_model_is_used_and_rolled_back_and_the_audit_tells(room, calls, models):
    bot = calls(Role.LEAD)
    current = artefact.current_version(models)
    assert {one["version"]: one["current"] for one in bot.get("models").json()} == {current: True, "2000.1.1": False}
    used = bot.post("models/2000.1.1/use").json()
    assert used == {"was": current, "now": "2000.1.1"}
    assert artefact.current_version(models) == "2000.1.1"
    assert bot.post(f"models/{used['was']}/use").json()["now"] == current
    assert artefact.current_version(models) == current
    with room.store.read() as tx:
        assert [one.details["now"] for one in audit.newest(tx, 5, 0, "bot", "model.used")] == [current, "2000.1.1"]
    assert "same_messages" in bot.get("models/differences", params={"one": current, "other": "2000.1.1"}).json()


@pytest.mark.parametrize("version", ["..", "%2e%2e", "..%2F..%2Fetc", "none", "current"])
def test_no_model_is_used_that_is_none(calls, models, version):
    current = artefact.current_version(models)
    assert calls(Role.LEAD).post(f"models/{version}/use").status_code in {404, 405, 409}
    assert artefact.current_version(models) == current


def test_the_next_unsure_case_is_asked_for_and_labelled(calls, numbers):
    bot = calls(Role.LEAD)
    asked = bot.get("review").json()
    assert {one["case"]["number"] for one in asked} <= set(numbers)
    first = asked[0]["case"]["number"]
    assert "withdrawal" in asked[0]["text"]
    assert bot.post(f"cases/{first}/corrections", json={"category": "account"}).json()["category"] == "account"
    assert first not in {one["case"]["number"] for one in bot.get("review").json()}


def test_settings_say_what_the_page_says(room, calls):
    found = calls(Role.LEAD).get("settings").json()
    assert found["name"] == room.desk.name
    assert found["dry run"] in {"yes", "no"}


def test_where_a_contact_was_named_is_told(room, calls):
    bot = calls(Role.LEAD)
    room.hear(room.mail("Scam! @wallet_help_desk on Telegram pretends to be your support and asked for my phrase."))
    named = bot.get("impostors").json()
    for one in named:
        told = bot.get("impostors/sightings", params={"contact": one["value"]}).json()
        assert {s["value"] for s in told} == {one["value"]}
        assert told[0]["number"] in {case.number for case in room.cases()}
    assert named
