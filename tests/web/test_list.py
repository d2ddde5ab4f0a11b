"""The list: filters, views of one's own, many cases at once, who is looking."""

import re

import pytest
from rooms import Room

from triage import several
from triage.case import Role, Status
from triage.store import cases
from triage.web.pages.listing import asked_in

WORDS = ("pending", "stuck", "missing", "lost", "frozen", "gone")


@pytest.fixture
def six(room):
    for n, word in enumerate(WORDS):
        room.hear(room.mail(f"My withdrawal number {n} is {word} for two days.", sender=f"c{n}@example.org"))
    room.queued()
    return room.cases()


def now(room: Room, case):
    with room.store.read() as tx:
        return cases.get(tx, case.id)


def numbers(page):
    return re.findall(r'name="number" value="([^"]+)"', page.text)


def test_what_is_overdue_is_shown_alone(room, six, signed_in):
    assert numbers(signed_in().get("/?overdue=true")) == []
    room.later(days=3)
    room.hear(room.mail("My deposit has not arrived.", sender="new@example.org"))
    assert set(numbers(signed_in(name="leo").get("/?overdue=true"))) == {case.number for case in six}


def test_a_customer_whom_nobody_answers_is_shown_as_escalated(room, six, signed_in):
    agent = signed_in()
    assert numbers(agent.get("/?escalated=true")) == []
    for text in ("The address is right.", "The network was TRON.", "My app is version 7."):
        room.later(minutes=90)
        room.hear(room.mail(text, sender="c0@example.org", refers_to=("<1@example.org>",)))
    assert len(numbers(agent.get("/?escalated=true"))) == 1


def test_the_list_names_the_sender(six, signed_in):
    assert "c3@example.org" in signed_in().get("/").text


def test_a_live_update_brings_as_many_rows_as_were_shown(room, six, signed_in, monkeypatch):
    monkeypatch.setattr("triage.web.pages.listing.PAGE", 2)
    agent = signed_in()
    assert len(numbers(agent.get("/"))) == 2
    assert len(numbers(agent.get("/?count=4", **{"HX-Request": "true"}))) == 4


def test_filters_are_kept_under_a_name_for_one_user_only(signed_in):
    mia, leo = signed_in(), signed_in(name="leo")
    mia.post("/views", name="  urgent  mail ", query="?urgency=high&channel=support-mail&after=1.1&junk=1")
    page = mia.get("/").text
    assert 'href="/?channel=support-mail&amp;urgency=high"' in page
    assert "urgent mail" in page
    assert "urgent mail" not in leo.get("/").text
    view = re.search(r"/views/(\d+)/remove", page)[1]
    leo.post(f"/views/{view}/remove")
    assert "urgent mail" in mia.get("/").text
    mia.post(f"/views/{view}/remove")
    assert "urgent mail" not in mia.get("/").text


def test_who_has_as_many_views_as_there_may_be_still_changes_them(signed_in, monkeypatch):
    monkeypatch.setattr("triage.store.views.MOST", 1)
    agent = signed_in()
    assert agent.post("/views", name="urgent", query="?urgency=high").status_code == 200
    assert agent.post("/views", name="urgent", query="?urgency=critical").status_code == 200
    assert agent.post("/views", name="another", query="?urgency=low").status_code == 409


@pytest.mark.parametrize("name", ["", "x" * 41])
def test_a_view_without_a_proper_name_is_refused(signed_in, name):
    assert signed_in().post("/views", name=name).status_code in {409, 422}


def test_the_query_of_an_address_that_is_none_asks_for_nothing():
    assert asked_in("?status=shut&overdue=perhaps") == asked_in("")


@pytest.mark.parametrize(
    ("action", "other", "field", "value"),
    [
        ("take", {}, "assignee", "mia"),
        ("resolve", {}, "status", Status.RESOLVED),
        ("assign", {"to": "leo"}, "assignee", "leo"),
    ],
)
def test_one_action_for_all_that_is_marked_and_back_again(room, six, signed_in, action, other, field, value):
    mia, _ = signed_in(), signed_in(name="leo")
    marked = [case.number for case in six[:4]]
    done = mia.post(f"/marked/{action}", number=marked, **other)
    assert done.headers["hx-trigger"] == "changed"
    assert {getattr(now(room, case), field) for case in six[:4]} == {value}
    assert getattr(now(room, six[5]), field) != value
    back = re.search(r'"done": (\d+)', done.text)[1]
    assert "4" in mia.post("/marked/undo", done=back).text
    assert [now(room, case) for case in six] == six
    assert mia.post("/marked/undo", done=back).json()["title"] == "it was taken back already"


def test_what_changed_since_is_not_taken_back(room, six, signed_in):
    mia, leo = signed_in(), signed_in(name="leo")
    done = mia.post("/marked/take", number=[case.number for case in six[:2]])
    leo.post(f"/cases/{six[0].number}/take")
    back = re.search(r'"done": (\d+)', done.text)[1]
    assert leo.post("/marked/undo", done=back).status_code == 409
    mia.post("/marked/undo", done=back)
    assert [now(room, case).assignee for case in six[:2]] == ["leo", ""]


def test_what_was_merged_since_holds_nothing_else_up_when_it_is_taken_back(room, six, signed_in):
    mia = signed_in()
    done = mia.post("/marked/take", number=[case.number for case in six[:2]])
    mia.post(f"/cases/{six[0].number}/merge", other=six[5].number)
    back = re.search(r'"done": (\d+)', done.text)[1]
    assert mia.post("/marked/undo", done=back).status_code == 200
    assert (now(room, six[0]).status, now(room, six[1]).assignee) == (Status.MERGED, "")


def test_a_case_that_was_merged_is_given_to_nobody_and_the_page_says_so(room, six, signed_in):
    mia = signed_in()
    mia.post(f"/cases/{six[0].number}/merge", other=six[5].number)
    refused = mia.post(f"/cases/{six[0].number}/assign", to="mia")
    assert (refused.status_code, six[5].number in refused.json()["title"]) == (409, True)


def test_a_case_that_was_merged_or_is_none_is_left(room, six, signed_in):
    mia = signed_in()
    done = mia.post("/marked/take", number=[six[0].number, "018-AAAAAAAA"])
    assert "1" in done.text
    assert now(room, six[0]).assignee == "mia"


def test_ten_thousand_marked_rows_are_refused_in_one_line(room, six, signed_in):
    answer = signed_in().post("/marked/resolve", number=[six[0].number] * 10_000)
    assert (answer.status_code, answer.json()["title"]) == (
        409,
        f"10000 cases are marked; at most {several.MOST} can be changed at once",
    )
    assert now(room, six[0]).status is Status.OPEN


def test_as_many_as_may_be_are_changed(room, six, signed_in):
    assert signed_in().post("/marked/take", number=[six[0].number] * several.MOST).status_code == 200


@pytest.mark.parametrize(("action", "to"), [("delete", ""), ("assign", "nobody-of-this-name"), ("assign", "rea")])
def test_an_action_or_an_agent_that_there_is_not_is_refused(room, six, signed_in, action, to):
    signed_in(Role.READ_ONLY, name="rea")
    assert signed_in().post(f"/marked/{action}", number=[six[0].number], to=to).status_code == 409


def test_two_agents_see_each_other_at_a_case(room, six, signed_in):
    mia, leo = signed_in(), signed_in(name="leo")
    path = f"/cases/{six[0].number}/looking"
    assert "leo" not in mia.post(path).text
    assert "mia" in leo.post(path, writing="true").text
    assert "is writing" in mia.post(path).text
    room.later(seconds=30)
    assert "leo" not in mia.post(path).text


def test_pages_come_compressed(six, signed_in):
    assert signed_in().get("/", **{"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
