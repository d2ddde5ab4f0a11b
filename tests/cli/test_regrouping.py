"""Merge, split, move, link, undo and people, as an agent types them, on both databases."""

import json

import pytest
from builders import NOW
from stores import *  # noqa: F403

from triage.case import Incident, IncidentStatus
from triage.store import incidents

STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
LOGIN = "I cannot log in to the web page since the update, the password is refused every time."
TX = "transaction id 3f9a17c23f9a17c23f9a17c23f9a17c23f9a17c23f9a17c23f9a17c23f9a17c2"


@pytest.fixture
def at_home(store, home):
    """A desk in a folder whose store is one of the two databases."""
    config = home / "triage.toml"
    url = store.url.render_as_string(hide_password=False)
    config.write_text(config.read_text().replace("sqlite:///triage.db", url))
    return home


@pytest.fixture
def take_in(at_home, triage):
    """Take messages in, each from a customer of its own unless said; return the numbers of the cases, oldest first."""

    def take(*texts, **other):
        path = at_home / "messages.jsonl"
        lines = [json.dumps({"text": text, "from": f"c{n}@example.org"} | other) for n, text in enumerate(texts)]
        path.write_text("\n".join(lines) + "\n")
        assert triage("ingest", path).code == 0
        return [case["number"] for case in sorted(triage("cases", "--json").objects, key=lambda case: case["id"])]

    return take


def an_incident(store):
    """Return an incident that was proposed and holds no case yet."""
    wanted = Incident(
        id=0, sign="topic:pending", title="Withdrawals stand still", status=IncidentStatus.PROPOSED, count=1,
        expected=0, first_hour=1, since=NOW, status_at=NOW,
    )  # fmt: skip
    return store.run(lambda tx: incidents.propose(tx, wanted, []))


def shown(triage, number):
    [case] = triage("show", number, "--json").objects
    return case


def test_a_merge_leaves_one_case_and_undo_brings_the_other_back(triage, take_in):
    first, second = take_in(STUCK, LOGIN)
    done = triage("merge", second, first, "--as", "mia")
    assert (done.code, f"triage undo {first}" in done.out) == (0, True)
    assert [case["number"] for case in triage("cases", "--json").objects] == [first]
    assert len(shown(triage, first)["messages"]) == 2
    assert triage("undo", first).code == 0
    assert len(triage("cases", "--json").objects) == 2


def test_the_cases_of_an_incident_are_listed_alone_and_in_their_order(triage, take_in, store):
    first, second, third = take_in(STUCK, LOGIN, STUCK.replace("0.5", "0.7"))
    found = an_incident(store)
    for number in (third, first):
        assert triage("incident", "put", found.id, number).code == 0
    assert [case["number"] for case in triage("cases", "--incident", found.id, "--json").objects] == [first, third]
    triage("resolve", third)
    assert [case["number"] for case in triage("cases", "--incident", found.id, "--json").objects] == [first]
    whole = triage("cases", "--incident", found.id, "--status", "any", "--json").objects
    assert {case["number"] for case in whole} == {first, third}
    assert second not in triage("cases", "--incident", found.id).out


def test_a_message_is_split_off_by_its_id_and_put_back(triage, take_in):
    first, second = take_in(STUCK, LOGIN)
    triage("merge", second, first)
    message = shown(triage, first)["messages"][1]["id"]
    [apart] = triage("split", first, message, "--json").objects
    assert apart["linked_to"] == shown(triage, first)["id"]
    assert triage("undo", first).code == 0
    assert shown(triage, apart["number"])["status"] == "merged"


def test_a_message_is_moved_by_its_id_and_moved_back(triage, take_in):
    first, second = take_in(STUCK, LOGIN)
    triage("merge", second, first)
    third = take_in(
        "The fee that you took for my transfer is higher than on your page.", **{"from": "eve@example.org"}
    )[-1]
    message = shown(triage, first)["messages"][1]["id"]
    assert triage("move", message, third).code == 0
    assert len(shown(triage, third)["messages"]) == 2
    assert triage("undo", third).code == 0
    assert len(shown(triage, first)["messages"]) == 2


def test_a_link_leaves_two_cases(triage, take_in):
    first, second = take_in(STUCK, LOGIN)
    assert triage("link", second, first).code == 0
    assert shown(triage, second)["linked_to"] == shown(triage, first)["id"]
    assert triage("undo", second).code == 0
    assert shown(triage, second)["linked_to"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("merge", "{0}", "{0}"), "is one case already"),
        (("split", "{0}", "1"), "it is all that"),
        (("split", "{0}", "99"), "has no message 99"),
        (("move", "99", "{0}"), "there is no message 99"),
        (("undo", "{0}"), "nothing was merged, split, moved or linked"),
        (("merge", "{0}", "T7K-4Q2M9XRC"), "its check code is wrong"),
        (("person", "link", "email:nobody@example.org", "{0}"), "nobody ever wrote"),
        (("person", "unlink", "email:c0@example.org"), "is the only address"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(triage, take_in, words, said):
    numbers = take_in(STUCK)
    done = triage(*(word.format(*numbers) for word in words))
    assert done.code == 1
    assert said in done.err
    assert done.err.count("\n") == 1


def test_an_address_is_linked_with_its_cases_and_taken_apart_again(triage, take_in):
    first, second = take_in(STUCK, LOGIN)
    assert triage("person", "link", "email:c1@example.org", first, "--as", "mia").code == 0
    addresses = [one["address"] for one in triage("person", "show", second, "--json").objects]
    assert addresses == ["email:c0@example.org", "email:c1@example.org"]
    assert triage("person", "unlink", "email:c1@example.org").code == 0
    assert [one["address"] for one in triage("person", "show", second, "--json").objects] == addresses[1:]
    assert [one["address"] for one in triage("person", "show", first, "--json").objects] == addresses[:1]


def test_what_is_written_from_a_linked_address_may_continue_her_case(triage, take_in):
    first, _ = take_in(STUCK, LOGIN)
    triage("person", "link", "email:c1@example.org", first)
    take_in(STUCK, **{"from": "c1@example.org"})
    assert len(shown(triage, first)["messages"]) == 2


def test_a_shared_transaction_and_a_named_address_are_suggested_and_nothing_is_joined(triage, take_in):
    numbers = take_in(f"{STUCK} {TX}", f"Where are my coins? {TX}", "I am c0@example.org and I forgot my password.")
    found = triage("person", "suggestions", numbers[0], "--json").objects
    assert [(one["number"], one["strength"]) for one in found] == [(numbers[1], 0.8), (numbers[2], 0.5)]
    assert "names the same transaction" in triage("person", "suggestions", numbers[0]).out
    assert len(triage("cases", "--json").objects) == 3
