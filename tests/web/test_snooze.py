"""A case that is put off: out of the list and of `next`, and back without anybody doing anything."""

import asyncio
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from rooms import Room
from sqlalchemy import select

from triage import agents, labelling, promises, reverting, snoozing
from triage.case import Kept, Promise, Role, Status, Urgency
from triage.store import audit, cases, lists, tokens
from triage.store.lists import Filters
from triage.store.tables import cases as cases_table
from triage.web import Front, live

HOUR = 3600


def numbers(page):
    return re.findall(r'name="number" value="([^"]+)"', page.text)


def now(room: Room, case):
    with room.store.read() as tx:
        return cases.get(tx, case.id)


def put_off(room, case, **span):
    until = room.now + timedelta(**span)
    return room.store.run(lambda tx: snoozing.snooze(tx, case.id, until, "mia", room.now))


@pytest.fixture
def two(room):
    for n in range(2):
        room.hear(room.mail(f"My withdrawal number {n} is stuck for two days.", sender=f"c{n}@example.org"))
        room.later(minutes=1)
    room.queued()
    return room.cases()


def test_it_leaves_the_list_and_comes_back_at_its_time_by_itself(room, two, signed_in):
    mia, (first, second) = signed_in(), two
    page = mia.post(f"/cases/{first.number}/snooze", seconds=HOUR)
    assert "Put off" in page.text
    assert numbers(mia.get("/")) == [second.number]
    assert numbers(mia.get("/?snoozed=true")) == [first.number]
    assert numbers(mia.get("/?text=withdrawal")) == [first.number, second.number]  # who looks for it finds it
    room.later(seconds=HOUR)
    assert numbers(mia.get("/")) == [first.number, second.number]
    assert numbers(mia.get("/?snoozed=true")) == []


def test_next_passes_it_over(room, two, signed_in):
    first, second = two
    put_off(room, first, hours=1)
    assert signed_in().post("/next").headers["hx-redirect"].endswith(second.number)
    assert signed_in(name="leo").post("/next").headers["hx-redirect"] == "/"
    room.later(hours=1)
    assert signed_in(name="zoe").post("/next").headers["hx-redirect"].endswith(first.number)


def test_the_page_that_is_open_is_told_when_it_comes_back(room, two, monkeypatch):
    monkeypatch.setattr(live, "EVERY", 0.001)
    put_off(room, two[0], hours=1)

    async def listens() -> list[bool]:
        changes = live.Pulse(Front(store=room.store, desk=room.desk, clock=lambda: room.now)).changes()
        first = await anext(changes)
        room.later(hours=1)
        second = await anext(changes)
        await changes.aclose()
        return [first, second]

    assert asyncio.run(listens()) == [True, True]


@pytest.mark.parametrize(
    "text", ["Is there any news? I also changed my phone.", "My withdrawal number 0 is stuck for two days."]
)
def test_whatever_its_customer_writes_brings_it_back(room, two, text):
    first = next(case for case in two if "number 0" in case.summary)
    put_off(room, first, hours=5)
    room.hear(room.mail(text, sender="c0@example.org", refers_to=("<1@example.org>",)))
    assert now(room, first).snoozed_until is None


def test_it_is_never_put_off_past_its_target(room, two):
    due = two[0].place.due_at
    assert due > room.now
    assert put_off(room, two[0], days=300).snoozed_until == due


def test_what_is_overdue_already_can_be_put_off(room, two):
    room.now = two[0].place.due_at + timedelta(hours=1)
    assert put_off(room, two[0], hours=5).snoozed_until == room.now + timedelta(hours=5)


def test_it_is_never_put_off_past_a_time_its_customer_was_told(room, two):
    told = Promise(made_at=room.now, by=room.now + timedelta(hours=2), ahead=1)
    room.store.run(lambda tx: cases.change(tx, two[0].id, {"promise": told}, "triage", "case.promised", room.now))
    assert put_off(room, two[0], hours=9).snoozed_until == told.by


def test_a_promise_that_breaks_brings_it_back(room, two):
    told = Promise(made_at=room.now, by=room.now - timedelta(hours=2), ahead=1)
    values = {"promise": told, "snoozed_until": room.now + timedelta(hours=9)}
    room.store.run(lambda tx: cases.change(tx, two[0].id, values, "triage", "case.promised", room.now))
    room.store.run(lambda tx: promises.announce(tx, room.desk, room.now))
    after = now(room, two[0])
    assert (after.promise.state, after.snoozed_until) == (Kept.BROKEN, None)


def test_an_urgency_that_is_raised_brings_it_back_and_one_that_falls_does_not(room, two, judge):
    def call(urgency):
        label = labelling.Label(urgency=urgency)
        return room.store.run(lambda tx: labelling.give(tx, room.desk, judge, two[0].id, "mia", label, room.now))

    until = put_off(room, two[0], minutes=10).snoozed_until
    assert call(Urgency.LOW).snoozed_until == until
    assert call(Urgency.CRITICAL).snoozed_until is None


def test_an_answer_ends_it_and_taking_the_answer_back_restores_it(room, two):
    until = put_off(room, two[0], hours=3).snoozed_until
    wanted = agents.Answer(text="We look into it.", key="k", after=timedelta(minutes=5))
    case, said = room.store.run(lambda tx: agents.answer(tx, room.desk, two[0].id, "mia", wanted, room.now))
    assert (case.status, case.snoozed_until) == (Status.ANSWERED, None)
    back = room.store.run(lambda tx: reverting.withdraw(tx, case.id, said.id, "mia", room.now))
    assert (back.status, back.snoozed_until) == (Status.OPEN, until)


def test_by_hand_it_comes_back_at_once_and_all_of_it_is_in_the_history(room, two, signed_in):
    mia, case = signed_in(), two[0]
    mia.post(f"/cases/{case.number}/snooze", seconds=HOUR)
    mia.post(f"/cases/{case.number}/wake")
    page = mia.post(f"/cases/{case.number}/snooze", seconds=2 * HOUR)
    assert "put off 2 times" in page.text
    mia.post(f"/cases/{case.number}/wake")
    assert len(numbers(mia.get("/"))) == 2
    with room.store.read() as tx:
        done = [(e.who, e.action) for e in audit.of_case(tx, case.id)]
    assert done == [("mia", "case.snoozed"), ("mia", "case.woken")] * 2


def test_what_waits_for_nothing_and_a_time_that_is_over_are_refused_in_one_line(room, two, signed_in):
    mia, case = signed_in(), two[0]
    for span in ({"hours": -1}, {"days": 366}):
        with pytest.raises(snoozing.NotSnoozed, match="time that is to come"):
            put_off(room, case, **span)
    mia.post(f"/cases/{case.number}/resolve")
    refused = mia.post(f"/cases/{case.number}/snooze", seconds=HOUR)
    assert refused.status_code == 409
    assert "only an open case can be put off" in refused.text
    assert mia.post(f"/cases/{case.number}/snooze", seconds=-5).status_code == 422


def test_a_reader_puts_nothing_off(two, signed_in):
    reader = signed_in(Role.READ_ONLY)
    assert reader.post(f"/cases/{two[0].number}/snooze", seconds=HOUR).status_code == 403


def test_many_are_put_off_at_once_and_back_again(room, two, signed_in):
    mia, marked = signed_in(), [case.number for case in two]
    mia.post(f"/cases/{two[1].number}/resolve")
    done = mia.post("/marked/snooze", number=marked, seconds=HOUR)
    assert ("1 cases changed" in done.text, "1 stayed as they were" in done.text) == (True, True)
    assert numbers(mia.get("/")) == []
    back = re.search(r'"done": (\d+)', done.text)[1]
    assert "Taken back: 1" in mia.post("/marked/undo", done=back).text
    assert numbers(mia.get("/")) == [two[0].number]


def test_an_undo_of_before_the_upgrade_still_works(room, two):
    was = reverting.state(two[0])
    taken = room.store.run(lambda tx: cases.take(tx, two[0].id, "mia", room.now))
    old = [{k: v for k, v in state.items() if k != "snoozed_until"} for state in (was, reverting.state(taken))]
    assert room.store.run(lambda tx: reverting.put_back(tx, taken.id, old[0], old[1], "mia", room.now))
    assert now(room, taken).assignee == ""


def test_a_program_does_the_same(room, two, app, signed_in):
    signed_in()
    room.store.run(lambda tx: tokens.add(tx, "mia", "bot", Role.AGENT, "tri_x", "root", room.now))
    program = TestClient(app, base_url="https://desk.example", headers={"Authorization": "Bearer tri_x"})
    path, until = f"/api/v1/cases/{two[0].number}", room.now + timedelta(minutes=30)
    shown = program.post(f"{path}/snooze", json={"until": until.isoformat()}).json()
    assert shown["snoozed_until"] == until.isoformat().replace("+00:00", "Z")
    assert [one["number"] for one in program.get("/api/v1/cases").json()["items"]] == [two[1].number]
    assert [one["number"] for one in program.get("/api/v1/cases?snoozed=true").json()["items"]] == [two[0].number]
    assert program.post(f"{path}/snooze", json={"until": "2026-11-02T10:00:00"}).status_code == 422  # no time zone
    assert program.post(f"{path}/wake").json()["snoozed_until"] is None


@pytest.mark.parametrize(("asked", "index"), [("awake_at", "ix_cases_open"), ("snoozed_at", "ix_cases_snoozed")])
def test_the_list_is_read_along_an_index_with_and_without_what_is_put_off(room, two, asked, index):
    for n in range(300):
        room.take(room.mail(f"Withdrawal {n} of 0.{n} BTC is stuck since Monday.", sender=f"d{n}@example.org"))
    room.work()
    put_off(room, two[0], hours=1)
    with room.store.begin() as tx:
        tx.exec_driver_sql("ANALYZE cases")
    explain = "EXPLAIN QUERY PLAN" if room.store.dialect == "sqlite" else "EXPLAIN"
    with room.store.read() as tx:
        if room.store.dialect != "sqlite":
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so few rows would be read from end to end
        query = lists.filtered(tx, select(cases_table), Filters(**{asked: room.now}))
        query = query.order_by(cases_table.c.order_key, cases_table.c.id).limit(50)
        words = str(query.compile(tx.engine, compile_kwargs={"literal_binds": True}))
        plan = "\n".join(str(row) for row in tx.exec_driver_sql(f"{explain} {words}"))
    assert index in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "Sort" not in plan, plan
