"""The API for programs."""

import pytest
from fastapi.testclient import TestClient

from triage import incidents
from triage.case import Role

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."


@pytest.fixture
def case(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending"))
    room.queued()
    return room.cases()[0]


def answer(program, case, key="the-first-key", **given):
    headers = {"Idempotency-Key": key} | given.pop("headers", {})
    return program.post(f"cases/{case.number}/replies", json={"text": "It was sent again."} | given, headers=headers)


def test_the_list_comes_by_pages_in_its_order(room, program):
    for n in range(5):
        room.hear(room.mail(f"{STUCK} Order 4711{n}.", sender=f"c{n}@example.org"))
    seen, after = [], ""
    while after is not None:
        page = program.get("cases", params={"limit": 2, "after": after}).json()
        seen += [item["number"] for item in page["items"]]
        after = page["next"]
    assert seen == [case.number for case in room.cases()]


def test_a_case_is_given_whole(program, case):
    found = program.get(f"cases/{case.number}").json()
    assert found["messages"][0]["new_text"].endswith(STUCK)
    assert found["order_key"] == sum(part["seconds"] for part in found["why"])
    assert [reply["kind"] for reply in found["replies"]] == ["acknowledgement"]


def test_the_same_key_twice_is_one_reply(room, program, case):
    first, second = answer(program, case), answer(program, case)
    assert (first.status_code, first.json()["id"]) == (201, second.json()["id"])
    assert len(room.queued()) == 1


def test_a_reply_needs_its_key(program, case):
    assert program.post(f"cases/{case.number}/replies", json={"text": "hello"}).status_code == 422


def test_an_action_on_what_changed_meanwhile_is_refused(program, case):
    read = program.get(f"cases/{case.number}").headers["etag"]
    assert program.post(f"cases/{case.number}/take", headers={"If-Match": read}).status_code == 200
    assert program.post(f"cases/{case.number}/resolve", headers={"If-Match": read}).status_code == 412
    assert answer(program, case, headers={"If-Match": read}).status_code == 412


def test_one_of_several_tags_is_enough_however_they_are_parted(program, case):
    read = program.get(f"cases/{case.number}").headers["etag"]
    for tags in (f'"x",{read}', f'"x" , {read}', "*"):
        assert program.post(f"cases/{case.number}/wake", headers={"If-Match": tags}).status_code == 200
    assert program.post(f"cases/{case.number}/wake", headers={"If-Match": '"x","y"'}).status_code == 412


def test_another_text_under_the_same_key_is_refused(room, program, case):
    assert answer(program, case).status_code == 201
    assert answer(program, case, text="Another text.").status_code == 409
    assert len(room.queued()) == 1


def test_a_reply_that_is_asked_for_again_is_given_though_the_case_changed_by_it(program, case):
    read = {"If-Match": program.get(f"cases/{case.number}").headers["etag"]}
    first = answer(program, case, headers=read)
    assert (first.status_code, answer(program, case, headers=read).json()) == (201, first.json())


def test_an_answer_is_withdrawn_before_it_goes(room, program, case):
    said = answer(program, case, after_seconds=60).json()
    assert program.delete(f"cases/{case.number}/replies/{said['id']}").json()["status"] == "open"
    room.later(minutes=2)
    assert room.queued() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cases/018-AAAAAAAA", 404),
        ("cases?limit=0", 422),
        ("cases?urgency=huge", 422),
        ("cases?after=1", 422),
        ("cases?status=shut", 422),
        ("nothing", 404),
    ],
)
def test_what_is_wrong_is_a_problem_document(program, path, status):
    said = program.get(path)
    assert (said.status_code, said.headers["content-type"]) == (status, "application/problem+json")
    assert said.json()["title"]


def test_nobody_gets_anything_without_a_token(app):
    stranger = TestClient(app, base_url="https://desk.example/api/v1/")
    for path in ("cases", "totals", "channels"):
        assert stranger.get(path).status_code == 401


def test_the_api_describes_itself(app):
    described = TestClient(app, base_url="https://desk.example").get("/api/v1/openapi.json").json()
    assert {"/cases", "/cases/{number}", "/next", "/totals"} <= described["paths"].keys()


def test_notes_totals_and_channels(room, program, case):
    assert program.post(f"cases/{case.number}/notes", json={"text": "node down"}).status_code == 201
    assert program.get("totals").json()["open"] == 1
    assert program.get("channels").json() == []
    assert program.post("next").json()["assignee"] == "bot"
    assert program.post("next").json() is None


def test_a_lead_confirms_an_incident_and_tells_its_customers(room, program, calls):
    lead = calls(Role.LEAD, name="lead")
    room.hear(*[room.mail(f"{STUCK} Number {n * 7919}.", sender=f"c{n}@mail{n}.example") for n in range(12)])
    room.queued()
    [found] = room.store.run(lambda tx: incidents.watch(tx, room.desk, room.now))
    assert program.post(f"incidents/{found.id}/confirm").status_code == 403
    assert lead.post(f"incidents/{found.id}/update", json={"texts": {}}).status_code == 409
    assert lead.post(f"incidents/{found.id}/confirm").json()["status"] == "confirmed"
    told = lead.post(f"incidents/{found.id}/update", json={"texts": {"en": "BTC is slow."}}).json()
    assert (told["news"], told["to_tell"]) == (1, 12)
    assert [one["id"] for one in program.get("incidents").json()] == [found.id]
    assert lead.post("incidents/99/confirm").status_code == 404


def test_contacts_of_impostors_are_listed_and_searched(room, program):
    room.hear(room.mail("Someone pretending to be your support wrote to me on Telegram, @acme_helpdesk2"))
    [one] = program.get("impostors?text=helpdesk").json()
    assert (one["kind"], one["value"], one["reports"]) == ("handle", "acme_helpdesk2", 1)
    assert program.get("impostors?kind=link").json() == []
    assert program.get("impostors?kind=x").status_code == 422


def test_a_case_says_what_its_customer_was_told(room, case, program):
    told = program.get(f"cases/{case.number}").json()["promise"]
    assert (told["state"], told["ahead"]) == ("running", 0)
    assert told["by"] == case.promise.by.isoformat().replace("+00:00", "Z")
