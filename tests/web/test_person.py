"""Who the customer of a case is, on its page and by program: her addresses, her other cases, who else may be she."""

import pytest
from builders import an_address

from triage.case import Role
from triage.store import audit

TX = "3f9a17c2" * 8
STUCK = f"My withdrawal has been pending for two days, transaction {TX}"
AGAIN = f"Where are my coins? The transaction is {TX} and nobody answers me."
LOGIN = "I cannot sign in: the codes by text message do not arrive on my phone."
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def three(room):
    """Ada's case, one of Bob's about the same transaction, and Bob's other one."""
    room.hear(room.mail(STUCK, sender="ada@example.org"))
    room.later(minutes=10)
    room.hear(room.mail(AGAIN, sender="bob@example.org", subject=HOSTILE))
    room.later(hours=30)
    room.hear(room.mail(LOGIN, sender="bob@example.org", subject="Sign-in"))
    return sorted(room.cases(), key=lambda case: case.id)


def test_a_case_asks_for_its_person_who_is_told_with_what_may_be_hers(three, signed_in):
    ada, bob, _ = three
    agent = signed_in()
    assert f'hx-get="/cases/{ada.number}/person"' in agent.get(f"/cases/{ada.number}").text
    part = agent.get(f"/cases/{ada.number}/person").text
    assert "email:ada@example.org" in part
    assert bob.number in part
    assert "names the same transaction" in part
    assert part.count('data-key="Y"') == 1
    assert "Somebody else" not in part


def test_she_is_linked_with_her_other_cases_and_taken_apart_again(room, three, signed_in):
    ada, bob, login = three
    agent = signed_in()
    part = agent.post(f"/cases/{ada.number}/person/link", address="email:bob@example.org").text
    assert {f'href="/cases/{one.number}"' in part for one in (bob, login)} == {True}
    assert "May be the same person" not in part
    assert HOSTILE not in part
    with room.store.read() as tx:
        assert [e.who for e in audit.of_case(tx, ada.id) if e.action == "address.linked"] == ["mia"]
    part = agent.post(f"/cases/{ada.number}/person/unlink", address="email:bob@example.org").text
    assert "Other cases of this person" not in part
    assert "May be the same person" in part


def test_an_address_may_be_typed_as_people_write_it(three, signed_in):
    ada, *_ = three
    part = signed_in().post(f"/cases/{ada.number}/person/link", address=" Bob@Example.org ").text
    assert "email:bob@example.org" in part


@pytest.mark.parametrize(
    ("what", "address", "said"),
    [
        ("link", "nobody@example.net", "nobody ever wrote from"),
        ("link", "ada@example.org", "already"),
        ("unlink", "email:ada@example.org", "is the only address"),
        ("unlink", "email:bob@example.org", "is not this person"),
        ("link", HOSTILE, "nobody ever wrote from"),
    ],
)
def test_what_cannot_be_is_said_there_and_by_program_and_changes_nothing(
    three, signed_in, program, what, address, said
):
    ada, *_ = three
    agent = signed_in()
    refused = agent.post(f"/cases/{ada.number}/person/{what}", address=address)
    assert (refused.status_code, said in refused.text, HOSTILE in refused.text) == (409, True, False)
    key = address if ":" in address or "@" not in address else f"email:{address}"
    answer = program.post(f"cases/{ada.number}/person/{what}", json={"address": key})
    assert (answer.status_code, said in answer.json()["title"]) == (409, True)
    assert len(program.get(f"cases/{ada.number}/person").json()["addresses"]) == 1


def test_who_only_reads_sees_her_and_links_nobody(three, signed_in):
    ada, *_ = three
    reader = signed_in(Role.READ_ONLY, name="rae")
    part = reader.get(f"/cases/{ada.number}/person").text
    assert "email:ada@example.org" in part
    assert "<button" not in part
    assert reader.post(f"/cases/{ada.number}/person/link", address="email:bob@example.org").status_code == 403


def test_a_program_does_what_the_page_does(three, program):
    ada, bob, login = three
    [other, *_] = program.get(f"cases/{ada.number}/person/suggestions").json()
    assert (other["number"], other["strength"]) == (bob.number, 0.8)
    [address] = [one["address"] for one in other["addresses"]]
    linked = program.post(f"cases/{ada.number}/person/link", json={"address": address}).json()
    assert [one["address"] for one in linked["addresses"]] == ["email:ada@example.org", "email:bob@example.org"]
    assert [one["number"] for one in linked["cases"]] == [login.number, bob.number]
    parted = program.post(f"cases/{ada.number}/person/unlink", json={"address": address}).json()
    assert (len(parted["addresses"]), parted["cases"]) == (1, [])


def test_who_goes_by_the_same_handle_elsewhere_is_suggested_whatever_its_capitals(room, signed_in):
    room.hear(room.chat(STUCK, sender=an_address("42", "telegram", handle="AdaLovelace")))
    room.hear(room.post(LOGIN, sender=an_address("7", "x", handle="adalovelace")))
    room.hear(room.post("The new chart is hard to read.", user="8", sender=an_address("8", "x", handle="eve")))
    chat, post, _ = sorted(room.cases(), key=lambda case: case.id)
    agent = signed_in()
    for one, other in ((chat, post), (post, chat)):
        part = agent.get(f"/cases/{one.number}/person").text
        assert "goes by the same handle on another platform" in part
        assert part.count("<form") == 2  # the suggestion, and the one for another address
        assert other.number in part
    assert len(room.cases()) == 3
