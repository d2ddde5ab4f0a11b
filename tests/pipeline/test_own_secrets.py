"""A desk says what its own secrets look like: they are replaced like those that everybody knows, on every way in."""

from dataclasses import replace

import pytest
from builders import a_message
from rooms import Room
from sqlalchemy import text

from triage import agents
from triage.case import Urgency
from triage.explaining import explain
from triage.message import Attachment, Unreadable
from triage.rules.own_patterns import OwnPattern, what_is_wrong
from triage.rules.secrets import redact
from triage.sealing import Guarding, guarded, guarded_bytes

CODE = "7c1f0-99ab2-0e4d3-c0ffe"
OWN = (OwnPattern("backup code", r"\b[0-9a-f]{5}(-[0-9a-f]{5}){3}\b"),)
HOW = Guarding(own=OWN)


@pytest.fixture
def room(room: Room) -> Room:
    room.desk = replace(room.desk, guarding=HOW)
    return room


def everything_in(store) -> str:
    with store.read() as tx:
        tables = [row[0] for row in tx.execute(text(TABLES[store.engine.dialect.name]))]
        return "\n".join(str(row) for table in tables for row in tx.execute(text(f'SELECT * FROM "{table}"')))


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def test_it_is_replaced_wherever_a_person_can_write_it():
    message = a_message(
        f"my code {CODE} does not work",
        subject=CODE,
        html=f"<p>my code <b>{CODE}</b></p>",
        headers=(("X-Note", CODE),),
        attachments=(Attachment(name=f"{CODE}.txt", content_type="text/plain", text=CODE),),
    )
    safe, kinds = guarded(message, HOW)
    assert CODE not in repr(safe)
    assert safe.text.startswith("my code [backup code removed] does not work")
    assert kinds == ("backup code",)


def test_a_desk_without_such_a_pattern_leaves_it_alone():
    assert CODE in guarded(a_message(f"my code {CODE}"))[0].text


def test_what_could_not_be_read_holds_none_either():
    about = {name: getattr(a_message(), name) for name in ("channel", "kind", "external_id", "received_at")}
    item = Unreadable(original=f"\x80 {CODE}".encode("latin-1"), why="broken", **about)
    assert guarded_bytes(item, HOW).original == b"\x80 [backup code removed]"


def test_nothing_that_is_stored_holds_it(room):
    room.hear(room.mail(f"my code {CODE} does not work", subject=f"code {CODE}"))
    [case] = room.cases()
    room.store.run(lambda tx: agents.note(tx, room.desk, case.id, "mia", f"she sent {CODE}", room.now))
    stored = everything_in(room.store)
    assert "backup code removed" in stored
    assert CODE not in stored
    assert case.verdict.urgency < Urgency.CRITICAL


def test_what_is_called_a_private_key_is_handled_like_one(room):
    room.desk = replace(room.desk, guarding=Guarding(own=(OwnPattern("private key", OWN[0].source),)))
    room.hear(room.mail(f"this is it: {CODE}"))
    [case] = room.cases()
    v = case.verdict
    assert (v.category, v.topic, v.urgency) == ("security", "leaked-secret", Urgency.CRITICAL)


def test_it_is_explained_as_it_is_done(room):
    told = explain(room.mail(f"my code {CODE}"), room.desk, room.judge)
    assert told["redacted"] == ["backup code"]
    assert CODE not in str(told)


def test_a_pattern_finds_its_place_behind_letters_of_any_width_and_broken_ones():
    for before in ("我的码 ", "\ud800 ", "\U0001f600 é ", "\u200bzero "):
        assert redact(f"{before}{CODE}!", OWN).text == f"{before}[backup code removed]!"


def test_a_pattern_that_takes_others_hours_takes_no_time():
    slow = OwnPattern("slow thing", r"^(\w+\s?)*$")
    assert redact("a" * 50_000 + "!", (slow,)).text.endswith("!")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a(?=b)", "(?="),
        (r"(a)\1", "escape"),
        ("(", ")"),
        ("x*", "nothing stands"),
        ("a" * 501, "501 characters of 500"),
    ],
)
def test_what_cannot_be_looked_for_is_said_to_be_so(source, said):
    assert said in what_is_wrong("backup code", source)
    assert what_is_wrong("backup code", OWN[0].source) == ""
