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


HTML = "<p>My withdrawal is stuck.</p><script>alert(1)</script>"


def whole_of(room, agent, **mail):
    room.hear(room.mail(sender="ada@example.org", headers=(("X-Mailer", "Ada's"), ("Subject", "stuck")), **mail))
    [case] = room.cases()
    at = f"/cases/{case.number}/messages/{room.entries(case)[0].id}.txt"
    assert at in agent.get(f"/cases/{case.number}").text
    return agent.get(at)


def test_a_message_is_had_whole_as_text_that_no_browser_renders(room, signed_in):
    answer = whole_of(room, signed_in(Role.READ_ONLY, name="rae"), text="", html=HTML)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text == f"X-Mailer: Ada's\nSubject: stuck\n\n{HTML}"


def test_a_whole_message_holds_what_it_quotes_and_no_secret(room, signed_in):
    quoting = f"It is still stuck since Monday.\n\nOn Mon, Ada wrote:\n> my words are {PHRASE}\n"
    answer = whole_of(room, signed_in(), text=quoting)
    assert "On Mon, Ada wrote" in answer.text
    assert "sausage" not in answer.text


def test_a_message_of_another_case_is_not_had(room, case, signed_in):
    room.hear(room.mail("I cannot sign in, the codes do not arrive.", sender="bob@example.org"))
    bobs = next(one for one in room.cases() if one.id != case.id)
    agent = signed_in()
    for id_ in (room.entries(bobs)[0].id, 99_999, 2**70):
        assert agent.get(f"/cases/{case.number}/messages/{id_}.txt").status_code == 404
        assert agent.get(f"/api/v1/cases/{case.number}/messages/{id_}").status_code == 404


def test_a_program_has_a_message_whole(room, case, signed_in):
    found = signed_in().get(f"/api/v1/cases/{case.number}/messages/{room.entries(case)[0].id}").json()
    assert found["text"] == "Please help, my words are [seed phrase removed]"
    assert found["attachments"] == []
