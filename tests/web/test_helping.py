"""What stands beside a case to help its agent: facts, links, solved ones like it, a verdict corrected in one key."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from triage import agents
from triage.case import Urgency
from triage.store import cases
from triage.web import Front, create_app

MODELS = Path(__file__).parents[2] / "models"
HASH = "9f" * 32
STUCK = "My withdrawal of 0.5 BTC has been pending for two days and support does not answer."
HEX = re.compile(r'href="https://[^"]+"[^>]*')


@pytest.fixture
def app(room):
    return create_app(Front(store=room.store, desk=room.desk, models=MODELS, clock=lambda: room.now))


@pytest.fixture
def case(room):
    room.hear(room.mail(STUCK, subject="Withdrawal pending"))
    room.queued()
    return room.cases()[0]


def solve(room, case, text):
    """Answer a case and close it."""
    wanted = agents.Answer(text=text, key=f"key-{case.id}", resolve=True)
    room.store.run(lambda tx: agents.answer(tx, room.desk, case.id, "mia", wanted, room.now))
    room.queued()


def now_of(room, case):
    with room.store.read() as tx:
        return cases.present(tx, case.id)


def test_one_key_corrects_the_verdict_and_it_stays_so(room, case, signed_in):
    agent = signed_in()
    page = agent.get(f"/cases/{case.number}").text
    assert {"1", "2", "3", "4", "C", "H", "N", "L"} <= set(re.findall(r'data-key="(.)"', page))
    agent.post(f"/cases/{case.number}/correct", category="account")
    agent.post(f"/cases/{case.number}/correct", urgency="critical")
    after = now_of(room, case)
    assert "transaction → account" in agent.get(f"/cases/{case.number}").text
    assert (after.verdict.category, after.verdict.urgency) == ("account", Urgency.CRITICAL)
    assert after.pinned == ("category", "urgency")
    assert after.place.order_key < case.place.order_key
    room.hear(room.mail("It is still pending.", refers_to=("<1@example.org>",)))
    assert now_of(room, case).verdict.category == "account"


def test_a_word_that_the_model_does_not_know_corrects_nothing_and_is_told(room, case, signed_in):
    refused = signed_in().post(f"/cases/{case.number}/correct", category="nonsense")
    assert refused.status_code == 409
    assert "there is no category" in refused.text
    assert now_of(room, case) == case


def test_a_program_corrects_and_an_old_view_is_refused(room, case, program):
    read = {"If-Match": program.get(f"cases/{case.number}").headers["etag"]}
    done = program.post(f"cases/{case.number}/corrections", json={"urgency": "high"}, headers=read)
    assert (done.status_code, done.json()["urgency"]) == (200, "high")
    assert program.post(f"cases/{case.number}/corrections", json={"urgency": "low"}, headers=read).status_code == 412
    assert program.post(f"cases/{case.number}/corrections", json={"category": "no"}).status_code == 409


def test_what_is_named_can_be_looked_up_without_telling_who_asks(room, signed_in, program):
    room.hear(room.mail(f"My USDT on TRC20 has not arrived, transaction hash: {HASH}"))
    [case] = room.cases()
    page = signed_in().get(f"/cases/{case.number}").text
    [link] = HEX.findall(page)
    assert f"tronscan.org/#/transaction/{HASH}" in link
    assert 'rel="noopener noreferrer nofollow"' in link
    found = program.get(f"cases/{case.number}/facts").json()
    assert [one["chain"] for one in found["links"]] == ["TRON"]
    assert "transaction" not in found["missing"]


def test_what_she_told_in_any_message_is_not_missing(room, case, program):
    path = f"cases/{case.number}/facts"
    assert "network" in program.get(path).json()["missing"]
    room.hear(room.mail("It was sent by TRC20.", refers_to=("<1@example.org>",)))
    assert "network" not in program.get(path).json()["missing"]


def test_solved_cases_like_it_come_with_their_answers_nearest_first(room, case, signed_in, program):
    solve(room, case, "We have released your withdrawal.")
    room.later(days=1)
    other = "My withdrawal is pending because of a memo that I forgot for XRP."
    room.hear(room.mail(other, sender="bob@example.org"))
    room.queued()
    solve(room, room.cases()[0], "We have added the memo.")
    room.now += timedelta(days=1)
    room.hear(room.mail("XRP withdrawal pending, I forgot the memo", sender="eve@example.org"))
    [new] = room.cases()
    assert new.verdict.topic == case.verdict.topic
    found = program.get(f"cases/{new.number}/similar").json()
    assert found[0]["answer"] == "We have added the memo."
    assert [one["nearness"] for one in found] == sorted((one["nearness"] for one in found), reverse=True)
    page = signed_in().get(f"/cases/{new.number}").text
    assert 'data-fills="We have added the memo."' in page


def test_an_unsent_answer_and_an_unanswered_case_teach_nothing(room, case, program):
    room.store.run(lambda tx: cases.resolve(tx, case.id, "mia", room.now))
    room.hear(room.mail(STUCK, sender="bob@example.org"))
    [new] = room.cases()
    assert program.get(f"cases/{new.number}/similar").json() == []
