"""Incidents on their page: a lead confirms one and answers all of its cases; nobody else does."""

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


def test_an_agent_sees_incidents_and_decides_nothing(signed_in, proposed):
    agent = signed_in(Role.AGENT)
    page = agent.get(f"/incidents?incident={proposed.id}")
    assert "proposed" in page.text
    assert "hx-post" not in page.text.partition("<h1>")[2]
    assert agent.post(f"/incidents/{proposed.id}/confirm").status_code == 403
    assert agent.get("/incidents?incident=99").status_code == 404
