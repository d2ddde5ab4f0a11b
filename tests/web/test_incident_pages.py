"""Incidents on their page: a lead confirms one and answers all of its cases; nobody else does."""

from urllib.parse import urlencode

import pytest

from triage import incidents
from triage.case import Role

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


@pytest.fixture
def proposed(room):
    room.hear(*[room.mail(f"{STUCK} Number {n * 7919}. <b>", sender=f"c{n}@mail{n}.example") for n in range(12)])
    room.queued()
    [found] = room.store.run(lambda tx: incidents.watch(tx, room.desk, room.now))
    return found


def test_a_lead_confirms_an_incident_and_tells_its_customers_once(room, signed_in, proposed):
    lead = signed_in(Role.LEAD)
    there = f"/incidents/{proposed.id}"
    early = lead.post(f"{there}/update", language="en", text="BTC is slow.")
    assert (early.status_code, "confirm it first" in early.text) == (409, True)
    assert "confirmed" in lead.post(f"{there}/confirm").text
    told = lead.post(f"{there}/update", language="en", text="BTC is slow.")
    assert "BTC is slow." in told.text
    case = room.cases()[0]
    assert case.number in told.text
    assert "<b>" not in told.text.partition("</h2>")[2]
    with room.store.read() as tx:
        [kept] = incidents.incidents.newest(tx, 5)
    assert (kept.news, kept.to_tell, dict(kept.texts)) == (1, 12, {"en": "BTC is slow."})
    assert "resolved" in lead.post(f"{there}/resolve", language="en", text="").text


def test_news_under_a_misspelt_name_reach_nobody(calls, room, proposed):
    program = calls(Role.LEAD)
    room.store.run(lambda tx: incidents.confirm(tx, proposed.id, "bot", room.now))
    there = f"incidents/{proposed.id}/update"
    assert program.post(there, json={"text": {"en": "Withdrawals are delayed."}}).status_code == 422
    assert program.post(there, json={"texts": {"en": "Withdrawals are delayed."}}).json()["news"] == 1


def test_the_list_shows_the_cases_of_one_incident_and_its_page_leads_there(room, signed_in, proposed):
    room.hear(room.mail("How do I change the language of the app?", sender="eve@mail.example"))
    agent, numbers = signed_in(Role.AGENT), {case.number for case in room.cases()}
    [other] = [case.number for case in room.cases() if case.id not in _of(room, proposed)]
    there = f"/?incident={proposed.id}"
    assert f'href="{there}"' in agent.get(f"/incidents?incident={proposed.id}").text
    shown = agent.get(there).text
    assert {number for number in numbers if number in shown} == numbers - {other}
    assert f'name="incident" value="{proposed.id}"' in shown
    assert agent.get(f"/cases.csv?incident={proposed.id}").text.count("\n") == 13
    done = room.cases()[0]
    agent.post(f"/cases/{done.number}/resolve")
    assert done.number not in agent.get(there).text
    assert done.number in agent.get(f"{there}&status=any").text


@pytest.mark.parametrize("nonsense", ["", "0", "x", "-1", "9" * 40, "²", "1 OR 1=1"])
def test_what_is_no_number_of_an_incident_filters_nothing(room, signed_in, proposed, nonsense):
    page = signed_in(Role.READ_ONLY).get(f"/?{urlencode({'incident': nonsense})}")
    assert (page.status_code, page.text.count('<tr id="case-')) == (200, 12)


def test_programs_ask_for_the_cases_of_an_incident(room, calls, proposed):
    program = calls(Role.READ_ONLY)
    found = program.get(f"cases?incident={proposed.id}&limit=5").json()
    rest = program.get(f"cases?incident={proposed.id}&after={found['next']}").json()
    assert {one["id"] for one in found["items"] + rest["items"]} == _of(room, proposed)
    assert program.get(f"cases?incident={proposed.id + 1}").json()["items"] == []
    assert program.get(f"cases?incident={2**63}").status_code == 422


def _of(room, incident):
    with room.store.read() as tx:
        return {case.id for case in incidents.incidents.cases_of(tx, incident.id)}


def test_an_agent_sees_incidents_and_decides_nothing(signed_in, proposed):
    agent = signed_in(Role.AGENT)
    page = agent.get(f"/incidents?incident={proposed.id}")
    assert "proposed" in page.text
    assert "hx-post" not in page.text.partition("<h1>")[2]
    assert agent.post(f"/incidents/{proposed.id}/confirm").status_code == 403
    assert agent.get("/incidents?incident=99").status_code == 404
