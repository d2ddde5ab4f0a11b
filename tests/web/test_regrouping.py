"""Messages in the wrong case are put right on its page and by program, and every step is taken back."""

import pytest

from triage.case import Incident, IncidentStatus
from triage.store import audit, incidents

STUCK = "My withdrawal of 0.5 BTC has been pending for two days."
LOGIN = "I cannot sign in: the codes by text message do not arrive on my phone."


@pytest.fixture
def two(room):
    room.hear(room.mail(STUCK, sender="ada@example.org"))
    room.later(minutes=10)
    room.hear(room.mail(LOGIN, sender="bob@example.org"))
    return sorted(room.cases(), key=lambda case: case.id)


def test_what_may_be_a_new_matter_is_split_off_by_one_key_and_put_back_by_another(room, signed_in):
    mail = room.mail(STUCK, sender="ada@example.org", subject="Withdrawal pending")
    room.hear(mail)
    room.later(minutes=10)
    room.hear(room.mail(LOGIN, sender="ada@example.org", subject="Codes do not arrive", refers_to=mail.known_as))
    [case] = room.cases()
    agent = signed_in()
    page = agent.get(f"/cases/{case.number}").text
    assert "Maybe a new matter" in page
    assert page.count('data-key="s"') == 1
    there = agent.post(f"/cases/{case.number}/split", message=room.entries(case)[1].id).headers["hx-redirect"]
    new = agent.get(there).text
    assert f'href="/cases/{case.number}"' in new
    assert 'data-key="U"' in new
    assert len(room.cases()) == 2
    assert agent.post(f"{there}/undo").headers["hx-redirect"] == f"/cases/{case.number}"
    assert len(room.entries(case)) == 2


def test_a_merge_leads_to_the_other_case_and_is_taken_back_from_either(room, two, signed_in):
    first, second = two
    agent = signed_in()
    for undone_at in two:
        done = agent.post(f"/cases/{first.number}/merge", other=second.number)
        assert done.headers["hx-redirect"] == f"/cases/{second.number}"
        assert f'href="/cases/{second.number}"' in agent.get(f"/cases/{first.number}").text
        assert 'data-key="U"' in agent.get(f"/cases/{undone_at.number}").text
        agent.post(f"/cases/{undone_at.number}/undo")
        assert len(room.cases()) == 2
    with room.store.read() as tx:
        assert "mia" in {e.who for e in audit.of_case(tx, first.id) if e.action == "case.merged"}


def test_what_cannot_be_done_is_said_on_the_page_and_changes_nothing(room, two, signed_in):
    first, second = two
    agent = signed_in()
    alone = room.entries(first)[0].id
    for path, form in (
        ("merge", {"other": "nonsense"}),
        ("undo", {}),
        ("move", {"message": alone, "other": second.number}),
    ):
        refused = agent.post(f"/cases/{first.number}/{path}", **form)
        assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)
    assert len(room.cases()) == 2


def test_a_program_regroups_and_an_old_view_is_refused(room, two, program):
    first, second = two
    read = {"If-Match": program.get(f"cases/{first.number}").headers["etag"]}
    linked = program.post(f"cases/{first.number}/link", json={"number": second.number}, headers=read)
    assert (linked.status_code, linked.json()["number"]) == (200, first.number)
    assert program.post(f"cases/{first.number}/merge", json={"number": second.number}, headers=read).status_code == 412
    assert program.post(f"cases/{first.number}/merge", json={"number": second.number}).json()["number"] == second.number
    moved = program.post(f"messages/{room.entries(second)[0].id}/move", json={"number": second.number})
    assert (moved.status_code, "already" in moved.json()["title"]) == (409, True)
    assert program.post(f"cases/{second.number}/undo").json()["number"] == first.number
    assert len(room.cases()) == 2


def test_a_program_takes_back_a_merge_from_either_case_whether_it_says_what_it_read_or_not(room, two, program):
    first, second = two
    for undone_at in two:
        for read_before in (True, False):
            program.post(f"cases/{first.number}/merge", json={"number": second.number})
            merged = program.get(f"cases/{first.number}")
            assert merged.json()["merged_into"] == second.id
            headers = {"If-Match": program.get(f"cases/{undone_at.number}").headers["etag"]} if read_before else {}
            answer = program.post(f"cases/{undone_at.number}/undo", headers=headers)
            assert answer.status_code == 200, (answer.text, undone_at == first, read_before)
            assert answer.json()["number"] == first.number
            assert program.get(f"cases/{first.number}").json()["merged_into"] in {0, None}
    refused = program.post(f"cases/{first.number}/undo", headers={"If-Match": merged.headers["etag"]})
    assert refused.status_code == 412


def test_the_page_says_which_incident_a_case_belongs_to(room, two, signed_in):
    first, second = two
    found = Incident(
        id=0,
        sign="t",
        title="Withdrawals stand still",
        status=IncidentStatus.PROPOSED,
        count=1,
        expected=0,
        first_hour=1,
        since=room.now,
        status_at=room.now,
    )
    room.store.run(lambda tx: incidents.propose(tx, found, {first.id}))
    agent = signed_in()
    assert "Withdrawals stand still" in agent.get(f"/cases/{first.number}").text
    assert "Withdrawals stand still" not in agent.get(f"/cases/{second.number}").text
