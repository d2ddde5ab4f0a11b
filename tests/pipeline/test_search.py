"""Full-text search, alike on both databases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from triage.rules.search_words import phrases
from triage.store import cases, searching
from triage.store.lists import Filters
from triage.store.tables import messages

SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def found(room, text, **other):
    with room.store.read() as tx:
        return [case.person_id for case in cases.top(tx, Filters(text=text, **other))]


@pytest.fixture
def three(room):
    room.hear(room.mail("My withdrawal of 0.5 BTC is stuck since yesterday.", sender="ada@example.org"))
    room.hear(room.mail("我的提币失败了，请帮忙看一下，谢谢。", sender="bob@example.org"))
    room.hear(room.mail("No puedo cambiar mi contraseña, el correo no llega.", sender="cora@example.net"))
    return {case.person_id: case for case in room.cases()}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("stuck", {1}),
        ("WITHDRAW", {1}),
        ('"stuck since"', {1}),
        ('"since stuck"', set()),
        ("0.5", {1}),
        ("提币", {2}),
        ("币失败", {2}),
        ("失", {2}),
        ("提失", set()),
        ("contrasena", {3}),
        ("example.org", {1, 2}),
        ("cora@example.net", {3}),
        ("stuck 提币", set()),
    ],
)
def test_a_case_is_found_by_what_was_written(room, three, text, people):
    assert set(found(room, text)) == people


def test_a_case_is_found_by_its_number_as_it_is_typed(room, three):
    assert found(room, f" {three[2].number.lower()} ") == [2]


def test_a_case_of_any_status_is_found(room, three):
    room.store.run(lambda tx: cases.resolve(tx, three[1].id, "mia", room.now))
    assert found(room, "stuck") == []
    assert found(room, "stuck", status=None) == [1]


def test_a_message_that_comes_later_is_found_too(room, three):
    room.hear(room.mail("The network was Arbitrum.", sender="ada@example.org", refers_to=("<1@example.org>",)))
    assert found(room, "arbitrum") == [1]


def test_a_secret_is_not_found(room):
    room.hear(room.mail(f"Here is my phrase: {SEED}", sender="ada@example.org"))
    room.hear(room.chat("my phrase, first part: " + " ".join(SEED.split()[:6])))
    room.hear(room.chat("second part: " + " ".join(SEED.split()[6:])))
    assert len(room.cases()) >= 2
    assert found(room, "sausage") == found(room, "useful") == found(room, "yellow") == []


def test_only_the_newest_matches_are_looked_at(room, three, monkeypatch):
    with room.store.read() as tx:
        assert len(searching.find(tx, "example")) == 3
        monkeypatch.setattr(searching, "NEWEST", 2)
        assert len(searching.find(tx, "example")) == 2


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(question=st.text(max_size=60))
def test_no_question_is_an_error(room, question):
    found(room, question)


@pytest.mark.parametrize("every", [1, 2, 5, 30])
@pytest.mark.parametrize("until", [20, 60])
def test_the_newest_are_found_however_frequent_a_word_is_and_wherever_it_stands(room, monkeypatch, every, until):
    """PostgreSQL walks through the newest, further, or asks its index; all ways lead to the same messages."""
    for name, value in (("NEWEST", 5), ("WALKED", 10), ("MOST_WALKED", 25)):
        monkeypatch.setattr(searching, name, value)
    for n in range(60):
        word = "chrysanthemum" if n % every == 0 and n < until else "tulip"
        room.take(room.mail(f"My {word} deposit {n} is lost since Monday.", sender=f"c{n}@example.org"))
    room.work()
    with room.store.read() as tx:
        found = searching.find(tx, "chrysanthemum")
        hits = [n for n in range(until) if n % every == 0][-5:]
        senders = {f"email:c{n}@example.org" for n in hits}
        of = select(messages.c.case_id).where(messages.c.sender.in_(senders))
        wanted = set(tx.execute(of).scalars())
    assert set(found) == wanted


WORDS = ("tulip", "tulips", "tulip0", "tuliper", "tulipé", "tulio", "tulj", "Tulip9z", "郁金", "郁金香", "郁")
"""Neighbours in any order of characters, with a digit, an accent and other scripts behind the same beginning."""


@pytest.mark.parametrize("few", [0, 1, 3, 32])
@pytest.mark.parametrize(
    "question", ["t", "tu", "tul", "tuli", "tulip", "tulip0", "tulips", "郁", "deposit tulip", '"tulip"']
)
def test_a_beginning_finds_every_word_that_begins_so_however_it_is_asked_for(room, monkeypatch, question, few):
    """SQLite is asked for the words, or for the beginning where they are many: both find what PostgreSQL finds."""
    monkeypatch.setattr(searching, "FEW_TERMS", few)
    for n, word in enumerate(WORDS):
        room.take(room.mail(f"My deposit {word} is lost since Monday.", sender=f"c{n}@example.org"))
    room.work()
    with room.store.read() as tx:
        ids = searching.find(tx, question)
        of = select(messages.c.text).where(messages.c.case_id.in_(ids))
        found = {said.split()[2] for said in tx.execute(of).scalars()}
    begun = question.split()[-1].strip('"')
    plain = {word: word.lower().replace("é", "e") for word in WORDS}
    whole = question.startswith('"')
    assert found == {word for word, said in plain.items() if said == begun or (not whole and said.startswith(begun))}


def test_a_word_that_everybody_writes_is_asked_for_whole_and_not_as_a_beginning(sqlite_store):
    """FTS5 collects every row of a beginning before it gives the newest; those of whole words it gives one by one."""
    rows = (
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 400) INSERT INTO message_words "
        "(rowid, words) SELECT n, 'withdrawal ' || CASE WHEN n % 9 THEN '提币' ELSE 'withdrawals w' || n END FROM s"
    )
    with sqlite_store.begin() as tx:
        tx.execute(text(rows))
        assert searching._fts5(tx, phrases("withdrawal 提")) == '("withdrawal" OR "withdrawals") AND ("提币")'
        assert searching._fts5(tx, phrases("w wit no")) == '("w"*) AND ("wit"*) AND ("no"*)'
