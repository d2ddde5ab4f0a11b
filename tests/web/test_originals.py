"""Sealed originals leave the desk as closed as they are, with those who may, and it is written down."""

import json
from dataclasses import replace

import pytest

from triage.case import Role
from triage.sealing import Guarding, new_keys, unseal
from triage.store import audit
from triage.web import Front, create_app

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
SECRET, PUBLIC = new_keys()


@pytest.fixture
def room(room):
    room.desk = replace(room.desk, guarding=Guarding(PUBLIC))
    return room


@pytest.fixture
def app(room):
    return create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now))


@pytest.fixture
def case(room):
    from triage import pipeline
    from triage.connectors import Batch

    mail = room.mail(f"Please help, my words are {PHRASE}")
    pipeline.receive(room.store, mail.channel, Batch(items=(mail,)), room.now, how=Guarding(PUBLIC))
    room.work()
    return room.cases()[0]


def taken(room, case):
    with room.store.read() as tx:
        return [(one.who, one.details) for one in audit.of_case(tx, case.id) if one.action == "case.sealed-taken"]


def test_a_lead_takes_them_along_and_the_offline_key_opens_them(room, case, signed_in):
    lead = signed_in(Role.LEAD, name="lea")
    page = lead.get(f"/cases/{case.number}").text
    assert f"/cases/{case.number}/sealed.jsonl" in page
    assert "sausage" not in page
    answer = lead.get(f"/cases/{case.number}/sealed.jsonl")
    assert answer.headers["content-disposition"] == f'attachment; filename="{case.number}-sealed.jsonl"'
    assert "sausage" not in answer.text
    [line] = answer.text.splitlines()
    assert PHRASE in unseal(json.loads(line)["sealed"], SECRET).decode()
    assert taken(room, case) == [("lea", {"messages": [json.loads(line)["id"]]})]


def test_a_program_of_a_lead_gets_the_same(room, case, signed_in):
    lead = signed_in(Role.LEAD, name="lea")
    [box] = lead.get(f"/api/v1/cases/{case.number}/sealed").json()
    assert PHRASE in unseal(box["sealed"], SECRET).decode()
    assert len(taken(room, case)) == 1


def test_an_agent_neither_sees_nor_gets_them(room, case, signed_in):
    agent = signed_in(Role.AGENT)
    assert "sealed.jsonl" not in agent.get(f"/cases/{case.number}").text
    for path in (f"/cases/{case.number}/sealed.jsonl", f"/api/v1/cases/{case.number}/sealed"):
        assert agent.get(path).status_code == 403
    assert taken(room, case) == []


def test_a_case_without_any_offers_none(room, signed_in):
    room.hear(room.mail("My withdrawal is stuck."))
    [case] = room.cases()
    lead = signed_in(Role.LEAD, name="lea")
    assert "sealed.jsonl" not in lead.get(f"/cases/{case.number}").text
    assert lead.get(f"/cases/{case.number}/sealed.jsonl").status_code == 409
    assert lead.get("/cases/T1-XXXXXXXX/sealed.jsonl").status_code == 404
    assert taken(room, case) == []
